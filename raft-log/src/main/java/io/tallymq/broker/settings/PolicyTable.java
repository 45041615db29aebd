package io.tallymq.broker.settings;

import static io.tallymq.broker.settings.ArgumentRow.Owner.CLASSIC_QUEUE;
import static io.tallymq.broker.settings.ArgumentRow.Owner.EXCHANGE;
import static io.tallymq.broker.settings.ArgumentRow.Owner.QUORUM_QUEUE;
import static io.tallymq.broker.settings.ArgumentRow.Owner.STREAM_QUEUE;

import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.settings.ArgumentRow.Owner;
import io.tallymq.broker.settings.PolicyRow.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * All keys of policies that the broker knows, and how a policy, an operator policy and an argument are put together: which one acts is
 * RabbitMQ's choice, key by key. What a key does and which values it takes is written in the {@link ArgumentTable}, so that a new argument
 * is a policy's key by a row here.
 */
public final class PolicyTable {
    /** Keys by which messages are told apart. */
    public static final List<String> BY_HEADER = List.of("group-by", "fair-by");

    private static final List<Owner> QUEUES = List.of(CLASSIC_QUEUE, QUORUM_QUEUE);
    private static final List<Owner> ALL_QUEUES = List.of(CLASSIC_QUEUE, QUORUM_QUEUE, STREAM_QUEUE);
    private static final List<Owner> CLASSIC = List.of(CLASSIC_QUEUE);
    private static final List<Owner> QUORUM = List.of(QUORUM_QUEUE);
    private static final List<Owner> STREAMS = List.of(STREAM_QUEUE);
    private static final List<Owner> EXCHANGES = List.of(EXCHANGE);
    private static final List<Owner> QUEUES_AND_EXCHANGES = List.of(CLASSIC_QUEUE, QUORUM_QUEUE, EXCHANGE);
    private static final List<Owner> ALL = List.of(CLASSIC_QUEUE, QUORUM_QUEUE, STREAM_QUEUE, EXCHANGE);

    private static final List<PolicyRow> ARGUMENTS = List.of(
            limit("message-ttl", QUEUES),
            limit("expires", QUEUES),
            limit("max-length", ALL_QUEUES),
            limit("max-length-bytes", ALL_QUEUES),
            new PolicyRow("overflow", CLASSIC, "x-overflow", Rule.DECLARED, Rule.OPERATOR),
            new PolicyRow("overflow", QUORUM, "x-overflow", Rule.POLICY, Rule.OPERATOR),
            value("dead-letter-exchange", QUEUES_AND_EXCHANGES),
            value("dead-letter-routing-key", QUEUES_AND_EXCHANGES),
            value("dead-letter-strategy", QUORUM),
            limit("delivery-limit", QUORUM),
            value("delayed-retry-type", QUORUM),
            value("delayed-retry-min", QUORUM),
            value("delayed-retry-max", QUORUM),
            value("consumer-timeout", QUEUES),
            value("consumer-disconnected-timeout", QUEUES),
            value(BY_HEADER.get(0), QUEUES),
            value(BY_HEADER.get(1), QUEUES),
            value("confirm", ALL_QUEUES),
            value("receipts", QUEUES),
            new PolicyRow("max-age", STREAMS, ArgumentTable.MAX_AGE, Rule.POLICY, null),
            value("initial-cluster-size", STREAMS),
            value("stream-max-segment-size-bytes", STREAMS),
            new PolicyRow("max-segment-size", STREAMS, "x-stream-max-segment-size-bytes", Rule.DECLARED, null),
            new PolicyRow("alternate-exchange", EXCHANGES, ArgumentTable.ALTERNATE_EXCHANGE, Rule.DECLARED, null),
            value("min-queues", EXCHANGES),
            value("queue-mode", CLASSIC),
            new PolicyRow("queue-version", CLASSIC, "x-queue-version", Rule.DECLARED, Rule.OPERATOR),
            value("queue-master-locator", CLASSIC),
            value("queue-leader-locator", ALL_QUEUES),
            limit("max-in-memory-length", QUORUM),
            limit("max-in-memory-bytes", QUORUM),
            new PolicyRow("target-group-size", QUORUM, "x-quorum-target-group-size", Rule.POLICY, Rule.OPERATOR),
            plugin(ArgumentTable.DEDUPLICATION),
            plugin(ArgumentTable.CACHE_SIZE),
            plugin(ArgumentTable.CACHE_TTL),
            plugin(ArgumentTable.CACHE_PERSISTENCE),
            hint("ha-mode"),
            hint("ha-params"),
            hint("ha-sync-mode"),
            hint("ha-sync-batch-size"),
            hint("ha-promote-on-shutdown"),
            hint("ha-promote-on-failure"));

    /** How keys of RabbitMQ's mirrored queues begin. */
    private static final String MIRRORS = "ha-";

    private static final List<PolicyRow> ROWS =
            Stream.concat(ARGUMENTS.stream(), IdSettings.ROWS.stream()).toList();

