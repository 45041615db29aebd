package io.tallymq.broker.view;

import java.util.List;

/**
 * What is known of a publish by its id.
 *
 * @param exchange where it was published
 * @param outcome stored, void or unseen
 * @param isFinal whether it stays so, as long as the exchange remembers it
 * @param entry that decided it; null if it is unseen
 * @param queues how many it came to
 * @param places where it came, or went from there: of the first ones
 * @param duplicates how often it came again, and was confirmed
 * @param knownBehind all ids that came later than this are known, milliseconds since the epoch: an unseen one did not come since
 * @param window milliseconds for which the exchange remembers an id
 * @param askedAt index of the last entry all of which is applied where this is told: what came later it need not know
 */
public record IdReceipt(
        String vhost,
        String exchange,
        String id,
        String outcome,
        boolean isFinal,
        Receipt.Entry entry,
        int queues,
        List<Receipt.Place> places,
        long duplicates,
        long knownBehind,
        long window,
        long askedAt) {}
