package io.tallymq.node.proof.history;

import io.tallymq.node.proof.history.HistoryEvent.Published;
import io.tallymq.node.proof.history.choice.FilterJudge;
import io.tallymq.node.proof.history.choice.OutcomeJudge;
import io.tallymq.node.proof.history.choice.PriorityJudge;
import io.tallymq.node.proof.history.choice.RetryJudge;
import io.tallymq.node.proof.history.choice.ScheduleJudge;
import io.tallymq.node.proof.history.choice.ValueJudge;
import java.util.List;

/** A feature of the broker that has a load of its own, and who judges that load's history. */
public enum Feature {
    /** Several queues: bindings, exchanges behind exchanges, alternate exchanges, CC and BCC, x-min-queues. */
    ROUTES,
    /** x-message-groups. */
    GROUPS,
    /** x-single-active-consumer. */
    SINGLE,
    /** x-consumer-timeout. */
    TIMEOUT,
    /** x-message-deduplication. */
    DEDUP,
    /** x-producer-id and x-publish-seq. */
    NAMES,
    /** Receipts, and what makes them final: void, and another one in a producer's place. */
    RECEIPTS,
    /** dedup-id: ids that an exchange remembers, their receipts and voids. */
    IDS,
    /** The same with a dedup-window of seconds. */
    WINDOWS,
    /** Producers that are forgotten after seconds: with nodes that are made so. */
    RETENTION,
    /** x-report. */
    REPORTS,
    /** x-confirm: all. */
    COPIES,
    /** x-queue-type: stream. */
    STREAM,
    /** x-alter. */
    ALTER,
    /** x-delay and x-message-ttl. */
    TIME,
    /** Class tx. */
    TX,
    /** x-delivery-limit and x-delivery-count. */
    COUNTS,
    /** x-max-length, and x-overflow. */
    LIMITS,
    /** x-max-priority, and the levels of quorum queues. */
    PRIORITIES,
    /** x-delayed-retry. */
    RETRY,
    /** x-last-value. */
    VALUES,
    /** x-schedule-id: what takes a place, and what calls off. */
    SCHEDULES,
    /** x-filter. */
    FILTERS,
    /** amq.settle, and tokens. */
    OUTCOMES;

    /** dedup-window of the load's exchange. */
    public static final long WINDOW_MILLIS = 5_000;
    /** After which the nodes of {@link #RETENTION} forget a producer. */
    public static final long RETENTION_MILLIS = 8_000;
    /** x-consumer-timeout of the load's queue. */
    public static final long CONSUMER_TIMEOUT_MILLIS = 8_000;
    /** x-delivery-limit of the load's queue. */
    public static final int DELIVERY_LIMIT = 3;
    /** x-delayed-retry-min and -max of the load's queue. */
    public static final long RETRY_MIN_MILLIS = 1_500;

    public static final long RETRY_MAX_MILLIS = 4_000;

    List<Judge> judges(Findings f) {
        return switch (this) {
            case ROUTES -> List.of(new EachQueue(f), new RoutesJudge(f));
            case GROUPS ->
                List.of(
                        new QueueJudge(f, Order.NONE),
                        new Exclusion(f, Rule.GROUPHOLDERS, p -> p.note(Published.GROUP)),
                        new GroupOrder(f));
            case SINGLE ->
                List.of(new QueueJudge(f, Order.REAL_TIME), new Exclusion(f, Rule.SINGLEACTIVE, Published::queue));
            case TIMEOUT ->
                List.of(
                        new QueueJudge(f, Order.NONE, TimeoutJudge.TIMEOUT - TimeoutJudge.TOLERANCE),
                        new TimeoutJudge(f));
            case DEDUP, NAMES -> List.of(new QueueJudge(f, Order.NONE), new DuplicateJudge(f));
            case RECEIPTS ->
                List.of(
                        new EachQueue(f),
                        new DuplicateJudge(f),
                        new ReceiptJudge(f, ReceiptJudge.WINDOW),
                        new FenceJudge(f));
            case IDS ->
                List.of(new EachQueue(f), new DuplicateJudge(f), new ReceiptJudge(f, ReceiptJudge.NOTHING_FORGOTTEN));
            case WINDOWS -> List.of(new EachQueue(f), new WindowJudge(f, Memory.ofIds(WINDOW_MILLIS)));
            case RETENTION -> List.of(new EachQueue(f), new WindowJudge(f, Memory.ofProducers(RETENTION_MILLIS)));
            case REPORTS -> List.of(new ThatArrive(new QueueJudge(f, Order.NONE)), new ReportJudge(f));
            case COPIES -> List.of(new QueueJudge(f, Order.NONE), new CopiesJudge(f));
            case STREAM -> List.of(new StreamJudge(f));
            case ALTER -> List.of(new QueueJudge(f, Order.PER_PUBLISHER));
            case TIME -> List.of(new QueueJudge(f, Order.NONE), new TimeJudge(f));
            case TX -> List.of(new QueueJudge(f, Order.NONE), new TxJudge(f));
            case COUNTS -> List.of(new QueueJudge(f, Order.NONE), new CountJudge(f, DELIVERY_LIMIT));
            case LIMITS -> List.of(new QueueJudge(f, Order.NONE));
            case PRIORITIES -> List.of(new QueueJudge(f, Order.NONE), new PriorityJudge(f));
            case RETRY ->
                List.of(
                        new QueueJudge(f, Order.NONE),
                        new CountJudge(f, DELIVERY_LIMIT),
                        new RetryJudge(f, RETRY_MIN_MILLIS, RETRY_MAX_MILLIS));
            case VALUES -> List.of(new QueueJudge(f, (id, came) -> true), new ValueJudge(f));
            case SCHEDULES -> {
                ScheduleJudge schedules = new ScheduleJudge(f);
                yield List.of(new ThatArrive(new QueueJudge(f, schedules)), new TimeJudge(f), schedules);
            }
            case FILTERS -> List.of(new QueueJudge(f, Order.NONE), new TimeJudge(f), new FilterJudge(f));
            case OUTCOMES -> List.of(new QueueJudge(f, Order.NONE), new OutcomeJudge(f));
        };
    }
}
