package io.tallymq.broker.lane;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.reports.Death;
import io.tallymq.broker.view.BrokerView;

/** What happened in a queue since it was made, in messages; what happens is counted for all queues together, too. */
public final class QueueCounters {
    private long published;
    private long delivered;
    private long redelivered;
    private long acked;
    private long overflowed;
    private long expired;
    private long rejected;
    private long failed;
    private long deadLettered;
    private long deadDropped;
    private long copiesLost;
    private long replaced;
    private long deliveredNoAck;
    private long got;
    private long gotNoAck;
    private long gotNothing;
    /** Assigned ahead and taken back, unsent: so many are not counted when they are assigned again, for what is told of must not fall. */
    private long unsent;
    /** Null for what is a sum itself. */
    private QueueCounters all;
    /** Of a queue that is deleted: what such queues had counted; else null. */
    private QueueCounters retired;

    /** @param all counts the same; null for nobody */
    public QueueCounters(QueueCounters all) {
        this.all = all;
    }

    /** The queue is deleted; what its last dead letters do still counts. What it had counted is in both sums. */
    public void retire(QueueCounters sum, QueueCounters sumOfRetired) {
        all = sum;
        retired = sumOfRetired;
    }

    public long published() {
        return published;
    }

    public long acked() {
        return acked;
    }

    public void published(long messages) {
        published += messages;
        all.published += messages;
    }

    public void delivered(long messages) {
        long again = Math.min(unsent, messages);
        unsent -= again;
        delivered += messages - again;
        all.delivered += messages - again;
    }

    /** Of what was {@link #delivered} to consumers who ack so many were sent to none, and are to be had again. */
    public void unsent(long messages) {
        unsent += messages;
    }

    /** Of what was {@link #delivered}: not to a consumer who acks. */
    public void deliveredOtherwise(boolean byGet, boolean noAck, long messages) {
        countWay(byGet, noAck, messages);
        all.countWay(byGet, noAck, messages);
    }

    private void countWay(boolean byGet, boolean noAck, long messages) {
        if (!byGet) {
            deliveredNoAck += messages;
        } else if (noAck) {
            gotNoAck += messages;
        } else {
            got += messages;
        }
    }

    /** There was nothing to get. */
    public void gotNothing() {
        gotNothing++;
        all.gotNothing++;
    }

    public void redelivered(long messages) {
        redelivered += messages;
        all.redelivered += messages;
    }

    public void acked(long messages) {
        acked += messages;
        all.acked += messages;
    }

    /** They left without having been consumed. */
    public void died(Death why, long messages) {
        count(why, messages);
        all.count(why, messages);
    }

    private void count(Death why, long messages) {
        switch (why) {
            case REJECTED -> rejected += messages;
            case EXPIRED -> expired += messages;
            case MAXLEN -> overflowed += messages;
            case DELIVERY_LIMIT -> failed += messages;
        }
    }

    /** Dead letters went on, or had nowhere to go. */
    public void deadLettered(long messages, long dropped) {
        count(messages, dropped);
        all.count(messages, dropped);
        if (retired != null) {
            retired.count(messages, dropped);
        }
    }

    private void count(long lettersThatWent, long dropped) {
        deadLettered += lettersThatWent;
        deadDropped += dropped;
    }

    /** Full queues did not get so many dead letters that others got. */
    public void copiesLost(long copies) {
        copiesLost += copies;
        all.copiesLost += copies;
        if (retired != null) {
            retired.copiesLost += copies;
        }
    }

    /** A newer message with the same value came in their place. */
    public void replaced(long messages) {
        replaced += messages;
        all.replaced += messages;
    }

    public void add(QueueCounters o) {
        published += o.published;
        delivered += o.delivered;
        redelivered += o.redelivered;
        acked += o.acked;
        overflowed += o.overflowed;
        replaced += o.replaced;
        addMore(o.expired, o.rejected, o.failed, o.deadLettered, o.deadDropped);
        addWays(o.deliveredNoAck, o.got, o.gotNoAck, o.gotNothing);
        copiesLost += o.copiesLost;
    }

