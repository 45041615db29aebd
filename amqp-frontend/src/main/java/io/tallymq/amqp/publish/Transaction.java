package io.tallymq.amqp.publish;

import io.netty.buffer.ByteBuf;
import io.tallymq.amqp.channel.AmqpError;
import io.tallymq.amqp.channel.Confirms;
import io.tallymq.amqp.channel.ConnectionContext;
import io.tallymq.amqp.settle.StagedSettles;
import io.tallymq.amqp.wire.MethodId;
import io.tallymq.amqp.wire.ReplyCode;
import io.tallymq.broker.Broker;
import io.tallymq.broker.Session.Content;
import io.tallymq.broker.Session.PublishTarget;
import io.tallymq.broker.Session.Staged;
import io.tallymq.broker.Session.Trace;
import io.tallymq.broker.command.DropUpload;
import io.tallymq.broker.message.MessageRecord;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a channel published and settled since tx.select or the last commit (class tx, 90). It is one entry of the log at the commit, and
 * nothing before: bodies that are too much for one entry go ahead as uploads, which nobody sees. Event loop only.
 */
final class Transaction {
    /** Most bytes of the commit: what travels in one entry. */
    private static final int MOST_BYTES = Broker.PART_SIZE * 15 / 16;
    /** Most acks and the like: as many as of single messages it has room for. */
    private static final int MOST_SETTLES = MOST_BYTES / StagedSettles.RANGE;
    /** Memory for them is taken for so many at once. */
    private static final int SETTLES_AT_ONCE = 256;
    /** Most bytes of it with the bodies in it; later ones go ahead. */
    private static final int MOST_WITH_BODIES = Broker.PART_SIZE / 2;
    /** Most bodies that go ahead; the small ones among later ones travel in the entry all the same, see {@code StateLimits}. */
    private static final int MOST_AHEAD = 4_096;
    /** Most bytes of all bodies. */
    private static final long MOST_BODIES = 256L << 20;
    /** What a message costs beside its bytes, and where one goes beside its names. */
    private static final int OVERHEAD = MessageRecord.HEADER + 8;

    private static final int ROUTE = 64;
    /** What memory holds of a message and of where one goes, beside their bytes. */
    private static final int MEMORY = 256;

    private static final int ROUTE_MEMORY = 192;

    private record Publish(PublishTarget target, Content content, long upload, long bodyLength) {}

    private record Body(byte[] properties, byte[] extension, byte[] body, Trace trace) implements Content {
        @Override
        public int bodyLength() {
            return body.length;
        }

        @Override
        public void copyBody(byte[] to, int offset) {
            System.arraycopy(body, 0, to, offset, body.length);
        }
    }

    private final ConnectionContext connection;
    private final PublishContext publishing;
    private final StagedSettles settles;
    private final PublishContent part = new PublishContent();
    private final List<Publish> publishes = new ArrayList<>();
    private final Set<String> exchanges = new TreeSet<>();
    private final Set<PublishTarget> targets = new HashSet<>();
    private long bytes;
    private long bodies;
    /** How many bodies went ahead. */
    private int ahead;
    /** A message wants all members of the cluster to have it. */
    private boolean confirmsByAll;
    /** Bytes of memory for what is not complete, see {@link PublishBudget}. */
    private int taken;
    /** Acks and the like that it is taken for. */
    private int settlesTaken;

    Transaction(ConnectionContext connection, PublishContext publishing, StagedSettles settles) {
        this.connection = connection;
        this.publishing = publishing;
        this.settles = settles;
    }

    int publishes() {
        return publishes.size();
    }

    boolean confirmsByAll() {
        return confirmsByAll;
    }

    StagedSettles settles() {
        return settles;
    }

    /** Whether the exchange is named for the first time since the last commit: then it is worth asking whether it is there. */
    boolean isNew(String exchange) {
        return exchanges.add(exchange);
    }

