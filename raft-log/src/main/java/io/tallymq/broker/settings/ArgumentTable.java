package io.tallymq.broker.settings;

import static io.tallymq.broker.settings.ArgumentRow.Owner.CLASSIC_QUEUE;
import static io.tallymq.broker.settings.ArgumentRow.Owner.CONSUMER;
import static io.tallymq.broker.settings.ArgumentRow.Owner.EXCHANGE;
import static io.tallymq.broker.settings.ArgumentRow.Owner.EXCHANGE_TYPE;
import static io.tallymq.broker.settings.ArgumentRow.Owner.QUORUM_QUEUE;
import static io.tallymq.broker.settings.ArgumentRow.Owner.STREAM_QUEUE;

import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.MessageProperties;
import io.tallymq.broker.settings.ArgumentRow.Owner;
import io.tallymq.broker.settings.ArgumentRow.Values;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * All arguments of declares and consumes that the broker knows, and types of exchanges it does not have. Those that act are read where
 * they act, a queue's by way of {@link QueueSettings}. A hint is accepted, its values are checked, and it means nothing, because there is
 * nothing to choose: everything is on disk, every node has every queue, memory does not grow with a queue, a change of leader is
 * invisible to consumers. Arguments that do not stand here are accepted: nobody knows them.
 */
public final class ArgumentTable {
    public static final String QUEUE_TYPE = "x-queue-type";
    public static final String MAX_LENGTH = "x-max-length";
    public static final String MAX_LENGTH_BYTES = "x-max-length-bytes";
    public static final String OVERFLOW = "x-overflow";
    public static final String SINGLE_ACTIVE_CONSUMER = "x-single-active-consumer";
    public static final String MESSAGE_TTL = "x-message-ttl";
    public static final String EXPIRES = "x-expires";
    public static final String DEAD_LETTER_EXCHANGE = "x-dead-letter-exchange";

    public static final String DEAD_LETTER_ROUTING_KEY = "x-dead-letter-routing-key";
    public static final String DEAD_LETTER_STRATEGY = "x-dead-letter-strategy";
    public static final String DELIVERY_LIMIT = "x-delivery-limit";
    public static final String MAX_PRIORITY = "x-max-priority";
    public static final String DELAYED_RETRY_TYPE = "x-delayed-retry-type";
    public static final String DELAYED_RETRY_MIN = "x-delayed-retry-min";
    public static final String DELAYED_RETRY_MAX = "x-delayed-retry-max";
    public static final String CONSUMER_TIMEOUT = "x-consumer-timeout";
    public static final String DEDUPLICATION = "x-message-deduplication";
    public static final String DEDUPLICATION_HEADER = "x-deduplication-header";
    public static final String CACHE_SIZE = "x-cache-size";
    public static final String CACHE_TTL = "x-cache-ttl";
    public static final String CACHE_PERSISTENCE = "x-cache-persistence";
    public static final String CONFIRM = "x-confirm";
    public static final String RECEIPTS = "x-receipts";
    /** Of a declare alone: a queue does not keep it. */
    public static final String ALTER = "x-alter";

    public static final String HISTORY_LENGTH = "x-recent-history-length";
    public static final String MAX_AGE = "x-max-age";
    public static final String STREAM_OFFSET = "x-stream-offset";
    public static final String STREAM_FILTER = "x-stream-filter";
    /** As LavinMQ names it. */
    public static final String STREAM_TRACKING = "x-stream-automatic-offset-tracking";

    public static final String STREAM_UNFILTERED = "x-stream-match-unfiltered";
    public static final String MESSAGE_GROUPS = "x-message-groups";
    public static final String GROUP_BY = "x-group-by";
    public static final String LAST_VALUE = "x-last-value";
    public static final String FAIR_BY = "x-fair-by";
    /** How values begin that name a header. */
    static final String HEADER = "header:";

    public static final String MIN_QUEUES = "x-min-queues";
    public static final String FILTER = "x-filter";
    public static final String CONSUMER_PRIORITY = "x-priority";
    public static final String ALTERNATE_EXCHANGE = "alternate-exchange";
    /** As LavinMQ's clients write it. */
    public static final String X_ALTERNATE_EXCHANGE = "x-alternate-exchange";

