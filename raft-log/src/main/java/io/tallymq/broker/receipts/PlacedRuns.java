package io.tallymq.broker.receipts;

import java.util.ArrayList;
import java.util.List;

/** Where the messages of a run came to stand, for those that have names: neighbours that went to the same queues together. */
public final class PlacedRuns {
    /**
     * Neighbours in the run.
     *
     * @param end the one behind the last
     * @param places of the first one; the others stand behind it
     * @param queues how many they went to
     */
    record Run(int from, int end, List<Placed> places, int queues) {}

    /** Of a message that goes to more queues it is told of the first ones where it is. */
    public static final int MOST_PLACES = 32;

    private final List<Run> runs = new ArrayList<>();
    /** The run whose names were asked for last, and these. */
    private Run named;

    private List<String> names = List.of();
    /** The run that was asked for last: who asks goes on from there. */
    private int at;

    public void clear() {
        runs.clear();
        named = null;
        names = List.of();
        at = 0;
    }

    /** Who asks begins anew. */
    public void rewind() {
        at = 0;
    }

    /** Messages [from, end) came to so many queues, the first of which are these places; they are behind those before. */
    public void add(int from, int end, List<Placed> places, int queues) {
        runs.add(new Run(from, end, places, queues));
    }

    /** The run that has a message, null if it went nowhere. Asked for in ascending order since {@link #clear}. */
    Run of(int i) {
        while (at < runs.size() && runs.get(at).end <= i) {
            at++;
        }
        return at < runs.size() && runs.get(at).from <= i ? runs.get(at) : null;
    }

    /** How many queues a message went to. As {@link #of}. */
    public int queuesOf(int i) {
        Run run = of(i);
        return run == null ? 0 : run.queues;
    }

    /** The names of the queues where a message stands, the first ones. As {@link #of}. */
    public List<String> namesOf(int i) {
        Run run = of(i);
        if (run != named) {
            named = run;
            names = run == null
                    ? List.of()
                    : run.places.stream().map(Placed::name).toList();
        }
        return names;
    }

    /** Where a message stands; nothing if it went nowhere. As {@link #of}. */
    public List<Placed> placesOf(int i) {
        Run run = of(i);
        return run == null ? List.of() : Placed.next(run.places, i - run.from);
    }
}
