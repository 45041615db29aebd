package io.tallymq.node.proof.history;

import java.util.List;
import java.util.function.Function;

/** A feature of the broker that has a load of its own, and who judges that load's history. */
public enum Feature {
    /** x-message-groups. */
    GROUPS(f -> List.of(
            new QueueJudge(f, Order.NONE),
            new Exclusion(f, Rule.GROUPHOLDERS, p -> p.note(HistoryEvent.Published.GROUP)),
            new GroupOrder(f))),
    /** x-single-active-consumer. */
    SINGLE(f -> List.of(
            new QueueJudge(f, Order.REAL_TIME), new Exclusion(f, Rule.SINGLEACTIVE, HistoryEvent.Published::queue))),
    /** x-consumer-timeout. */
    TIMEOUT(f ->
            List.of(new QueueJudge(f, Order.NONE, TimeoutJudge.TIMEOUT - TimeoutJudge.TOLERANCE), new TimeoutJudge(f))),
    /** x-message-deduplication. */
    DEDUP(f -> List.of(new QueueJudge(f, Order.NONE), new DuplicateJudge(f))),
    /** x-queue-type: stream. */
    STREAM(f -> List.of(new StreamJudge(f))),
    /** x-alter. */
    ALTER(f -> List.of(new QueueJudge(f, Order.PER_PUBLISHER))),
    /** x-delay and x-message-ttl. */
    TIME(f -> List.of(new QueueJudge(f, Order.NONE), new TimeJudge(f))),
    /** Class tx. */
    TX(f -> List.of(new QueueJudge(f, Order.NONE), new TxJudge(f))),
    /** x-delivery-limit and x-delivery-count. */
    COUNTS(f -> List.of(new QueueJudge(f, Order.NONE), new CountJudge(f, Feature.DELIVERY_LIMIT)));

    /** x-consumer-timeout of the load's queue. */
    public static final long CONSUMER_TIMEOUT_MILLIS = 8_000;

    /** x-delivery-limit of the load's queue. */
    public static final int DELIVERY_LIMIT = 3;

    private final Function<Findings, List<Judge>> judges;

    Feature(Function<Findings, List<Judge>> judges) {
        this.judges = judges;
    }

    List<Judge> judges(Findings findings) {
        return judges.apply(findings);
    }
}
