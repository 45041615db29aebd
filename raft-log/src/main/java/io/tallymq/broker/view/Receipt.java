package io.tallymq.broker.view;

import java.util.List;

/**
 * What is known of one publish that has a name.
 *
 * @param seq its number among the producer's
 * @param outcome stored, void, unroutable, refused, duplicate, unseen or forgotten
 * @param isFinal whether it stays so, as long as it is known
 * @param epoch how often a later connection took the producer's place; 0 also for a producer that is not known
 * @param last the producer's highest number that is decided, -1 for none
 * @param entry that decided it; null if nothing is noted
 * @param code AMQP's code of a refusal, else 0
 * @param text of a refusal, else empty
 * @param queues how many it came to
 * @param places where it came, or went from there: of the first ones
 * @param duplicates how often it came again, and was confirmed: 255 means that often or more
 * @param askedAt index of the last entry all of which is applied where this is told: what came later it need not know
 * @param forgottenUntil of producers that were not used since it may be forgotten what became of their numbers, milliseconds since the epoch; 0: of none
 */
public record Receipt(
        String vhost,
        String producer,
        long seq,
        String outcome,
        boolean isFinal,
        long epoch,
        long last,
        Entry entry,
        int code,
        String text,
        int queues,
        List<Place> places,
        long duplicates,
        long askedAt,
        long forgottenUntil) {
    /** An entry of the log; time in milliseconds since the epoch. */
    public record Entry(long term, long index, long time) {}

    /**
     * One of its queues.
     *
     * @param queue its name then; empty for none
     * @param state scheduled (it waits for its time), ready, unacked, delayed, deferred, dead (on its way to the dead letter exchange), acked, gone (perhaps
     *     otherwise: purged, expired, dropped), deleted (with the queue), or why it was dropped
     * @param from the queue it came from as a dead letter or by hand; empty if it was published there
     * @param why it left that one; else empty
     */
    public record Place(String queue, String state, String from, String why) {}

    /**
     * A producer.
     *
     * @param first its lowest number that is known; -1: nothing is, for it may be one of those that were forgotten altogether
     * @param gaps pairs of first and last number that are not decided between {@code first} and {@code last}
     * @param moreGaps there are others behind these
     * @param connections how many publish as it, as far as they are remembered
     * @param used when it was used last, milliseconds since the epoch
     * @param forgottenUntil as above
     */
    public record ProducerView(
            String vhost,
            String id,
            long epoch,
            long first,
            long last,
            List<long[]> gaps,
            boolean moreGaps,
            int connections,
            long used,
            long askedAt,
            long forgottenUntil) {}
}
