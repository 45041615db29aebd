package io.tallymq.broker.message;

/**
 * Where and when a command stands in the replicated log.
 *
 * @param index the log index, growing by one
 * @param term the Raft term of the entry
 * @param time milliseconds since the epoch as stamped by the leader; the machine never lets it go back
 */
public record Stamp(long term, long index, long time) {}
