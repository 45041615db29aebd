package io.tallymq.raft.session;

import io.tallymq.broker.Session.PublishTarget;
import io.tallymq.broker.Session.Trace;
import io.tallymq.raft.trace.TraceShare;
import io.tallymq.raft.trace.TraceShare.Names;
import io.tallymq.raft.trace.TraceShare.Publish;
import java.util.ArrayList;
import java.util.List;

/** A message of this node's publishers that is traced, on its way. Once its batch is applied guarded by {@link Tracing}. */
final class TracedMessage {
    /** Names of queues that are kept. */
    private static final int MOST_QUEUES = 16;

    private final int ordinal;
    private final Mark mark;
    private final Names names;
    /** As {@link System#nanoTime}, and in microseconds since 1970. */
    private final long came;

    private final long cameAt;
    private final List<String> queues = new ArrayList<>();
    /** {@link TraceShare#UNKNOWN}: nobody tells of any. */
    private long moreQueues;

    private String outcome = "confirmed";
    private boolean held;
    private long sent;
    private long back;
    private long told = TraceShare.UNKNOWN;
    private long write = TraceShare.UNKNOWN;

    /**
     * It has come.
     *
     * @param came as {@link System#nanoTime}
     * @param cameAt the same in microseconds since 1970
     */
    TracedMessage(int ordinal, Mark mark, PublishTarget target, Trace trace, long came, long cameAt) {
        this.ordinal = ordinal;
        this.mark = mark;
        this.names = new Names(
                target.vhost(),
                target.exchange(),
                target.routingKey(),
                trace.messageId(),
                trace.correlationId(),
                trace.user());
        this.came = came;
        this.cameAt = cameAt;
    }

    /** Its body was uploaded in parts: what queues it goes to is not told. */
    TracedMessage uploaded() {
        moreQueues = TraceShare.UNKNOWN;
        return this;
    }

    int ordinal() {
        return ordinal;
    }

    Mark mark() {
        return mark;
    }

    /** Its batch, which was sent then, is back. */
    void back(long sentAt, long now) {
        sent = sentAt;
        back = now;
    }

    void reaches(String queue) {
        if (queues.size() < MOST_QUEUES) {
            queues.add(queue);
        } else {
            moreQueues++;
        }
    }

    void outcome(String what) {
        outcome = what;
    }

    void held() {
        held = true;
    }

    /** Who waits is told now. */
    void told(long now) {
        told = now;
    }

    /** Its confirm is given to the socket. */
    void written(long now) {
        write = told == TraceShare.UNKNOWN ? 0 : Math.max(0, now - told);
    }

    /** As far as is known. */
    Publish share() {
        return new Publish(
                names,
                cameAt,
                List.copyOf(queues),
                moreQueues,
                outcome,
                Math.max(0, sent - came),
                Math.max(0, back - sent),
                told == TraceShare.UNKNOWN ? TraceShare.UNKNOWN : Math.max(0, told - back),
                write,
                held);
    }
}
