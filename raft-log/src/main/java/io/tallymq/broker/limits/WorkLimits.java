package io.tallymq.broker.limits;

/**
 * How much one entry of the log makes every replica do at most before it goes on with others'. Constants, the first one of the
 * format.
 *
 * @param slice units of work after which a run of publishes may be interrupted by a commit: one per place that a piece of the run
 *     gets in a queue, 8 per chunk, one per 512 bytes copied into a chunk; from level 5 on one per message and queue that sorts, 8 for a new key
 *     there, a last value or one by which duplicates are told, one for each such key that is looked for, one per 512 bytes of properties that are read
 *     for these, and what the search of a route takes that is met in the slice
 * @param atOnce chunks or bindings that a command removes itself, and consumers, runs of held messages and queues that it gives back
 *     and removes with a channel, connection or node; what are more is gone for everybody at once, and given back and taken
 *     out of store and memory by later entries
 * @param perEntry how many of those one entry takes out, each about 10 us
 * @param due units of what is due by its time that each entry does beside its commands, from the level on where the leader asks for more
 *     of it when nobody else wants anything
 * @param keptUp units, of dead letters and of scheduled messages together, that an entry does at most in order to keep up with what became of these by itself, from level 5
 *     on: 1 to 2.5 us each, so that no entry takes longer for it than 20 ms
 * @param handOuts how often the commands of one entry give messages of one chunk to a consumer, each 2 to 5 us; what could still be
 *     handed out then waits for the following entries, which make half as many each beside their own
 */
public record WorkLimits(int slice, int atOnce, int perEntry, int due, int keptUp, int handOuts) {
    public static final WorkLimits DEFAULTS = new WorkLimits(32_768, 500, 1_000, 64, 4_096);

    /** So many times what each entry does beside its commands. */
    private static final int KEPT_UP = 128;

    /** The ratio that the format has between the two kinds of what is due. */
    public WorkLimits(int slice, int atOnce, int perEntry, int due, int handOuts) {
        this(slice, atOnce, perEntry, due, KEPT_UP * due, handOuts);
    }
}
