package io.tallymq.broker.dedup;

/** The keys that exchanges and queues have seen, each under its number. */
public interface KeyCache {
    /** Whether the owner has seen the key before, and remembers. */
    boolean has(long owner, String key, long now);

    /** Whether the owner can remember one more, if need be in place of its own oldest. */
    boolean hasRoom(long owner);

    /** The most that all owners remember together. */
    int most();

    /**
     * The owner remembers a key, which it does not at the moment.
     *
     * @param timeToLive milliseconds, below 0: for ever
     * @param size most keys of this owner; above 0
     */
    void add(long owner, String key, long now, long timeToLive, long size);
}
