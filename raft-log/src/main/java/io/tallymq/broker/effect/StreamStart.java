package io.tallymq.broker.effect;

/**
 * Where a reader of a stream begins.
 *
 * @param queue the stream's number
 * @param offset of the first message, if no time is given; what is kept no more is passed over
 * @param wholeChunk whether it begins with the chunk that has this message
 * @param time the first messages that were published then or later, milliseconds since the epoch; 0: the offset counts
 * @param end where the stream ended then: nothing that comes later is passed over for a time
 */
public record StreamStart(long queue, long offset, boolean wholeChunk, long time, long end) {}
