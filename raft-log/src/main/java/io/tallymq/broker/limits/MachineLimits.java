package io.tallymq.broker.limits;

/**
 * Where the machine cuts and how much it keeps in memory. All but the first two are part of the format: replicas that differ in
 * them would differ in their chunks. Tests make them small to reach every case with few messages.
 *
 * @param residentAhead chunk descriptors kept in memory per queue of messages nobody was given yet
 * @param residentInAll chunk descriptors kept in memory of all queues together, about 150 bytes each; beyond it a queue keeps
 *     only the next one and those of messages that somebody holds
 * @param chunkMessages most messages of a chunk
 * @param chunkBytes a chunk is ended once its own records have this many bytes
 * @param sharedFrom bytes from which what goes to two or more queues is stored once for all: those that this saves
 * @param sharedMessages most messages of a chunk that are all stored once for several queues
 * @param work how much one entry does at most
 * @param aheadFrom messages that a consumer has to settle in one round through the log to be assigned some beyond its prefetch
 * @param mostHeld messages that one consumer holds at most: one that never settles gets nothing more. What is held is in
 *     memory on every node, up to 150 bytes each
 * @param state how many queues and so on there may be
 * @param producers how many producers, and for how long
 */
public record MachineLimits(
        int residentAhead,
        int residentInAll,
        int chunkMessages,
        int chunkBytes,
        int sharedFrom,
        int sharedMessages,
        WorkLimits work,
        int aheadFrom,
        int mostHeld,
        StateLimits state,
        ProducerLimits producers) {
    public static final MachineLimits FORMAT_1 = new MachineLimits(
            256, 100_000, 1_000, 256 * 1024, 512, 4_096, WorkLimits.DEFAULTS, 8, 250_000, StateLimits.DEFAULTS);

    /** With as many producers as ever. */
    public MachineLimits(
            int residentAhead,
            int residentInAll,
            int chunkMessages,
            int chunkBytes,
            int sharedFrom,
            int sharedMessages,
            WorkLimits work,
            int aheadFrom,
            int mostHeld,
            StateLimits state) {
        this(
                residentAhead,
                residentInAll,
                chunkMessages,
                chunkBytes,
                sharedFrom,
                sharedMessages,
                work,
                aheadFrom,
                mostHeld,
                state,
                ProducerLimits.DEFAULTS);
    }

    /** The same with another bound for all queues together. */
    public MachineLimits withResidentInAll(int most) {
        return new MachineLimits(
                residentAhead,
                most,
                chunkMessages,
                chunkBytes,
                sharedFrom,
                sharedMessages,
                work,
                aheadFrom,
                mostHeld,
                state,
                producers);
    }

    public MachineLimits withState(StateLimits other) {
        return new MachineLimits(
                residentAhead,
                residentInAll,
                chunkMessages,
                chunkBytes,
                sharedFrom,
                sharedMessages,
                work,
                aheadFrom,
                mostHeld,
                other,
                producers);
    }

    public MachineLimits withProducers(ProducerLimits other) {
        return new MachineLimits(
                residentAhead,
                residentInAll,
                chunkMessages,
                chunkBytes,
                sharedFrom,
                sharedMessages,
                work,
                aheadFrom,
                mostHeld,
                state,
                other);
    }
}