    public static final String HASH_HEADER = "hash-header";
    /** LavinMQ's for the same. */
    public static final String HASH_ON = "x-hash-on";
    /** LavinMQ's. */
    public static final String HASH_ALGORITHM = "x-algorithm";

    public static final String NAME_PREFIX = "x-name-prefix";

    /** Arguments that name an exchange to which messages go on: who declares them reads here and writes there. */
    public static final List<String> GO_ON = List.of(ALTERNATE_EXCHANGE, X_ALTERNATE_EXCHANGE, DEAD_LETTER_EXCHANGE);

    private static final String HINT = "accepted; there is nothing to choose";
    private static final List<Owner> QUEUES = List.of(CLASSIC_QUEUE, QUORUM_QUEUE);
    private static final List<Owner> ALL_QUEUES = List.of(CLASSIC_QUEUE, QUORUM_QUEUE, STREAM_QUEUE);
    private static final List<Owner> STREAM = List.of(STREAM_QUEUE);
    private static final List<Owner> CLASSIC = List.of(CLASSIC_QUEUE);
    private static final List<Owner> QUORUM = List.of(QUORUM_QUEUE);
    private static final List<Owner> CONSUMERS = List.of(CONSUMER);
    private static final List<Owner> EXCHANGES = List.of(EXCHANGE);
    private static final List<Owner> TYPES = List.of(EXCHANGE_TYPE);
    private static final List<Owner> QUEUES_AND_EXCHANGES = List.of(CLASSIC_QUEUE, QUORUM_QUEUE, EXCHANGE);

    private static final Values SIZE = Values.integer(1, Long.MAX_VALUE);
    /** What RabbitMQ takes: ten years. */
    private static final long MOST_MILLIS = MessageProperties.MOST_EXPIRATION;
    /** The level of the state from which on; before, what fits an unsigned number of 32 bits was. */
    public static final int LONG_TIMES = 5;

    private static final long MOST_SHORT = 0xffffffffL;

    private static final List<String> TIMES =
            List.of(MESSAGE_TTL, EXPIRES, DELAYED_RETRY_MIN, DELAYED_RETRY_MAX, CONSUMER_TIMEOUT, CACHE_TTL);

    /** RabbitMQ's: bytes. */
    private static final int MOST_PREFIX = 64;

    /** Of one exchange or queue. */
    private static final int MOST_CACHED = 100_000;

    /** What fits the property, and a lane each. */
    private static final int MOST_PRIORITY = 255;

    private static final Values COUNT = Values.integer(0, Long.MAX_VALUE);

