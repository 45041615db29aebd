package io.tallymq.broker.receipts;

import io.tallymq.broker.message.MessageHeaders;
import java.util.List;

/**
 * What became of one publish or of several neighbours that one entry brought.
 *
 * @param base the number of the first of them, which {@code places} are told of; the next one is behind it, in each of its queues
 * @param term of the entry
 * @param index of the entry
 * @param time of the entry, milliseconds since the epoch
 * @param code of a refusal, else 0
 * @param text of a refusal, else empty
 * @param queues how many they went to; {@code places} are the first {@link PlacedRuns#MOST_PLACES} of these
 */
record Note(
        Outcome outcome,
        long base,
        long term,
        long index,
        long time,
        int code,
        String text,
        int queues,
        List<Placed> places) {
    /** Most characters of a refusal's text that are kept. */
    static final int MOST_TEXT = 200;

    Note {
        text = text.length() <= MOST_TEXT ? text : MessageHeaders.beginning(text, MOST_TEXT);
    }
}