    private static final List<String> HINTS = ROWS.stream()
            .map(PolicyRow::key)
            .filter(key -> key.startsWith(MIRRORS))
            .toList();

    private static final Map<String, List<PolicyRow>> BY_KEY = byKey();

    private PolicyTable() {}

    private static PolicyRow limit(String key, List<Owner> owners) {
        return new PolicyRow(key, owners, "x-" + key, Rule.LEAST, Rule.LEAST);
    }

    private static PolicyRow value(String key, List<Owner> owners) {
        return new PolicyRow(key, owners, "x-" + key, Rule.DECLARED, null);
    }

    /** RabbitMQ's deduplication plugin names keys as arguments, and has none for operators. */
    private static PolicyRow plugin(String argument) {
        return new PolicyRow(argument, QUEUES_AND_EXCHANGES, argument, Rule.DECLARED, null);
    }

    /** Of mirrored queues, which there are none of: every queue is on every node. */
    private static PolicyRow hint(String key) {
        return new PolicyRow(key, ALL, null, Rule.DECLARED, null);
    }

    private static TreeMap<String, List<PolicyRow>> byKey() {
        TreeMap<String, List<PolicyRow>> rows = new TreeMap<>();
        ROWS.forEach(
                row -> rows.computeIfAbsent(row.key(), k -> new ArrayList<>()).add(row));
        return rows;
    }

    /** Keys that are taken and mean nothing here. */
    public static List<String> hints() {
        return HINTS;
    }

    /** All rows, for tables for people. */
    public static List<PolicyRow> rows() {
        return ROWS;
    }

    private static PolicyRow find(Owner owner, String key) {
        for (PolicyRow row : BY_KEY.getOrDefault(key, List.of())) {
            if (row.owners().contains(owner)) {
                return row;
            }
        }
        return null;
    }

    /** Why a policy can't have this definition, or null when it can. */
    public static Reply.Rejected check(Arguments definition, boolean operator) {
        if (definition.isEmpty()) {
            return invalid("definition: no key is given");
        }
        for (Map.Entry<String, Object> e : definition.values().entrySet()) {
            String problem = problem(e.getKey(), e.getValue(), operator);
            if (problem != null) {
                return invalid(problem);
            }
        }
        return null;
    }

    private static Reply.Rejected invalid(String text) {
        return Reply.precondition(Reply.Reason.INVALID_ARGUMENT, "Validation failed\n\n" + text);
    }

    private static String problem(String key, Object value, boolean operator) {
        List<PolicyRow> rows = BY_KEY.getOrDefault(key, List.of());
        if (rows.isEmpty()) {
            return "'" + key + "' is not a recognised policy setting";
        }
        if (operator && !rows.get(0).isForOperators()) {
            return "'" + key
                    + "' is not a recognised operator policy setting: it has no limit that an operator could set";
        }
        String problem = null;
        for (PolicyRow row : rows) {
            for (Owner owner : row.owners()) {
                problem = problem(row.argumentOf(owner), key, value);
                if (problem == null) {
                    return null; // one kind that takes it is enough: the others go on as if it was not there
                }
            }
        }
        return problem;
    }

    private static String problem(ArgumentRow argument, String key, Object value) {
        if (argument == null) {
            return null;
        }
        String problem = argument.values().inPolicies().problem(value);
        if (problem != null) {
            return "'" + key + "': " + problem;
        }
        boolean missing = argument.purpose() != null && !(value != null && value.equals(argument.asWithout()));
        return missing ? "'" + key + "' is not built yet: there is no support for " + argument.purpose() : null;
    }

    /** Whether a policy acts on such a queue or exchange: as with RabbitMQ not if it has a key that only other types of queues have. */
    public static boolean suits(Owner owner, Arguments definition) {
        return !ALL_QUEUES.contains(owner)
                || definition.values().keySet().stream()
                        .allMatch(key -> find(owner, key) != null
                                || ALL_QUEUES.stream().allMatch(other -> find(other, key) == null));
    }

    /** A policy and an operator policy in one. */
    public static Arguments merge(Arguments policy, Arguments operator) {
        Map<String, Object> all = new TreeMap<>(policy.values());
        operator.values()
                .forEach((key, value) -> all.merge(
                        key,
                        value,
                        (under, over) -> BY_KEY.get(key).get(0).withOperator().choose(under, over)));
        return new Arguments(all);
    }

    /** What a queue or an exchange would be declared with to be as its arguments and its policies make it. */
    public static Arguments effective(Owner owner, Arguments declared, Arguments definition) {
        Map<String, Object> all = new TreeMap<>(declared.values());
        definition.values().forEach((key, value) -> {
            PolicyRow row = find(owner, key);
            ArgumentRow argument = row == null || row.argument() == null ? null : row.argumentOf(owner);
            if (argument != null && problem(argument, key, value) == null) {
                all.merge(row.argument(), value, row.withArgument()::choose);
            }
        });
        return new Arguments(all);
    }
}