    private static final List<ArgumentRow> ROWS = List.of(
            acts(
                    QUEUE_TYPE,
                    ALL_QUEUES,
                    Values.words("classic", "quorum", "stream"),
                    "which arguments it takes, whether deliveries tell how often they failed, whether messages stay"),
            hint("x-queue-mode", CLASSIC, Values.words("default", "lazy")),
            hint("x-queue-version", CLASSIC, Values.integer(1, 2)),
            hint("x-queue-master-locator", CLASSIC, Values.words("client-local", "min-masters", "random")),
            hint(
                    "x-queue-leader-locator",
                    ALL_QUEUES,
                    Values.words("client-local", "balanced", "least-leaders", "random")),
            hint("x-quorum-initial-group-size", QUORUM, SIZE),
            hint("x-quorum-target-group-size", QUORUM, SIZE),
            hint("x-max-in-memory-length", QUORUM, COUNT),
            hint("x-max-in-memory-bytes", QUORUM, COUNT),
            acts(
                    MESSAGE_TTL,
                    QUEUES,
                    Values.integer(0, MOST_MILLIS),
                    "milliseconds that messages live; the property expiration can make it less"),
            acts(
                    EXPIRES,
                    QUEUES,
                    Values.integer(1, MOST_MILLIS),
                    "milliseconds without consumers, basic.get and declares after which it is deleted; outages of more than 10 s begin it anew"),
            acts(
                    MAX_LENGTH,
                    ALL_QUEUES,
                    COUNT,
                    "most messages that are to be had; what consumers were assigned does not count"),
            acts(MAX_LENGTH_BYTES, ALL_QUEUES, COUNT, "most bytes of their bodies"),
            acts(
                    OVERFLOW,
                    CLASSIC,
                    Values.words("drop-head", "reject-publish", "reject-publish-dlx"),
                    "whether the oldest make room, or publishes are refused (nack)"),
            acts(
                    OVERFLOW,
                    QUORUM,
                    Values.words("drop-head", "reject-publish"),
                    "whether the oldest make room, or publishes are refused (nack)"),
            acts(
                    DEAD_LETTER_EXCHANGE,
                    QUEUES,
                    Values.TEXT,
                    "where messages go that were rejected, expired, had no room or failed too often"),
            acts(DEAD_LETTER_ROUTING_KEY, QUEUES, Values.TEXT, "their routing key then; without it they keep theirs"),
            acts(
                    DEAD_LETTER_STRATEGY,
                    QUORUM,
                    Values.words("at-most-once", "at-least-once"),
                    "whether they are dropped or wait while no queue takes them"
                            + "; behind 10,000 that wait nothing is delivered, or where the oldest make room the oldest of these go"),
            new ArgumentRow(
                    DELIVERY_LIMIT,
                    QUORUM,
                    Values.integer(-1, Long.MAX_VALUE),
                    "failed deliveries that a message survives; 20 with a dead letter exchange, else none",
                    null,
                    -1L),
            new ArgumentRow(
                    DELAYED_RETRY_TYPE,
                    QUORUM,
                    Values.words("disabled", "all", "failed", "returned"),
                    "which messages rest before they come again: those of failed attempts, those of basic.nack",
                    null,
                    "disabled"),
            acts(
                    DELAYED_RETRY_MIN,
                    QUORUM,
                    Values.integer(0, MOST_MILLIS),
                    "milliseconds, times the number of attempts; 1,000 without it"),
            acts(
                    DELAYED_RETRY_MAX,
                    QUORUM,
                    Values.integer(0, MOST_MILLIS),
                    "the longest rest in milliseconds; an hour without it"),
            acts(
                    MAX_PRIORITY,
                    CLASSIC,
                    Values.integer(0, MOST_PRIORITY),
                    "highest priority of messages that counts: who has more is given first; 0: there are none"),
            acts(
                    SINGLE_ACTIVE_CONSUMER,
                    QUEUES,
                    Values.BOOL,
                    "one consumer is given messages; the next when that one has gone, or yields to a higher priority, and holds nothing"),
            acts(
                    CONSUMER_TIMEOUT,
                    QUEUES,
                    Values.integer(0, MOST_MILLIS),
                    "milliseconds for an ack, half an hour without it: who takes longer is cancelled, and what he did not ack goes back; 0: for ever"),
            acts(
                    MESSAGE_GROUPS,
                    QUEUES,
                    Values.BOOL,
                    "messages with one value of the header x-group-id are delivered in order, to one consumer at a time"),
            acts(GROUP_BY, QUEUES, Values.beginning(HEADER), "the same, by another header: `header:NAME`"),
            acts(
                    FAIR_BY,
                    QUEUES,
                    Values.beginning(HEADER),
                    "messages with different values of a header take turns: `header:NAME`"),
            acts(
                    LAST_VALUE,
                    QUEUES,
                    Values.TEXT,
                    "a header: of the messages with one value of it only the newest waits; 20,000 messages at most"),
            new ArgumentRow(
                    CONFIRM,
                    ALL_QUEUES,
                    Values.words("majority", "all"),
                    "whether publishes are confirmed once a majority of the nodes has them, or each; a message's header of this name may ask for all",
                    null,
                    "majority"),
            acts(
                    RECEIPTS,
                    QUEUES,
                    Values.words("stream"),
                    "what comes to the queue and what leaves it from then on is told in the stream `amq.receipts` of its virtual host"),
            acts(
                    ALTER,
                    ALL_QUEUES,
                    Values.BOOL,
                    "of a redeclare: the queue gets these arguments and this type, with its messages"),
            hint("x-consumer-disconnected-timeout", QUEUES, COUNT),
            acts(MAX_AGE, STREAM, Values.AGE, "for how long messages of a stream are kept"),
            hint("x-stream-max-segment-size-bytes", STREAM, SIZE),
            hint("x-stream-filter-size-bytes", STREAM, Values.integer(16, 255)),
            hint("x-initial-cluster-size", STREAM, SIZE),
            acts(
                    NAME_PREFIX,
                    CLASSIC,
                    Values.text(MOST_PREFIX),
                    "how a name begins that the server makes; names that clients give stay"),
            new ArgumentRow(
                    DEDUPLICATION,
                    QUEUES_AND_EXCHANGES,
                    Values.BOOL,
                    "messages that were seen before, by a header, go nowhere and are confirmed",
                    null,
                    false),
            acts(
                    DEDUPLICATION_HEADER,
                    QUEUES_AND_EXCHANGES,
                    Values.TEXT,
                    "that header; `x-deduplication-header` without it"),
            acts(
                    CACHE_SIZE,
                    QUEUES,
                    Values.integer(1, MOST_CACHED),
                    "most messages that are remembered, 128 without it; the oldest are forgotten"),
            acts(
                    CACHE_TTL,
                    QUEUES,
                    Values.integer(1, MOST_MILLIS),
                    "milliseconds for which each is remembered; a message's header of this name comes first"),
            acts(CACHE_SIZE, EXCHANGES, Values.integerOrText(1, MOST_CACHED), "the same"),
            acts(CACHE_TTL, EXCHANGES, Values.integerOrText(1, MOST_MILLIS), "the same"),
            hint(CACHE_PERSISTENCE, QUEUES_AND_EXCHANGES, Values.words("memory", "disk")),
            acts(
                    CONSUMER_PRIORITY,
                    CONSUMERS,
                    Values.integer(Long.MIN_VALUE, Long.MAX_VALUE),
                    "who has more is given messages first"),
            hint("x-cancel-on-ha-failover", CONSUMERS, Values.ANY),
            acts(
                    CONSUMER_TIMEOUT,
                    CONSUMERS,
                    Values.integer(0, MOST_MILLIS),
                    "the same for this consumer, whatever its queue says"),
            acts(
                    STREAM_OFFSET,
                    CONSUMERS,
                    Values.ANY,
                    "of streams: where reading begins: first, last, next, an offset, a timestamp, or how long ago"),
            acts(
                    STREAM_FILTER,
                    CONSUMERS,
                    Values.ANY,
                    "of streams: only messages whose header x-stream-filter-value is this, or one of a list of texts"),
            acts(
                    STREAM_TRACKING,
                    CONSUMERS,
                    Values.BOOL,
                    "of streams: without an offset, reading goes on where this consumer tag has acked up to"),
            acts(STREAM_UNFILTERED, CONSUMERS, Values.BOOL, "of streams: those without that header, too"),
            acts(
                    FILTER,
                    CONSUMERS,
                    Values.ANY,
                    "of queues: a table of headers and what they have to be; what does not match is left for others"),
            missing("x-filter-match-type", CONSUMERS, "filters of which one entry is enough"),
            acts(
                    HISTORY_LENGTH,
                    EXCHANGES,
                    Values.integer(1, 1_000),
                    "x-recent-history: how many of the last messages a new binding gets, 20 without it; up to 1 MiB"),
            acts(ALTERNATE_EXCHANGE, EXCHANGES, Values.TEXT, "gets what no binding matches"),
            acts(
                    MIN_QUEUES,
                    EXCHANGES,
                    Values.integer(0, ExchangeSettings.MOST_QUEUES),
                    "a publish that reaches fewer queues is refused (nack); a message's header of this name may ask for more"),
            acts(
                    DEAD_LETTER_EXCHANGE,
                    EXCHANGES,
                    Values.TEXT,
                    "where messages go that were kept for later and reach no queue at their time"),
            acts(
                    DEAD_LETTER_ROUTING_KEY,
                    EXCHANGES,
                    Values.TEXT,
                    "their routing key then; without it they keep theirs"),
            acts(X_ALTERNATE_EXCHANGE, EXCHANGES, Values.TEXT, "the same, as LavinMQ writes it"),
            acts(
                    HASH_HEADER,
                    EXCHANGES,
                    Values.ANY,
                    "x-consistent-hash: the header that is hashed, in place of the routing key"),
            acts(HASH_ON, EXCHANGES, Values.TEXT, "the same as `hash-header`, as LavinMQ writes it"),
            hint(HASH_ALGORITHM, EXCHANGES, Values.words("ring", "jump")),
            acts(
                    "hash-property",
                    EXCHANGES,
                    Values.ANY,
                    "x-consistent-hash: message_id, correlation_id or timestamp is hashed"),
            hint("x-delayed-exchange", EXCHANGES, Values.BOOL),
            acts("x-delayed-type", EXCHANGES, Values.TEXT, "x-delayed-message: the type by which it routes"),
            missing("x-jms-topic", TYPES, "JMS selectors on bindings"),
            missing("x-federation-upstream", TYPES, "federation between brokers"));

