package io.tallymq.admin.request;

import java.time.Instant;
import java.util.List;

/**
 * A message whose publisher asked for its times. Each node measures with its own clock; all durations are in microseconds, -1 where they are not known.
 *
 * @param id where it stands in the log
 * @param publish null while the publisher's node is not heard of
 * @param lead null while the leader is not heard of, or when the log changed hands meanwhile
 * @param flushes of the nodes that told of theirs
 * @param missing names of nodes that told nothing of it
 */
public record ConfirmTrace(
        String id, long term, long index, Publish publish, Lead lead, List<Flush> flushes, List<String> missing) {
    /**
     * As the publisher's node saw it.
     *
     * @param moreQueues beside those; -1 when none is known
     */
    public record Publish(
            String node, Names names, Instant at, List<String> queues, long moreQueues, String outcome, Times times) {}

    /**
     * What the message says of itself; empty for what it does not.
     *
     * @param user who published it; empty where that is not known
     */
    public record Names(
            String vhost, String exchange, String routingKey, String messageId, String correlationId, String user) {}

    /**
     * By the clock of the publisher's node, one after the other.
     *
     * @param held whether the confirm waited for consumers, which is in {@code write}
     */
    public record Times(long gather, long journey, long apply, long write, boolean held) {}

    /** By the leader's clock, one after the other. */
    public record Lead(String node, long queue, long replicate) {}

    /**
     * The flush that brought the message to a node's disk.
     *
     * @param at by the node's own clock; null when the node does not know
     * @param took how long that flush took
     * @param leaderKnewAfter by the leader's clock, from when the entry was handed to Raft
     */
    public record Flush(String node, Instant at, long took, long leaderKnewAfter) {}
}
