package io.tallymq.broker.view;

/**
 * The messages of a queue that are next.
 *
 * @param publishedAt when the oldest of them came into the queue, milliseconds since the epoch; of several lanes the oldest of all is meant
 * @param isInMemory whether the first one is: else its timestamp is not known without reading the disk
 * @param timestamp its property, seconds since the epoch; -1 for none, or unknown
 */
public record QueueHead(long publishedAt, boolean isInMemory, long timestamp) {}
