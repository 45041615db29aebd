package io.tallymq.admin.request;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/** What a node knows of itself. Any thread; may ask the operating system, never the cluster. */
public interface NodeStats {
    Machine machine();

    /** What the nodes last told of themselves, by name; without those that nothing is heard of. */
    default Map<String, Machine> machines() {
        return Map.of();
    }

    /** Alarms in force that this node knows of, its own and others'. */
    List<Alarm> alarms();

    /** Where clients can reach this node. */
    List<Listener> listeners();

    ClientTraffic traffic();

    /** What the other nodes count of their clients. */
    default OthersTraffic othersTraffic() {
        return OthersTraffic.NONE;
    }

    /** What the clients of the other nodes did, of those that are heard of and tell, by the nodes' names. */
    default Map<String, ClientTraffic.Churn> othersClients() {
        return Map.of();
    }

    /** When the first certificate of a node ends that clients or nodes are shown, by the nodes' names; without those that have or tell none. */
    default Map<String, Instant> certificateEnds() {
        return Map.of();
    }

    /** Client connections that this node takes at most; -1 where nobody counts. */
    default int connectionLimit() {
        return -1;
    }

    /** What the time of confirms was made of lately; empty where nobody measures. */
    default List<ConfirmPhase> confirmPhases() {
        return List.of();
    }

    /** What another node last told of the same, by its name; null when nothing is heard of it. */
    default ToldPhases confirmPhasesOf(String node) {
        return null;
    }

    /** Messages whose publishers asked for their times, the last of the log first; bounded. */
    default List<ConfirmTrace> confirmTraces() {
        return List.of();
    }

    /** The last lines of this node's log, the oldest first; bounded. */
    default List<LogLine> log() {
        return List.of();
    }

    /** How many logins there were at this node, by protocol, since its start or {@link #forgetLogins}. */
    default List<LoginCounts> logins() {
        return List.of();
    }

    /** The same by protocol, address and user, of the last ones; bounded. */
    default List<LoginCounts> loginSources() {
        return List.of();
    }

    /** Counts anew. */
    default void forgetLogins() {}

    /**
     * A line of the log.
     *
     * @param number one more for each line since the start of the process
     * @param error the stack trace of what was thrown; empty for nothing
     */
    record LogLine(
            long number, Instant time, String level, String logger, String thread, String message, String error) {}

    /**
     * Logins.
     *
     * @param protocol {@code amqp091}, {@code http}
     * @param address where from; empty for all
     * @param user who was named; empty for all
     */
    record LoginCounts(String protocol, String address, String user, long succeeded, long failed) {}

    /**
     * What a node told.
     *
     * @param ageMillis since it was heard
     */
    record ToldPhases(List<ConfirmPhase> phases, long ageMillis) {}

    /**
     * A phase of confirms within the last minute, in milliseconds; counted once for a batch or an entry.
     *
     * @param about in a few words, where it is measured and from when to when
     * @param buckets its histogram: those that have something in them, the shortest times first
     */
    record ConfirmPhase(
            String name,
            String about,
            long count,
            double mean,
            double p50,
            double p90,
            double p99,
            double max,
            List<PhaseBucket> buckets) {}

    /** How many took less than so many milliseconds, and as long as the bucket before it allows at least. */
    record PhaseBucket(double below, long count) {}

    /**
     * The process and its machine. Numbers are -1 where they can't be known.
     *
     * @param uptime milliseconds
     * @param memoryUsed bytes resident
     * @param memoryLimit bytes at which the memory alarm goes off
     * @param filesOpen file descriptors in use
     * @param diskFree bytes free where the data is
     * @param diskFreeLimit bytes below which the disk alarm goes off
     */
    record Machine(
            long pid,
            long uptime,
            int processors,
            long memoryUsed,
            long memoryLimit,
            long filesOpen,
            long filesLimit,
            long diskFree,
            long diskFreeLimit) {}

    /**
     * Something runs out, so publishers are blocked.
     *
     * @param resource {@code memory} or {@code disk}
     */
    record Alarm(String node, String resource) {}

    /**
     * A port that is open to others.
     *
     * @param protocol {@code amqp}, {@code amqp/ssl}, {@code http}, {@code clustering}
     */
    record Listener(String protocol, String address, int port, boolean tls) {}
}
