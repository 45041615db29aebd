package io.tallymq.broker.receipts;

import io.tallymq.broker.message.Stamp;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * The publishes of an entry that have names, from the moment they are decided until it is known where they stand. What is decided counts at
 * once; what became of it is noted at the end of each slice of the run, for all neighbours together.
 */
public final class Named {
    private record Come(int message, Producer producer, long seq, Outcome outcome, int code, String text) {
        boolean goesOnWith(Come next) {
            return outcome == Outcome.STORED
                    && next.outcome == outcome
                    && next.producer == producer
                    && next.seq == seq + 1
                    && next.message == message + 1;
        }
    }

    private final Producers producers;
    private final List<Come> come = new ArrayList<>();
    private final PlacedRuns placed = new PlacedRuns();

    public Named(Producers producers) {
        this.producers = producers;
    }

    /** Where those that are stored come to stand is told here. */
    public PlacedRuns placed() {
        return placed;
    }

    /** Whether nothing is to be noted. */
    public boolean isEmpty() {
        return come.isEmpty();
    }

    /** A message is stored, or made void, or its like: its name counts from now on. */
    public void decided(int message, Producer p, long seq, Outcome outcome) {
        p.decide(seq);
        come.add(new Come(message, p, seq, outcome, 0, ""));
    }

    /** A message went nowhere, and may come again. */
    public void undecided(int message, Producer p, long seq, Outcome outcome, int code, String text) {
        come.add(new Come(message, p, seq, outcome, code, text));
    }

    /** All that came is placed: what became of it is noted. */
    public void finish(Stamp entry) {
        for (int from = 0; from < come.size(); ) {
            Come first = come.get(from);
            PlacedRuns.Run run = first.outcome == Outcome.STORED ? placed.of(first.message) : null;
            int end = run == null ? first.message + 1 : run.end();
            int to = from + 1;
            while (to < come.size()
                    && come.get(to).message < end
                    && come.get(to - 1).goesOnWith(come.get(to))) {
                to++;
            }
            List<Placed> places = run == null
                    ? List.of()
                    : run.places().stream()
                            .map(p -> p.next(first.message - run.from()))
                            .toList();
            note(first, first.seq + to - from, entry, places);
            from = to;
        }
        come.clear();
        placed.clear();
    }

    private void note(Come first, long to, Stamp entry, List<Placed> places) {
        Note note = new Note(
                first.outcome, first.seq, entry.term(), entry.index(), entry.time(), first.code, first.text, places);
        first.producer.note(first.seq, to, note);
        producers.touch(first.producer);
    }

    /**
     * A message that has a name left a queue for others, or for nowhere.
     *
     * @param from the queue's number
     * @param name of that queue
     * @param at the number that it had there
     * @param to where it stands now
     */
    public void moved(
            String vhost, String producer, long seq, long from, String name, long at, String why, List<Placed> to) {
        Producer p = producers.find(vhost, producer);
        if (p == null || !p.isDecided(seq)) {
            return;
        }
        Note was = p.noteOf(seq);
        if (was == null || was.outcome() != Outcome.STORED) {
            return;
        }
        TreeMap<Long, Placed> now = new TreeMap<>();
        was.places().forEach(x -> now.put(x.queue(), x.next(seq - was.base())));
        Placed gone = now.get(from);
        if (gone == null || gone.seq() != at) {
            return;
        }
        now.remove(from);
        if (to.isEmpty()) {
            now.put(from, new Placed(from, name, at, "", why));
        }
        to.forEach(x -> now.putIfAbsent(x.queue(), new Placed(x.queue(), x.name(), x.seq(), name, why)));
        Note next =
                new Note(was.outcome(), seq, was.term(), was.index(), was.time(), 0, "", new ArrayList<>(now.values()));
        p.note(seq, seq + 1, next);
        producers.touch(p);
    }

    /** A scheduled message that has a name has come to its queues. */
    public void released(String vhost, String producer, long seq, List<Placed> to) {
        Producer p = producers.find(vhost, producer);
        Note was = p == null || !p.isDecided(seq) ? null : p.noteOf(seq);
        if (was != null && was.outcome() == Outcome.STORED && was.places().isEmpty()) {
            List<Placed> places = to.isEmpty() ? List.of(new Placed(0, "", 0, "", "unroutable")) : to;
            p.note(seq, seq + 1, new Note(was.outcome(), seq, was.term(), was.index(), was.time(), 0, "", places));
            producers.touch(p);
        }
    }
}
