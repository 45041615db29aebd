package io.tallymq.broker.lane;

import io.tallymq.broker.store.Chunk;

/**
 * When the message of a lane that was asked about last expires, so that it is not looked for again.
 *
 * @param at its place in its chunk
 * @param end milliseconds since the epoch
 */
public record KnownExpiry(Chunk chunk, int at, long end) {}
