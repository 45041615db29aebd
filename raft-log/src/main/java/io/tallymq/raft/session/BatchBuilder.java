package io.tallymq.raft.session;

import io.tallymq.broker.Session.Content;
import io.tallymq.broker.Session.PublishTarget;
import io.tallymq.broker.Session.Staged;
import io.tallymq.broker.Session.Trace;
import io.tallymq.broker.command.CommandCodec;
import io.tallymq.broker.command.CommandKind;
import io.tallymq.broker.command.CommitTx;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.ProducedBy;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.raft.entry.BatchCodec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * The gathering batch of a node. Bytes are written once into an array that is used again for the next batch; sealing copies
 * them to an array of their exact size, since chunks in memory keep that one for long. Guarded by the {@link Outbox}.
 */
final class BatchBuilder {
    /** Most a route adds to the trailer beyond its characters: three lengths. */
    private static final int ROUTE_OVERHEAD = 15;
    /** Most a range of acks adds: two varints. */
    private static final int RANGE_BOUND = 20;
    /** Most an ack adds that is a command: kind, holder, outcome, one range. */
    private static final int ACK_BOUND = 40;
    /** Most a channel adds to the origins: two varints. */
    private static final int ORIGIN_BOUND = 15;
    /** Most a run of messages of one channel adds to the origins: two varints. */
    private static final int ORIGIN_RUN_BOUND = 6;
    /** CommandKind, length and first ordinal of a run of messages. */
    private static final int RUN_HEADER = 9;
    /** An array that grew beyond this for a large message is not kept. */
    private static final int KEEP = 2 << 20;

    private final byte[] nodeName;
    private ByteWriter out = new ByteWriter(64 << 10);
    private long serial;
    private long since;
    private int runAt;
    private int messages;
    private long unconfirmed;
    private int commands;
    /** Units of {@link BatchCodec#MAX_COMMANDS}. */
    private int work;

    private int trailerBound;
    private final Map<PublishTarget, Integer> routeNumbers = new HashMap<>();
    private final List<PublishTarget> routes = new ArrayList<>();
    /** Routes to exchanges that may not exist, by number. */
    private final BitSet refusable = new BitSet();

    private final Map<Long, AckRanges> acks = new HashMap<>();
    private final List<AckRanges> ackOrder = new ArrayList<>();
    private List<Mark> marks = new ArrayList<>();
    private PublishRuns runs = new PublishRuns();
    private List<PendingReply> replies = new ArrayList<>();
    private List<Batch.EndedUpload> uploads = List.of();
    private List<TracedMessage> traced = List.of();
    /** Null: nobody asks. */
    private Tracing tracing;

    BatchBuilder(String node) {
        this.nodeName = node.getBytes(StandardCharsets.UTF_8);
        begin();
    }

    private void begin() {
        serial++;
        if (out.array().length > KEEP) {
            out = new ByteWriter(64 << 10);
        }
        out.clear();
        BatchCodec.begin(out, nodeName);
        runAt = -1;
        messages = 0;
        unconfirmed = 0;
        commands = 0;
        work = 0;
        trailerBound = 0;
        since = 0;
        routeNumbers.clear();
        routes.clear();
        refusable.clear();
        acks.clear();
        ackOrder.clear();
        marks = new ArrayList<>();
        runs = new PublishRuns();
        replies = new ArrayList<>();
        uploads = List.of();
        traced = List.of();
    }

    /** Traces from now on what asks for it. */
    void trace(Tracing with) {
        tracing = with;
    }

    /** Grows with every batch; sessions keep their shortcuts per batch. */
    long serial() {
        return serial;
    }

    boolean isEmpty() {
        return messages == 0 && commands == 0 && ackOrder.isEmpty();
    }

    /** Upper bound of the batch's bytes. */
    int size() {
        return out.size() + trailerBound;
    }

    int messages() {
        return messages;
    }

    /** So many bytes were just put in that a session published. */
    void published(ClientSession session, int bytes) {
        unconfirmed += session.publishesUnconfirmed() ? bytes : 0;
    }

    /** Bytes of what was published without confirms, at most. */
    long unconfirmed() {
        return unconfirmed;
    }

    List<Mark> marks() {
        return marks;
    }

    PublishRuns runs() {
        return runs;
    }

    List<PendingReply> replies() {
        return replies;
    }

    List<Batch.EndedUpload> uploads() {
        return uploads;
    }

    List<TracedMessage> traced() {
        return traced;
    }

    long since() {
        return since;
    }

    /** Whether {@code bytes} and so much work more leave the batch within its limits; an empty one takes anything. */
    boolean fits(int bytes, int more, int hard) {
        return isEmpty()
                || size() + bytes <= hard
                        && messages < BatchCodec.MAX_MESSAGES
                        && work + more <= BatchCodec.MAX_COMMANDS;
    }

    /** Upper bound of what a message adds. */
    static int messageBound(PublishTarget t, Content content, int bodyLength) {
        return routeBound(t)
                + content.extension().length
                + content.properties().length
                + bodyLength
                + traceBound(content);
    }