    /** A publish whose body is at hand. */
    AmqpError publish(PublishTarget target, PropertyRules properties, ByteBuf body, int length) {
        confirmsByAll |= properties.confirmsByAll();
        boolean fits = bytes + cost(properties) + length <= MOST_WITH_BODIES;
        // What stands for a body that goes ahead is as long as a small one.
        if (!fits && length > MessageRecord.EXTERNAL_LENGTH && ahead < MOST_AHEAD) {
            ahead++;
            long upload = connection.session().uploadPart(0, part.ofPart(body.slice(body.readerIndex(), length)));
            part.clear();
            return publishUpload(target, properties, upload, length);
        }
        byte[] copy = new byte[length];
        body.getBytes(body.readerIndex(), copy);
        return add(new Publish(target, content(properties, copy), 0, length), cost(properties) + length);
    }

    /** A publish whose body came in parts. */
    AmqpError publishUpload(PublishTarget target, PropertyRules properties, long upload, long bodyLength) {
        confirmsByAll |= properties.confirmsByAll();
        long cost = cost(properties) + MessageRecord.EXTERNAL_LENGTH;
        return add(new Publish(target, content(properties, Content.NO_OCTETS), upload, bodyLength), cost);
    }

    private static Content content(PropertyRules properties, byte[] body) {
        return new Body(properties.kept(), properties.extension(), body, properties.trace());
    }

    private static long cost(PropertyRules properties) {
        return OVERHEAD + (long) properties.kept().length + properties.extension().length;
    }

    /** An ack or the like: it stands in {@link #settles}. Told at once when it is one too many, for nothing else bounds what they take. */
    AmqpError settled(MethodId method) {
        publishing.share().gained();
        AmqpError tooLarge = isTooLarge(method);
        if (tooLarge != null || settles.size() < settlesTaken + SETTLES_AT_ONCE) {
            return tooLarge;
        }
        settlesTaken += SETTLES_AT_ONCE;
        return take(SETTLES_AT_ONCE * StagedSettles.MEMORY);
    }

    private AmqpError add(Publish p, long cost) {
        publishing.share().gained((int) cost);
        publishes.add(p);
        bytes += cost;
        long memory = cost + MEMORY;
        if (targets.add(p.target)) {
            PublishTarget t = p.target;
            int names =
                    t.vhost().length() + t.exchange().length() + t.routingKey().length();
            bytes += ROUTE + 3L * names;
            memory += ROUTE_MEMORY + 2L * names;
        }
        bodies += p.bodyLength;
        AmqpError tooLarge = isTooLarge(MethodId.BASIC_PUBLISH);
        return tooLarge != null ? tooLarge : take((int) memory);
    }

    private AmqpError take(int memory) {
        AmqpError noMemory = publishing.share().take(memory);
        taken += noMemory == null ? memory : 0;
        return noMemory;
    }

    private AmqpError isTooLarge(MethodId method) {
        if (bytes + settles.bytes() <= MOST_BYTES && bodies <= MOST_BODIES && settles.size() <= MOST_SETTLES) {
            return null;
        }
        String most = bodies > MOST_BODIES
                ? MOST_BODIES + " bytes of bodies"
                : settles.size() > MOST_SETTLES ? MOST_SETTLES + " acks" : MOST_BYTES + " bytes beside its bodies";
        return AmqpError.of(
                ReplyCode.PRECONDITION_FAILED,
                "transaction too large, it has more than " + most + ": commit more often",
                method);
    }

    /** What was published, with the channel's next numbers. */
    List<Staged> staged(Confirms numbers) {
        List<Staged> staged = new ArrayList<>(publishes.size());
        for (Publish p : publishes) {
            staged.add(new Staged(numbers.next(), p.target, p.content, p.upload, p.bodyLength));
        }
        return staged;
    }

    /** Null when the commit is within its limits. */
    AmqpError check() {
        return isTooLarge(MethodId.TX_COMMIT);
    }

    /** The next transaction begins. */
    void clear() {
        confirmsByAll = false;
        publishes.clear();
        exchanges.clear();
        targets.clear();
        bytes = 0;
        bodies = 0;
        ahead = 0;
        settles.clear();
        publishing.share().give(taken);
        taken = 0;
        settlesTaken = 0;
    }

    /** tx.rollback, or the channel's end: nothing of it happens. */
    void rollback() {
        for (Publish p : publishes) {
            if (p.upload != 0) {
                connection.submit(new DropUpload(connection.session().id(), p.upload));
            }
        }
        clear();
    }
}
