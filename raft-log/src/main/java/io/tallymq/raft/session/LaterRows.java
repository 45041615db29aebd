package io.tallymq.raft.session;

import java.util.ArrayDeque;
import java.util.List;

/**
 * Rows of events that wait until a large message has gone back to the client part by part: as long as it takes to read it. What they keep is
 * counted, and beyond {@link #MOST} the client's connection is not read: else who publishes on and reads slowly would fill the heap. The
 * session's loop.
 */
final class LaterRows {
    /** Bytes. What the node has sent to the log by then may come on top. */
    static final int MOST = 4 << 20;

    private final ArrayDeque<List<SessionEvent>> rows = new ArrayDeque<>();
    private long bytes;
    /** Of these rows, events by which a consumer loses what it was given. */
    private int takeAways;

    void add(List<SessionEvent> row) {
        rows.add(kept(row));
    }

    void addFirst(List<SessionEvent> row) {
        rows.addFirst(kept(row));
    }

    private List<SessionEvent> kept(List<SessionEvent> row) {
        row.replaceAll(SessionEvent::kept);
        bytes += bytesOf(row);
        takeAways += takeAwaysOf(row);
        return row;
    }

    private static int takeAwaysOf(List<SessionEvent> row) {
        int sum = 0;
        for (int i = 0; i < row.size(); i++) {
            sum += row.get(i) instanceof SessionEvent.TimedOut ? 1 : 0;
        }
        return sum;
    }

    private static long bytesOf(List<SessionEvent> row) {
        long sum = 0;
        for (int i = 0; i < row.size(); i++) {
            sum += row.get(i).keptBytes();
        }
        return sum;
    }

    /** The next row, or null. */
    List<SessionEvent> poll() {
        List<SessionEvent> row = rows.poll();
        bytes -= row == null ? 0 : bytesOf(row);
        takeAways -= row == null ? 0 : takeAwaysOf(row);
        return row;
    }

    boolean isEmpty() {
        return rows.isEmpty();
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
