package io.tallymq.broker.queue;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.view.BrokerView;

/** What happened in a queue since it was made, in messages; what happens is counted for all queues together, too. */
public final class QueueCounters {
    private long published;
    private long delivered;
    private long redelivered;
    private long acked;
    private long overflowed;
    /** Null for what is a sum itself. */
    private final QueueCounters all;

    /** @param all counts the same; null for nobody */
    QueueCounters(QueueCounters all) {
        this.all = all;
    }

    long acked() {
        return acked;
    }

    public void published(long messages) {
        published += messages;
        all.published += messages;
    }

    void delivered(long messages) {
        delivered += messages;
        all.delivered += messages;
    }

    void redelivered(long messages) {
        redelivered += messages;
        all.redelivered += messages;
    }

    void acked(long messages) {
        acked += messages;
        all.acked += messages;
    }

    /** They went because a limit left no room for them. */
    void overflowed(long messages) {
        overflowed += messages;
        all.overflowed += messages;
    }

    void add(QueueCounters o) {
        published += o.published;
        delivered += o.delivered;
        redelivered += o.redelivered;
        acked += o.acked;
        overflowed += o.overflowed;
    }

    public void encode(ByteWriter w) {
        w.int64(published).int64(delivered).int64(redelivered).int64(acked);
    }

    /** What {@link #encode} leaves out, as it is mostly nothing; null for nothing. For a tagged field behind the record. */
    public byte[] encodeMore() {
        return overflowed == 0 ? null : new ByteWriter(9).varint(overflowed).toBytes();
    }

    /** Takes up what {@link #encodeMore} gave. */
    public void decodeMore(ByteReader r) {
        long n = r.varint();
        overflowed += n;
        if (all != null) {
            all.overflowed += n;
        }
    }

    public void decode(ByteReader r) {
        published = r.int64();
        delivered = r.int64();
        redelivered = r.int64();
        acked = r.int64();
        if (all != null) {
            all.add(this);
        }
    }

    /** @param dropped messages that went to no queue */
    public BrokerView.Counters view(long dropped) {
        return new BrokerView.Counters(published, delivered, redelivered, acked, dropped, overflowed);
    }

    public void digest(StateDigest d) {
        d.add(published).add(delivered).add(redelivered).add(acked);
        if (overflowed != 0) { // else programs that do not know of it have the same digest
            d.add(overflowed);
        }
    }
}
