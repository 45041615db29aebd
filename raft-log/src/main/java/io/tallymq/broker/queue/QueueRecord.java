package io.tallymq.broker.queue;

import io.tallymq.broker.lane.Common;
import io.tallymq.broker.lane.Priorities;
import io.tallymq.broker.lane.QueueCounters;
import io.tallymq.broker.message.ArgumentsCodec;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.PolicyInEffect;
import io.tallymq.broker.spec.QueueSpec;

/** What the store has of a queue that seldom changes: its name, how it was declared, whose it is, and which policies it goes by. */
public final class QueueRecord {
    private static final int POLICY = 1;
    /** As {@link Priorities} encodes itself. */
    private static final int PRIORITIES = 2;

    private QueueRecord() {}

    public static byte[] of(Queue q) {
        ByteWriter w = new ByteWriter(96);
        QueueSpec spec = q.spec();
        w.string(q.vhost())
                .string(q.name())
                .bool(spec.durable())
                .bool(spec.exclusive())
                .bool(spec.autoDelete());
        ArgumentsCodec.write(w, spec.arguments());
        w.bool(q.owner() != null);
        if (q.owner() != null) {
            w.string(q.owner().node()).int64(q.owner().number());
        }
        if (q.policy() != null) {
            TaggedFields.write(w, POLICY, q.policy().encode());
        }
        byte[] priorities = q.lanes().priorities().encode();
        if (priorities != null) {
            TaggedFields.write(w, PRIORITIES, priorities);
        }
        return w.toBytes();
    }

    public static Queue decode(long number, byte[] value, QueueCounters all, Common common, DeadLetters deadLetters) {
        ByteReader r = new ByteReader(value);
        String vhost = r.string();
        String name = r.string();
        QueueSpec spec = new QueueSpec(r.bool(), r.bool(), r.bool(), ArgumentsCodec.read(r));
        ConnectionId owner = r.bool() ? new ConnectionId(r.string(), r.int64()) : null;
        Priorities[] priorities = {Priorities.NONE};
        PolicyInEffect[] policy = {null};
        TaggedFields.readRecord(r, (tag, field) -> {
            switch (tag) {
                case POLICY -> policy[0] = PolicyInEffect.decode(field);
                case PRIORITIES -> priorities[0] = Priorities.decode(field);
                default -> {
                    return false;
                }
            }
            return true;
        });
        Queue q = new Queue(number, vhost, name, spec, owner, priorities[0], all, common, deadLetters);
        if (policy[0] != null) {
            q.restore(policy[0]);
        }
        return q;
    }
}
