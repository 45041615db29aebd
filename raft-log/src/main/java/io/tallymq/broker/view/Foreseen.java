package io.tallymq.broker.view;

import java.util.List;

/**
 * What would become of a publish.
 *
 * @param index of the last entry that is applied
 * @param refusal why the publisher would be told that it is refused; null if it is not
 * @param due when it is routed in fact, milliseconds since the epoch; 0: at once. Queues are those of now
 * @param duplicate whether it would be confirmed and go nowhere, as one that was seen before
 * @param byChance whether another publish may reach other queues: an exchange chooses one by chance
 * @param inAll how many queues get it
 * @param queues that it reaches, and that the message does not go to although it does; of both {@link #MOST_WAYS} at most
 * @param leftOut how many more it reaches, which are not told
 * @param others queues that it could have reached, and does not
 */
public record Foreseen(
        long index,
        String refusal,
        long due,
        boolean duplicate,
        boolean byChance,
        int inAll,
        List<Way> queues,
        int leftOut,
        List<Way> others) {
    /** Queues that are told by name. */
    public static final int MOST_WAYS = 1_000;

    /**
     * What a queue gets.
     *
     * @param why it does not get the message, for people; null: it does
     */
    public record Way(String queue, String why) {}
}