    private static final Map<Owner, TreeMap<String, ArgumentRow>> BY_OWNER = byOwner();

    private ArgumentTable() {}

    private static ArgumentRow hint(String name, List<Owner> owners, Values values) {
        return new ArgumentRow(name, owners, values, HINT, null, null);
    }

    private static ArgumentRow acts(String name, List<Owner> owners, Values values, String meaning) {
        return new ArgumentRow(name, owners, values, meaning, null, null);
    }

    private static ArgumentRow missing(String name, List<Owner> owners, String purpose) {
        return missing(name, owners, purpose, null);
    }

    private static ArgumentRow missing(String name, List<Owner> owners, String purpose, Object asWithout) {
        return new ArgumentRow(name, owners, Values.ANY, null, purpose, asWithout);
    }

    private static Map<Owner, TreeMap<String, ArgumentRow>> byOwner() {
        Map<Owner, TreeMap<String, ArgumentRow>> rows = new EnumMap<>(Owner.class);
        for (Owner owner : Owner.values()) {
            rows.put(owner, new TreeMap<>());
        }
        for (ArgumentRow row : ROWS) {
            row.owners().forEach(owner -> rows.get(owner).put(row.name(), row));
        }
        return rows;
    }

    /** Names of the arguments that are accepted and mean nothing. */
    public static SortedSet<String> hints() {
        SortedSet<String> names = new TreeSet<>();
        ROWS.stream().filter(row -> HINT.equals(row.meaning())).forEach(row -> names.add(row.name()));
        return names;
    }

