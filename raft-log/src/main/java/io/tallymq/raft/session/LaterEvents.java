package io.tallymq.raft.session;

import java.util.ArrayDeque;
import java.util.List;

/**
 * Events that wait until a large message has gone back to the client part by part: as long as it takes to read it. What they keep is
 * counted, and beyond {@link #MOST} the client's connection is not read: else who publishes on and reads slowly would fill the heap. Each is looked
 * at once when it comes and once when it goes, however many large messages stand in between. The session's loop.
 */
final class LaterEvents {
    /** Bytes. What the node has sent to the log by then may come on top. */
    static final int MOST = 4 << 20;

    private final ArrayDeque<SessionEvent> events = new ArrayDeque<>();
    private long bytes;
    /** Of these, events by which a consumer loses what it was given. */
    private int takeAways;

    void add(List<SessionEvent> row) {
        for (SessionEvent event : row) {
            SessionEvent kept = event.kept();
            events.add(kept);
            bytes += kept.keptBytes();
            takeAways += takesAway(kept);
        }
    }

    private static int takesAway(SessionEvent event) {
        return event instanceof SessionEvent.TimedOut ? 1 : 0;
    }

    /** The next one, or null. */
    SessionEvent poll() {
        SessionEvent event = events.poll();
        if (event != null) {
            bytes -= event.keptBytes();
            takeAways -= takesAway(event);
        }
        return event;
    }

    /** Whether somebody has lost to others what he was given, and does not know it yet. */
    boolean takeAway() {
        return takeAways > 0;
    }

    /** Whether no more should come. */
    boolean isFull() {
        return bytes > MOST;
    }
}
