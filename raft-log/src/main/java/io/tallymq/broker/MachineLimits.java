package io.tallymq.broker;

/**
 * Where the machine cuts and how much it keeps in memory. All but the first are part of the format: replicas that differ in
 * them would differ in their chunks. Tests make them small to reach every case with few messages.
 *
 * @param residentAhead chunk descriptors kept in memory per queue of messages nobody was given yet
 * @param chunkMessages most messages of a chunk
 * @param chunkBytes a chunk is ended once its records have this many bytes
 * @param sharedFrom body bytes from which a body that goes to two or more queues is stored once for all
 * @param aheadFrom messages that a consumer has to settle in one round through the log to be assigned some beyond its prefetch
 * @param mostHeld messages that one consumer holds at most: one that never settles gets nothing more. What is held is in
 *     memory on every node, up to 150 bytes each
 */
record MachineLimits(
        int residentAhead, int chunkMessages, int chunkBytes, int sharedFrom, int aheadFrom, int mostHeld) {
    static final MachineLimits FORMAT_1 = new MachineLimits(256, 1_000, 256 * 1024, 256, 8, 250_000);
}
