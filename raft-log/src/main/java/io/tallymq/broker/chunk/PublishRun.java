package io.tallymq.broker.chunk;

import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.Extensions;
import io.tallymq.broker.message.HeaderTexts;
import io.tallymq.broker.message.MessageHeaders;
import io.tallymq.broker.message.MessageProperties;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Records;
import io.tallymq.broker.message.ReportEvent;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.store.ChunkCodec;
import io.tallymq.broker.store.MessageStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The messages of one {@link Publish}, by their places in it. */
public final class PublishRun {
    /** Bytes of properties in which a header is looked for in a unit of work. */
    public static final int READ_PER_LOOK = 512;

    private final Publish command;
    private final Records records;
    private final Route[] table;
    /** Body bytes of all messages before this one; a body in parts counts nothing. One more than there are messages. */
    private final int[] bodiesBefore;
    /** How many of the messages up to this one have a body of another length than the one before; null when none has. */
    private final int[] changes;
    /** After how many milliseconds each message expires, -1: never; null when none does. */
    private long[] expirations;
    /** Which routes were seen, and in which search. */
    private final int[] seen;

    private int searches;
    /** Whether any of the messages has a name. */
    private boolean names;
    /** Whether somebody is to be told of any of the messages. */
    private boolean reports;
    /** Whether any of the messages asks how long its queues are. */
    private boolean lengths;

    private long looks;
    /** Null as long as nobody asks for a header. */
    private HeaderTexts headers;
    /** Of the messages that have one; null when none has. */
    private Extension[] extensions;

    public PublishRun(Publish p, long time) {
        command = p;
        table = p.routes().toArray(new Route[0]);
        seen = new int[table.length];
        byte[] bytes = p.bytes();
        int n = 0;
        for (int at = p.offset(); at < p.end(); at += MessageRecord.length(bytes, at)) {
            n++;
        }
        int[] offsets = new int[n];
        bodiesBefore = new int[n + 1];
        int at = p.offset();
        Extensions read = new Extensions(bytes);
        for (int i = 0; i < n; i++) {
            offsets[i] = at;
            int body = MessageRecord.isExternal(bytes, at) ? 0 : MessageRecord.inlineLength(bytes, at);
            bodiesBefore[i + 1] = bodiesBefore[i] + body;
            if (MessageRecord.extensionLength(bytes, at) > 0) {
                Extension more = read.of(at);
                extensions = extensions == null ? new Extension[n] : extensions;
                extensions[i] = more;
                expires(i, n, more.expiration());
                names |= more.terms().hasName();
                reports |= more.terms().reports() != 0;
                lengths |= more.terms().below() >= 0;
            }
            at += MessageRecord.length(bytes, at);
        }
        records = new Records(bytes, offsets, table, time);
        changes = changes(n);
    }

    /** Whether any of the messages has a name. */
    public boolean hasNames() {
        return names;
    }

    /** Whether any of the messages is to come only if its queues are short. */
    public boolean asksForLengths() {
        return lengths;
    }

    /** Whether somebody is to be told of any of the messages. */
    public boolean hasReports() {
        return reports;
    }

    /** Whether somebody is to be told when one of the messages [from, to) leaves its queue. */
    public boolean tellsOfLeaving(int from, int to) {
        for (int i = from; reports && i < to; i++) {
            if (ReportEvent.haveLeaving(extension(i).terms().reports())) {
                return true;
            }
        }
        return false;
    }

    /** What message i has beside its properties. */
    public Extension extension(int i) {
        return extensions == null || extensions[i] == null ? Extension.NONE : extensions[i];
    }

    private void expires(int i, int n, long expiration) {
        if (expiration == Lifetimes.NEVER) {
            return;
        }
        if (expirations == null) {
            expirations = new long[n];
            Arrays.fill(expirations, Lifetimes.NEVER);
        }
        expirations[i] = expiration;
    }

    /**
     * Notes when messages [from, to) expire in a queue with this time to live (-1: none).
     *
     * @param own whether what they say themselves counts
     */
    public void times(int from, int to, long timeToLive, boolean own, Lifetimes into) {
        long time = records.publishedAt();
        if (expirations == null || !own) {
            into.add(time, timeToLive);
            return;
        }
        for (int i = from; i < to; i++) {
            into.add(time, Lifetimes.shorter(expirations[i], timeToLive));
        }
    }

    private int[] changes(int n) {
        int[] found = null;
        for (int i = 1; i < n; i++) {
            boolean other = bodies(i, i + 1) != bodies(i - 1, i);
            if (found == null && other) {
                found = new int[n];
            }
            if (found != null) {
                found[i] = found[i - 1] + (other ? 1 : 0);
            }
        }
        return found;
    }

    /** Whether the bodies of messages [from, to) differ in length. At least one. */
    boolean differ(int from, int to) {
        return changes != null && changes[to - 1] != changes[from];
    }

    public boolean isOf(Publish p) {
        return command == p;
    }

    Records records() {
        return records;
    }

    public int count() {
        return records.count();
    }

    public byte[] bytes() {
        return records.bytes();
    }

    /** Where message i begins, or where the run ends. */
    public int at(int i) {
        return i == records.count() ? command.end() : records.at(i);
    }

    /** The number of message i within its batch. */
    public int ordinal(int i) {
        return command.first() + i;
    }

    public Origins origins() {
        return command.origins();
    }

    /** What message i says of its priority, -1 for nothing. */
    public int priority(int i) {
        byte[] bytes = records.bytes();
        int at = records.at(i);
        return MessageProperties.priority(
                bytes, MessageRecord.propertiesOffset(bytes, at), MessageRecord.propertiesLength(bytes, at));
    }

    /** What message i has in a header, see {@link MessageHeaders#text}. Who asks for the same again gets the same text. */
    public String header(int i, String name) {
        headers = headers == null ? new HeaderTexts() : headers;
        byte[] bytes = records.bytes();
        int at = records.at(i);
        return headers.of(bytes, MessageRecord.propertiesOffset(bytes, at), propertiesLength(i), name);
    }

    public int propertiesLength(int i) {
        return MessageRecord.propertiesLength(records.bytes(), records.at(i));
    }

    /** Somebody looks at a message, which takes so many units of work. */
    public void looks(int units) {
        looks += units;
    }

    /** Units since this was asked last: of {@link #looks}, and what was read for {@link #header}. */
    public long takeLooks() {
        long units = looks + (headers == null ? 0 : headers.takeRead() / READ_PER_LOOK);
        looks = 0;
        return units;
    }

    public int route(int i) {
        return MessageRecord.route(records.bytes(), records.at(i));
    }

    public Route[] table() {
        return table;
    }

    /** Body bytes of messages [from, to). */
    long bodies(int from, int to) {
        return bodiesBefore[to] - bodiesBefore[from];
    }

    /** The records of messages [from, to). */
    MessageStore.Slice slice(int from, int to) {
        return new MessageStore.Slice(records.bytes(), at(from), at(to) - at(from));
    }

    /** The routes of some messages, each once, in the order of their first use. One search at a time. */
    RoutesUsed routesUsed() {
        searches++;
        return new RoutesUsed();
    }

    final class RoutesUsed {
        private final List<ChunkCodec.NumberedRoute> found = new ArrayList<>(1);

        void add(int from, int to) {
            for (int i = from; i < to; i++) {
                int number = route(i);
                if (seen[number] != searches) {
                    seen[number] = searches;
                    found.add(new ChunkCodec.NumberedRoute(number, table[number]));
                }
            }
        }

        List<ChunkCodec.NumberedRoute> found() {
            return found;
        }
    }
}