    /** All rows, for tables for people. */
    public static List<ArgumentRow> rows() {
        return ROWS;
    }

    /** The row of this name or of how it begins, or null. */
    public static ArgumentRow find(Owner owner, String name) {
        TreeMap<String, ArgumentRow> rows = BY_OWNER.get(owner);
        ArgumentRow row = rows.get(name);
        if (row == null) {
            // A pattern sorts right before the names that it covers, '*' being less than any letter.
            Map.Entry<String, ArgumentRow> before = rows.lowerEntry(name);
            String pattern = before == null ? "" : before.getKey();
            boolean covers = pattern.endsWith("*") && name.startsWith(pattern.substring(0, pattern.length() - 1));
            row = covers ? before.getValue() : null;
        }
        return row;
    }

    /** Whether it is a time that nobody may have below {@link #LONG_TIMES}. */
    public static boolean isLongTime(String name, Object value) {
        return value instanceof Long n && n > MOST_SHORT && TIMES.contains(name);
    }

    /** Why the resource can't have these arguments, or null when it can. */
    public static Reply.Rejected check(Owner owner, Arguments arguments, String resource) {
        for (Map.Entry<String, Object> e : arguments.values().entrySet()) {
            ArgumentRow row = find(owner, e.getKey());
            Reply.Rejected r = row == null ? null : row.refusal(owner, e.getKey(), e.getValue(), resource);
            if (r != null) {
                return r;
            }
        }
        return null;
    }

    /** The names that queues know, whatever their type: what a redeclare has to repeat. Patterns are not among them. */
    public static List<String> ofQueues() {
        List<String> names = new ArrayList<>();
        for (ArgumentRow row : ROWS) {
            boolean isOfTheQueue = !row.name().equals(NAME_PREFIX); // that is of its declare alone
            if (isOfTheQueue && row.owners().stream().anyMatch(ALL_QUEUES::contains)) {
                names.add(row.name());
            }
        }
        return names;
    }
}
