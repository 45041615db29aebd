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

    void add(QueueCounters o) {
        published += o.published;
        delivered += o.delivered;
        redelivered += o.redelivered;
        acked += o.acked;
    }

    public void encode(ByteWriter w) {
        w.int64(published).int64(delivered).int64(redelivered).int64(acked);
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
        return new BrokerView.Counters(published, delivered, redelivered, acked, dropped);
    }

    public void digest(StateDigest d) {
        d.add(published).add(delivered).add(redelivered).add(acked);
    }
}