    private static int traceBound(Content content) {
        return content.trace() == null ? 0 : BatchTraces.FIELD_BOUND + BatchTraces.BOUND;
    }

    /** Upper bound of what a message without content adds. */
    private static int routeBound(PublishTarget t) {
        int names = t.vhost().length() + t.exchange().length() + t.routingKey().length();
        return RUN_HEADER + ORIGIN_BOUND + ORIGIN_RUN_BOUND + MessageRecord.HEADER + 3 * names + ROUTE_OVERHEAD;
    }

    static int ackBound() {
        return ACK_BOUND;
    }

    void message(ClientSession session, int channel, long seq, PublishTarget target, Content content) {
        int bodyLength = content.bodyLength();
        int flags = target.flags();
        int before = out.size();
        int runBefore = runAt;
        try {
            record(session, target, flags, content, bodyLength);
            int at = out.reserve(bodyLength);
            content.copyBody(out.array(), at);
        } catch (RuntimeException e) {
            rollBack(before, runBefore);
            throw e;
        }
        mark(session, channel, seq);
        trace(session, channel, target, content.trace(), false);
    }

    /** The message just written may have asked for its times. */
    void trace(ClientSession session, int channel, PublishTarget target, Trace trace, boolean uploaded) {
        if (trace == null || tracing == null) {
            return; // mostly
        }
        TracedMessage m = tracing.begin(messages - 1, traced.size(), session.mark(serial, channel), target, trace);
        if (m == null) {
            return;
        }
        if (traced.isEmpty()) {
            traced = new ArrayList<>();
            trailerBound += BatchTraces.FIELD_BOUND;
        }
        traced.add(uploaded ? m.uploaded() : m);
        trailerBound += BatchTraces.BOUND;
    }

    /** A message whose body was uploaded in parts. */
    void uploadedMessage(ClientSession session, PublishTarget target, Content properties, long upload, long length) {
        int flags = MessageRecord.EXTERNAL_BODY | target.flags();
        int before = out.size();
        int runBefore = runAt;
        try {
            record(session, target, flags, properties, MessageRecord.EXTERNAL_LENGTH);
        } catch (RuntimeException e) {
            rollBack(before, runBefore);
            throw e;
        }
        out.int64(upload).int64(0).int64(length);
        if (uploads.isEmpty()) {
            uploads = new ArrayList<>();
        }
        uploads.add(new Batch.EndedUpload(session, upload));
    }

    /** A front end's bug must not leave half a message in a batch that other sessions share. */
    private void rollBack(int size, int run) {
        ByteWriter shorter = new ByteWriter(out.array().length);
        out = shorter.raw(out.array(), 0, size);
        runAt = run;
    }

    /** Writes all of a message's record but its body. */
    private void record(ClientSession s, PublishTarget target, int flags, Content content, int bodyLength) {
        if (runAt < 0) {
            runAt = out.size();
            out.uint8(CommandKind.PUBLISH.code()).int32(0).int32(messages);
        }
        int route = route(s, target);
        if (refusable.get(route)) {
            s.mayEndIn(serial);
        }
        byte[] extension = content.extension();
        boolean named = Extension.hasName(extension);
        byte[] properties = named ? ProducedBy.withoutEarlier(content.properties()) : content.properties();
        MessageRecord.writeHeader(out, flags, route, extension.length, properties.length, bodyLength);
        out.raw(extension, 0, extension.length).raw(properties, 0, properties.length);
        if (named) {
            ProducedBy.toCopy(out.array(), out.size() - properties.length, properties.length);
        }
    }

    /** Counts the message just written. */
    void mark(ClientSession session, int channel, long seq) {
        Mark m = session.mark(serial, channel);
        if (m == null) {
            m = new Mark(session, channel, marks.size());
            marks.add(m);
            trailerBound += ORIGIN_BOUND;
            session.mark(serial, channel, m);
        }
        m.lastSeq = seq;
        if (runs.add(messages++, m, seq)) {
            trailerBound += ORIGIN_RUN_BOUND;
        }
    }

    private int route(ClientSession session, PublishTarget target) {
        int known = session.route(serial, target);
        if (known >= 0) {
            return known;
        }
        Integer number = routeNumbers.get(target);
        if (number == null) {
            number = routes.size();
            routes.add(target);
            routeNumbers.put(target, number);
            refusable.set(number, target.mayBeRefused());
            trailerBound += routeBound(target);
        }
        session.route(serial, target, number);
        return number;
    }

    /**
     * Acks take effect before the batch's commands and messages, unless one of the session that is in the batch already may end the
     * ack's channel.
     */
    void ack(ClientSession session, long holder, long firstSeq, long lastSeq) {
        if (session.mayHaveEndedIn(serial)) {
            endRun();
            CommandCodec.write(out, "", new Settle(holder, Settle.Outcome.ACK, new long[] {firstSeq, lastSeq}));
            counted(1);
            return;
        }
        AckRanges ranges = session.acks(serial, holder);
        if (ranges == null) {
            ranges = acks.get(holder);
            if (ranges == null) {
                ranges = new AckRanges(holder);
                acks.put(holder, ranges);
                ackOrder.add(ranges);
                trailerBound += RANGE_BOUND;
            }
            session.acks(serial, ranges);
        }
        if (ranges.add(firstSeq, lastSeq)) {
            trailerBound += RANGE_BOUND;
            work++;
        }
    }