    private void addWays(long moreNoAck, long moreGot, long moreGotNoAck, long moreNothing) {
        deliveredNoAck += moreNoAck;
        got += moreGot;
        gotNoAck += moreGotNoAck;
        gotNothing += moreNothing;
    }

    private boolean inSeveralWays() {
        return (deliveredNoAck | got | gotNoAck | gotNothing) != 0;
    }

    private void addMore(long moreExpired, long moreRejected, long moreFailed, long moreDead, long moreDropped) {
        expired += moreExpired;
        rejected += moreRejected;
        failed += moreFailed;
        deadLettered += moreDead;
        deadDropped += moreDropped;
    }

    private boolean someDied() {
        return (expired | rejected | failed | deadLettered | deadDropped) != 0;
    }

    public void encode(ByteWriter w) {
        w.int64(published).int64(delivered).int64(redelivered).int64(acked);
    }

    /** What {@link #encode} leaves out, as it is mostly nothing; null for nothing. For a tagged field behind the record. */
    public byte[] encodeMore() {
        boolean copies = copiesLost != 0 || unsent != 0;
        boolean ways = inSeveralWays() || copies;
        if (overflowed == 0 && replaced == 0 && !someDied() && !ways) {
            return null;
        }
        ByteWriter w = new ByteWriter(32).varint(overflowed);
        if (someDied() || replaced != 0 || ways) {
            w.varint(expired)
                    .varint(rejected)
                    .varint(failed)
                    .varint(deadLettered)
                    .varint(deadDropped);
        }
        if (replaced != 0 || ways) {
            w.varint(replaced);
        }
        if (ways) {
            w.varint(deliveredNoAck).varint(got).varint(gotNoAck).varint(gotNothing);
        }
        if (copies) {
            w.varint(copiesLost);
        }
        if (unsent != 0) {
            w.varint(unsent);
        }
        return w.toBytes();
    }

    /** Takes up what {@link #encodeMore} gave. */
    public void decodeMore(ByteReader r) {
        long n = r.varint();
        overflowed += n;
        if (all != null) {
            all.overflowed += n;
        }
        if (r.hasRemaining()) {
            addMore(r.varint(), r.varint(), r.varint(), r.varint(), r.varint());
            if (all != null) {
                all.addMore(expired, rejected, failed, deadLettered, deadDropped);
            }
        }
        if (r.hasRemaining()) {
            long more = r.varint();
            replaced += more;
            if (all != null) {
                all.replaced += more;
            }
        }
        if (r.hasRemaining()) {
            addWays(r.varint(), r.varint(), r.varint(), r.varint());
            if (all != null) {
                all.addWays(deliveredNoAck, got, gotNoAck, gotNothing);
            }
        }
        if (r.hasRemaining()) {
            long more = r.varint();
            copiesLost += more;
            if (all != null) {
                all.copiesLost += more;
            }
        }
        if (r.hasRemaining()) {
            unsent = r.varint();
        }
    }

    /** Passes over what {@link #decode} reads. */
    public static void pass(ByteReader r) {
        r.skip(4 * Long.BYTES);
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
        return new BrokerView.Counters(
                published,
                delivered,
                redelivered,
                acked,
                dropped,
                overflowed,
                replaced,
                new BrokerView.Deaths(expired, rejected, failed, deadLettered, deadDropped, copiesLost),
                new BrokerView.Ways(deliveredNoAck, got, gotNoAck, gotNothing));
    }

    public void digest(StateDigest d) {
        d.add(published).add(delivered).add(redelivered).add(acked);
        if (overflowed != 0) { // else programs that do not know of it have the same digest
            d.add(overflowed);
        }
        if (replaced != 0) {
            d.add(replaced);
        }
        if (someDied()) {
            d.add(expired).add(rejected).add(failed).add(deadLettered).add(deadDropped);
        }
        if (inSeveralWays()) {
            d.add(deliveredNoAck).add(got).add(gotNoAck).add(gotNothing);
        }
        if (copiesLost != 0) {
            d.add(copiesLost);
        }
        if (unsent != 0) {
            d.add(unsent);
        }
    }
}
