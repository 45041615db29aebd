package io.tallymq.broker;

/** What happened in a queue since it was made, in messages. */
final class QueueCounters {
    long published;
    long delivered;
    long redelivered;
    long acked;

    void add(QueueCounters o) {
        published += o.published;
        delivered += o.delivered;
        redelivered += o.redelivered;
        acked += o.acked;
    }

    void encode(ByteWriter w) {
        w.int64(published).int64(delivered).int64(redelivered).int64(acked);
    }

    void decode(ByteReader r) {
        published = r.int64();
        delivered = r.int64();
        redelivered = r.int64();
        acked = r.int64();
    }

    BrokerView.Counters view() {
        return new BrokerView.Counters(published, delivered, redelivered, acked, 0, 0);
    }

    void digest(StateDigest d) {
        d.add(published).add(delivered).add(redelivered).add(acked);
    }
}
