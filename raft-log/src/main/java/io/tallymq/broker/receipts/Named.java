package io.tallymq.broker.receipts;

import io.tallymq.broker.message.Stamp;
import java.util.ArrayList;
import java.util.List;

/**
 * The publishes of an entry that have names, from the moment they are decided until it is known where they stand. What is decided counts at
 * once; what became of it is noted at the end of each slice of the run, for all neighbours together.
 */
public final class Named {
    /** Neighbours in the run and of their producer, with the same outcome. */
    private static final class Come {
        final int message;
        final Producer producer;
        final long seq;
        final Outcome outcome;
        final int code;
        final String text;
        int count = 1;

        Come(int message, Producer producer, long seq, Outcome outcome, int code, String text) {
            this.message = message;
            this.producer = producer;
            this.seq = seq;
            this.outcome = outcome;
            this.code = code;
            this.text = text;
        }

        boolean takes(int next, Producer p, long its, Outcome how) {
            return outcome == how
                    && how == Outcome.STORED
                    && producer == p
                    && its == seq + count
                    && next == message + count;
        }
    }

    private record Off(String vhost, String producer, long seq, String why) {}

    private final Producers producers;
    /** Scheduled messages that were called off since the first one that came. */
    private final List<Off> off = new ArrayList<>();

    private final List<Come> come = new ArrayList<>();
    private final PlacedRuns placed = new PlacedRuns();
    private long work;

    public Named(Producers producers) {
        this.producers = producers;
    }

    /** Where those that are stored come to stand is told here. */
    public PlacedRuns placed() {
        return placed;
    }

    /** A slice of a run begins. */
    public void begin() {
        producers.work().begin();
        work = 0;
    }

    /** Units of publishes' work of what was decided or moved, since this was asked last. */
    public long takeWork() {
        long units = work;
        work = 0;
        return units;
    }

    /** A producer was read from wherever in the store, or written there. */
    public void read() {
        work += ReceiptWork.READ;
    }

    /** Whether nothing is to be noted. */
    public boolean isEmpty() {
        return come.isEmpty();
    }

    /** A message is stored, or made void, or its like: its name counts from now on. */
    public void decided(int message, Producer p, long seq, Outcome outcome) {
        p.decide(seq, outcome == Outcome.VOID);
        Come last = come.isEmpty() ? null : come.get(come.size() - 1);
        if (last != null && last.takes(message, p, seq, outcome)) {
            last.count++;
            if (ReceiptBlock.blockOf(seq) == ReceiptBlock.blockOf(seq - 1)) {
                return;
            }
        } else {
            come.add(new Come(message, p, seq, outcome, 0, ""));
        }
        work += p.noting(seq);
    }

    /** A message went nowhere, and may come again. */
    public void undecided(int message, Producer p, long seq, Outcome outcome, int code, String text) {
        come.add(new Come(message, p, seq, outcome, code, text));
        work += p.noting(seq);
    }

    /** All that came is placed: what became of it is noted. */
    public void finish(Stamp entry) {
        for (Come c : come) {
            for (int done = 0; done < c.count; ) {
                done += note(c, done, entry);
            }
        }
        come.clear();
        placed.clear();
        off.forEach(o -> released(o.vhost, o.producer, o.seq, MovedPlaces.nowhere(o.why), 1));
        off.clear();
    }

    /** Notes what became of those from one on that went together; returns how many these are. */
    private int note(Come c, int from, Stamp entry) {
        int message = c.message + from;
        PlacedRuns.Run run = c.outcome == Outcome.STORED ? placed.of(message) : null;
        int n = run == null ? 1 : Math.min(c.count - from, run.end() - message);
        long seq = c.seq + from;
        Note note = new Note(
                c.outcome,
                run == null ? seq : seq - (message - run.from()),
                entry.term(),
                entry.index(),
                entry.time(),
                c.code,
                c.text,
                run == null ? 0 : run.queues(),
                run == null ? List.of() : run.places());
        c.producer.note(seq, seq + n, note);
        producers.touch(c.producer);
        return n;
    }

    /**
     * A message that has a name left a queue for others, or for nowhere.
     *
     * @param from where it stood
     * @param to where it stands now, the first ones
     * @param all how many these are
     * @param waits whether it is kept for later
     */
    public void moved(
            String vhost, String producer, long seq, Placed from, String why, List<Placed> to, int all, boolean waits) {
        Producer p = producers.find(vhost, producer);
        Note was = toChange(p, seq);
        if (was == null) {
            return;
        }
        List<Placed> before = Placed.next(was.places(), seq - was.base());
        MovedPlaces now = MovedPlaces.of(before, was.queues(), from, why, to, all, waits);
        if (now == null) {
            return;
        }
        Note next =
                new Note(was.outcome(), seq, was.term(), was.index(), was.time(), 0, "", now.queues(), now.places());
        p.note(seq, seq + 1, next);
        producers.work().holdNote(now.places().size());
    }

    /** What is known of one that is stored; null for nothing. What else is noted of it is the caller's business. */
    private Note toChange(Producer p, long seq) {
        if (p == null || !p.isDecided(seq)) {
            return null;
        }
        work += p.noting(seq);
        Note was = p.noteToChange(seq);
        producers.touch(p); // its neighbours are in memory now
        return was == null || was.outcome() != Outcome.STORED ? null : was;
    }

    /** A scheduled message that has a name never comes. */
    public void calledOff(String vhost, String producer, long seq, String why) {
        if (come.isEmpty()) {
            released(vhost, producer, seq, MovedPlaces.nowhere(why), 1);
        } else {
            off.add(new Off(vhost, producer, seq, why)); // it may be one of these
        }
    }

    /**
     * A scheduled message that has a name has come to its queues.
     *
     * @param to the first ones
     * @param all how many these are
     */
    public void released(String vhost, String producer, long seq, List<Placed> to, int all) {
        Producer p = producers.find(vhost, producer);
        Note was = toChange(p, seq);
        if (was == null || was.places().size() >= was.queues() && was.queues() > 0) {
            return;
        }
        List<Placed> places = new ArrayList<>(Placed.next(was.places(), seq - was.base()));
        places.addAll(to.isEmpty() ? MovedPlaces.NOWHERE : to);
        int queues = MovedPlaces.inAll(places.size(), was.queues(), all);
        if (places.size() > PlacedRuns.MOST_PLACES) {
            places.subList(PlacedRuns.MOST_PLACES, places.size()).clear();
        }
        p.note(seq, seq + 1, new Note(was.outcome(), seq, was.term(), was.index(), was.time(), 0, "", queues, places));
    }
}
