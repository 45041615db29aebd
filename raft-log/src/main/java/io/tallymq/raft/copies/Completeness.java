package io.tallymq.raft.copies;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToLongFunction;

/**
 * When each member had all that was committed, as far as this node was told: it looks now and then what is committed, and whether a member has
 * come to what it saw lately. One that is a moment behind under load counts as complete a moment ago, one that is away as of when it left.
 * {@link #look} by one thread at a time, the rest by any.
 */
public final class Completeness {
    /** Looks that are remembered. */
    private static final int LOOKS = 16;

    private record Look(long committed, long time) {}

    private final Deque<Look> looks = new ArrayDeque<>();
    private final Map<String, Long> completeAt = new ConcurrentHashMap<>();

    /**
     * @param committed the last entry that is known to be committed
     * @param time milliseconds since the epoch, by this node's clock
     * @param reached up to which entry a member is known to have the log
     */
    public void look(long committed, long time, Collection<String> members, ToLongFunction<String> reached) {
        Look last = looks.peekLast();
        if (last != null && last.committed >= committed) {
            looks.removeLast(); // nothing new: who had all then has all now
        }
        looks.addLast(new Look(committed, time));
        if (looks.size() > LOOKS) {
            looks.removeFirst();
        }
        for (String member : members) {
            long has = reached.applyAsLong(member);
            for (Iterator<Look> newest = looks.descendingIterator(); newest.hasNext(); ) {
                Look look = newest.next();
                if (look.committed <= has) {
                    completeAt.put(member, look.time);
                    break;
                }
            }
        }
    }

    /** When the member was last known to have all, in milliseconds since the epoch; -1 when it was not since this node started. */
    public long completeAt(String member) {
        return completeAt.getOrDefault(member, -1L);
    }
}