    /** Upper bound of what a transaction adds. */
    static int transactionBound(List<Settle> settles, List<Staged> publishes) {
        int bound = ORIGIN_BOUND;
        for (Settle s : settles) {
            bound += ACK_BOUND + RANGE_BOUND * (s.ranges().length / 2);
        }
        Set<PublishTarget> targets = new HashSet<>();
        for (Staged p : publishes) {
            Content c = p.content();
            int body = p.upload() == 0 ? c.bodyLength() : MessageRecord.EXTERNAL_LENGTH;
            bound += MessageRecord.HEADER + c.extension().length + c.properties().length + body + traceBound(c);
            bound += targets.add(p.target()) ? routeBound(p.target()) : 0;
        }
        return bound;
    }

    /** Appends a {@link CommitTx}: its publishes are a run of their own within it. */
    void transaction(ClientSession s, int channel, List<Settle> settles, List<Staged> publishes) {
        endRun();
        out.uint8(CommandKind.COMMIT_TX.code());
        CommitTx.writeHead(out, s.id().node(), s.id(), channel, settles);
        runAt = out.size();
        out.uint8(CommandKind.PUBLISH.code()).int32(0).int32(messages);
        for (Staged p : publishes) {
            if (p.upload() == 0) {
                message(s, channel, p.seq(), p.target(), p.content());
            } else {
                uploadedMessage(s, p.target(), p.content(), p.upload(), p.bodyLength());
                mark(s, channel, p.seq());
                trace(s, channel, p.target(), p.content().trace(), true);
            }
        }
        endRun();
        counted(work(settles));
    }

    /** Units of work of a transaction beside its publishes. */
    static int work(List<Settle> settles) {
        return 1 + settles.stream().mapToInt(Settle::units).sum();
    }

    /** Appends a command that {@link CommandCodec} wrote, of so many units of work. */
    void command(ByteWriter encoded, int units) {
        endRun();
        out.raw(encoded.array(), 0, encoded.size());
        counted(units);
    }

    /** A command was appended. */
    private void counted(int units) {
        commands++;
        work += units;
    }

    /** The reply to the command just appended is for a session. */
    void reply(ClientSession session, Consumer<Reply> onReply) {
        replies.add(new PendingReply(commands - 1, session, onReply, null));
    }

    /** The reply to the command just appended is for somebody without a session. */
    void reply(CompletableFuture<Reply> future) {
        replies.add(new PendingReply(commands - 1, null, null, future));
    }

    /** Appends a {@link io.tallymq.broker.command.BodyPart}. */
    void part(ConnectionId connection, long upload, Content part) {
        endRun();
        int before = out.size();
        int length = part.bodyLength();
        out.uint8(CommandKind.BODY_PART.code()).varint(0).varint(connection.number());
        out.varint(upload).int32(length);
        int at = out.reserve(length);
        try {
            part.copyBody(out.array(), at);
        } catch (RuntimeException e) {
            rollBack(before, -1);
            throw e;
        }
        TaggedFields.end(out);
        counted(1);
    }

    void since(long nanoTime) {
        since = nanoTime;
    }

    private void endRun() {
        if (runAt >= 0) {
            out.setInt32(runAt + 1, out.size() - runAt - RUN_HEADER);
            runAt = -1;
        }
    }

    /**
     * Ends the batch and begins the next one.
     *
     * @param patient all in it is of sessions that lose nothing by a moment's wait
     */
    Batch seal(long epoch, long seq, boolean patient) {
        endRun();
        int trailer = out.size();
        out.varint(ackOrder.size());
        for (AckRanges a : ackOrder) {
            long[] pairs = a.pairs();
            out.varint(a.holder());
            CommandCodec.writeRanges(out, pairs, a.size());
        }
        out.varint(routes.size());
        for (PublishTarget t : routes) {
            out.string(t.vhost()).string(t.exchange()).string(t.routingKey());
        }
        out.varint(marks.size());
        for (Mark m : marks) {
            out.varint(m.session.id().number()).varint(m.channel);
        }
        runs.write(out, messages);
        if (!traced.isEmpty()) {
            BatchTraces.write(out, traced);
        }
        BatchCodec.finish(out, epoch, seq, trailer);
        BatchCodec.hint(out, patient, work);
        Batch batch = new Batch(epoch, seq, Arrays.copyOf(out.array(), out.size()), this);
        begin();
        return batch;
    }

    /** Forgets what was gathered and returns who waits for replies. */
    List<PendingReply> discard() {
        List<PendingReply> waiting = replies;
        begin();
        return waiting;
    }
}
