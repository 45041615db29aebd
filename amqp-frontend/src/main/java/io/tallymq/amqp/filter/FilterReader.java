package io.tallymq.amqp.filter;

import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.filter.FilterScan;
import io.tallymq.broker.message.CoveringRanges;
import io.tallymq.broker.message.SeqRanges;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Finds for a consumer with a filter what it wants of its queue, and has it take that. It looks at each message that is ready once, and again
 * when it hears that it is ready again; what it found it names to the broker, in the queue's order, as much as the consumer may have. One thing
 * at a time: it looks, or waits for what came of a take. Event loop only.
 */
public final class FilterReader {
    /** Ranges of messages that are still to be looked at; what is nearest is joined then. */
    private static final int MOST_PLACES = 64;
    /** Found and not taken: then it looks no further. */
    private static final int MOST_FOUND = 1_024;
    /** Messages and ranges of one take. */
    private static final int MOST_TAKEN = 512;

    private static final int MOST_RANGES = 256;

    private static final long BUSY_MILLIS = 20;
    private static final long LONGEST_BUSY_MILLIS = 200;
    private static final long FULL_MILLIS = 1_000;

    /** Where it looks and takes. Answers come on the event loop, and never within the call. */
    public interface Door {
        /**
         * Looks for what the filter wants.
         *
         * @param where pairs of first and last number, ascending
         * @param failed nobody could look: the readers of the store were too busy
         */
        void look(long[] where, Consumer<FilterScan.Found> found, Runnable failed);

        /** The consumer takes what it can of these. */
        void take(long[] ranges, Consumer<Reply.Taken> taken);

        void later(long millis, Runnable task);

        /** Nothing is delivered any more. */
        boolean isOver();
    }

    private final Door door;
    private final FilterCounts counts;
    /** Messages of one take. */
    private final int most;

    private final CoveringRanges todo = new CoveringRanges(MOST_PLACES);
    private final SeqRanges found = new SeqRanges();
    private boolean begun;
    private boolean ended;
    /** It looks or takes, or waits to try again. */
    private boolean busy;
    /** What it did last was to look. */
    private boolean looked;
    /** The consumer has all that it may have. */
    private boolean noRoom;
    /** There may be room since the take in hand began. */
    private boolean roomMade;
    /** How long it waits when a take is stopped: each is an entry of the log, so who gets nothing again and again asks less often. */
    private long busyMillis = BUSY_MILLIS;

    /** @param prefetch messages that the consumer may hold, 0 for no limit */
    public FilterReader(Door door, FilterCounts counts, int prefetch) {
        this.door = door;
        this.counts = counts;
        // Some of what it names may be others' by then.
        this.most = prefetch == 0 ? MOST_TAKEN : (int) Math.min(2L * prefetch, MOST_TAKEN);
    }

    /** The consumer may be delivered to. */
    public void begin() {
        begun = true;
        todo.add(0, Long.MAX_VALUE);
        goOn();
    }

    /** The consumer is gone. */
    public void end() {
        ended = true;
    }

    /** Messages may be had that could not be had before: pairs of first and last number. */
    public void ready(long[] ranges) {
        if (begun) { // else it begins with all there is
            todo.addAll(ranges);
            goOn();
        }
    }

    /** The consumer may have room: something of its channel was settled, and the broker has heard of it or will before anything else. */
    public void room() {
        roomMade = true;
        noRoom = false;
        goOn();
    }

    private void goOn() {
        if (busy || ended || door.isOver()) {
            return;
        }
        boolean mayTake = !found.isEmpty() && !noRoom;
        boolean mayLook = !todo.isEmpty() && found.count() < MOST_FOUND;
        // What comes earlier in the queue is looked at before more is taken; but what was found is not kept waiting by
        // it for ever.
        if (mayTake && (looked || !mayLook || found.lowest() < todo.lowest())) {
            take();
        } else if (mayLook) {
            look();
        }
    }

    private void look() {
        busy = true;
        looked = true;
        long[] where = todo.take();
        door.look(where, f -> found(f, where), () -> {
            todo.addAll(where);
            pause(BUSY_MILLIS);
        });
    }

    private void found(FilterScan.Found f, long[] where) {
        busy = false;
        long[] matches = f.matches();
        long n = 0;
        for (int i = 0; i < matches.length; i += 2) {
            n += matches[i + 1] - matches[i] + 1;
            found.remove(matches[i], matches[i + 1], (a, b) -> {});
            found.add(matches[i], matches[i + 1]);
        }
        counts.looked(f.looked(), n);
        for (int i = 0; f.next() < Long.MAX_VALUE && i < where.length; i += 2) {
            if (where[i + 1] >= f.next()) {
                todo.add(Math.max(where[i], f.next()), where[i + 1]);
            }
        }
        goOn();
    }

    private void take() {
        busy = true;
        looked = false;
        roomMade = false;
        long[] ranges = first();
        door.take(ranges, t -> taken(t, ranges));
    }

    private long[] first() {
        long[] all = found.toArray();
        long left = most;
        int n = 0;
        while (n < all.length && n < 2 * MOST_RANGES && left > 0) {
            all[n + 1] = Math.min(all[n + 1], all[n] + left - 1);
            left -= all[n + 1] - all[n] + 1;
            n += 2;
        }
        return Arrays.copyOf(all, n);
    }

    private void taken(Reply.Taken t, long[] ranges) {
        busy = false;
        long decided = t.undecided() < 0 ? ranges[ranges.length - 1] : t.undecided() - 1;
        long before = found.count();
        found.remove(0, decided, (a, b) -> {});
        counts.took(t.messages(), before - found.count() - t.messages());
        busyMillis = t.messages() > 0 ? BUSY_MILLIS : Math.min(2 * busyMillis, LONGEST_BUSY_MILLIS);
        switch (t.why()) {
            case CREDIT -> noRoom = !roomMade;
            case BUSY -> pause(busyMillis);
            case FULL -> {
                counts.wasFull();
                pause(FULL_MILLIS);
            }
            case NONE -> {}
        }
        goOn();
    }

    private void pause(long millis) {
        busy = true;
        door.later(millis, () -> {
            busy = false;
            goOn();
        });
    }
}
