package io.tallymq.broker.limits;

/**
 * What the replicated state takes so much of and no more, on all nodes together: a row for each. What is beyond is refused and nothing is
 * changed, unless the row says otherwise. They are constants of the format and no configuration: every replica decides alike, whatever it
 * is told at its start, and a log means the same when it is read again. All of them full take about 1 GB of heap on each node.
 *
 * <p>{@code tallymq_state_used} and {@code tallymq_state_limit} tell of each, with its {@link #kind}.
 */
public enum StateLimit {
    /** About 3 kB of heap each, with a name of 30 octets and no arguments. */
    QUEUES("queues", 100_000),
    /** About 0.7 kB each. */
    EXCHANGES("exchanges", 20_000),
    /** About 0.7 kB each; the default exchange's, one per queue, do not count. */
    BINDINGS("bindings", 150_000),
    /**
     * Also channels' basic.get from a queue, one per channel and queue; about 0.6 kB each, and 150 bytes at most per message that one
     * holds; and as many channels that consume direct replies, 0.4 kB each.
     */
    CONSUMERS("consumers", 50_000),
    /** Of clients, about 0.6 kB each besides what the node that serves one needs. */
    CONNECTIONS("connections", 50_000),
    /** Operator policies among them; a declare looks at all of them. */
    POLICIES("policies", 500),
    /** Messages whose time is still to come, about 0.1 kB each, 0.3 kB with an id. */
    SCHEDULED("scheduled messages", 1_000_000),
    /**
     * Bodies that come before their messages, because they are large or of a transaction, and those of direct replies on their way out:
     * 0.3 kB of heap each, and what they have of the store. Of one connection: a hundred where half of the room is taken. From level 5 on.
     */
    UPLOADS("bodies on their way in", 100_000, 10_000),
    /**
     * Of queues, exchanges, bindings and consumers, all of them: units of about 0.1 kB, one for each value and one for each 64 bytes of
     * texts; those of bindings of headers exchanges count four times, and of bindings of topic exchanges each word of the key beyond six. From level 5 on.
     */
    ARGUMENTS("units of arguments of queues, exchanges, bindings and consumers", 2_000_000),
    /**
     * Messages to which settles added headers; of one: of one queue. Up to 5 kB of store each, 0.1 kB of heap. A settle that would be one
     * too many is refused (nack, 506), and its message goes back as it is.
     */
    OVERLAYS("messages with headers that settles added", 100_000, 10_000),
    /** Messages that were put aside under a token; of one: of one queue. 0.4 kB of heap each. One too many is refused as of {@link #OVERLAYS}. */
    DEFERRED("deferred messages", 100_000, 10_000),
    /**
     * Ranges of messages that rest before they come again, those included that are gone and still to be taken out; of one: of one queue.
     * 0.1 kB of heap each. Neighbours that come again at the same time are one range. What would be one too many comes again at once.
     */
    RESTING("ranges of messages that rest", 500_000, 100_000),
    /**
     * Messages of queues with x-last-value that have a value: 0.2 kB of heap each and their value. Beyond, the queue that gets more loses
     * as many of its oldest; each keeps one. Consumers of one queue hold a tenth of it at most, and when there are twice as many a two
     * thousandth.
     */
    LAST_VALUES("messages with a value", 200_000),
    /**
     * Names of which streams know how far their readers were, of all streams, from level 5 on: about 0.2 kB each. Beyond, a stream forgets
     * its own that was told longest ago; one that has none remembers none.
     */
    READERS("names of readers", 100_000),
    /**
     * Groups and tenants of which a queue knows the lane, in all queues: 0.2 kB of heap each and their text. Beyond, new ones go into the
     * lane of their hash.
     */
    LANE_KEYS("groups and tenants", 200_000),
    /**
     * Lanes of queues beside the one that each has always: one for each priority that ever had a message, and up to 64 each for groups and for tenants; about 0.8 kB
     * of heap each. They stay as long as their queue. Beyond, messages go into the nearest lane that their queue has, in their order, until it is empty; for groups,
     * and for tenants, each may have one all the same. From level 5 on.
     */
    LANES("lanes of priorities, groups and tenants", 200_000),
    /**
     * Ranges of messages that consumers hold, of all queues: 16 to 32 bytes of heap each. Who acks every second message has as many as messages. Beyond, consumers that
     * ack are given nothing of a queue of which they hold 20 ranges or more. From level 5 on.
     */
    HELD_RANGES("ranges of messages that consumers hold", 2_000_000),
    /**
     * Chunks of which a part was handed out and not all is gone, in all queues but those with x-last-value: 0.25 kB of heap each. Beyond, consumers of a queue that
     * hold something are given nothing of others, or of 5 at most, and nothing rests.
     */
    BEGUN_CHUNKS("chunks that are begun", 500_000),
    /**
     * Chunks of queues with x-last-value, handed out or not: 0.25 kB of heap each. Beyond, the queue that gets more loses its oldest that wait, with
     * or without a value, a chunk for each that came; each keeps its last one.
     */
    LAST_VALUE_CHUNKS("chunks of queues that keep last values", 200_000),
    /**
     * Dead letters that can't go where they are to go, and wait as their queues ask for; of one: of one queue. 0.1 kB of heap each if none of its
     * neighbours waits for the same reason, and what {@link #BEGUN_CHUNKS} says. Beyond, a queue that drops its oldest for want of room loses its
     * oldest letters; any other gives consumers that ack nothing more. From level 5 on.
     */
    DEAD_LETTERS("dead letters that are stuck", 500_000, 10_000),
    /** Keys by which exchanges and queues know duplicates: some hundred bytes of heap each. One that can't be remembered is refused. */
    SEEN_KEYS("messages that are remembered", 1_000_000);

    private final String text;
    private final int most;
    private final int mostOfOne;

    StateLimit(String text, int most) {
        this(text, most, Integer.MAX_VALUE);
    }

    StateLimit(String text, int most, int mostOfOne) {
        this.text = text;
        this.most = most;
        this.mostOfOne = mostOfOne;
    }

    /** What it counts, as a refusal calls it. */
    public String text() {
        return text;
    }

    /** As metrics call it. */
    public String kind() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    int most() {
        return most;
    }

    int mostOfOne() {
        return mostOfOne;
    }
}
