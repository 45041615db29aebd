package io.tallymq.login;

import io.tallymq.net.Origin;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Passwords that wait to be compared, in a line for each address (see {@link Origin}): the lines take turns, and one whose address pays for a failed login
 * (see {@link Penalties}) is passed over until then, so who sends many does not keep the others out. What takes a place is a user with a password: all
 * clients of an application wait for one comparison, from wherever they come. Any thread.
 */
final class Waiting {
    /** Logins that wait when no other may join one; the clients of some may be gone. */
    static final int MOST_LOGINS = 10_000;
    /** Octets of all that wait when no other may join one. */
    static final long MOST_OCTETS = 16L << 20;

    private final int most;
    private final int mostOfOne;
    private final Penalties penalties;
    /** The one whose turn is next is the first. None is empty. */
    private final Map<InetAddress, ArrayDeque<Comparison>> lines = new LinkedHashMap<>();
    /** Those that wait, and the one that is being compared. */
    private final Map<Comparison.Key, Comparison> known = new HashMap<>();

    private int places;
    private int logins;
    private long octets;
    private boolean closed;

    /**
     * @param most comparisons that may wait
     * @param mostOfOne those of one address
     */
    Waiting(int most, int mostOfOne, Penalties penalties) {
        this.most = most;
        this.mostOfOne = mostOfOne;
        this.penalties = penalties;
    }

    /**
     * Takes a login in: it joins who has shown the same, or has a place of its own.
     *
     * @return who has no place now, and is to be told so: the new one when there is no room, or one of the longest line that made room
     */
    synchronized List<Comparison.Waiter> enter(Comparison.Key key, byte[] password, Comparison.Waiter waiter) {
        if (join(key, waiter)) {
            return List.of();
        }
        InetAddress origin = Origin.of(waiter.from());
        if (closed || known.containsKey(key) || !hasRoom(origin)) {
            return List.of(waiter);
        }
        List<Comparison.Waiter> driven = places < most ? List.of() : driveOut();
        Comparison c = new Comparison(key, password, waiter);
        known.put(key, c);
        count(waiter);
        stand(c);
        return driven;
    }

    /** Whether somebody who waits has shown the same, and not too many wait: then this login waits with him. */
    synchronized boolean join(Comparison.Key key, Comparison.Waiter waiter) {
        Comparison same = known.get(key);
        if (same == null || closed || logins >= MOST_LOGINS || octets + waiter.octets() > MOST_OCTETS) {
            return false;
        }
        count(waiter);
        same.waiters().add(waiter);
        moveTo(Origin.of(waiter.from()), same);
        return true;
    }

    private void count(Comparison.Waiter waiter) {
        logins++;
        octets += waiter.octets();
    }

    private void stand(Comparison c) {
        lines.computeIfAbsent(c.line(), o -> new ArrayDeque<>()).add(c);
        places++;
    }

    private void leave(Comparison c) {
        ArrayDeque<Comparison> line = lines.get(c.line());
        line.remove(c);
        places--;
        if (line.isEmpty()) {
            lines.remove(c.line());
        }
    }

    /** It stands where it gets its turn sooner: whoever is elsewhere and has shown the same need not wait for who came first. */
    private void moveTo(InetAddress origin, Comparison c) {
        ArrayDeque<Comparison> line = lines.get(c.line());
        if (c.line().equals(origin) || line == null || !line.contains(c)) {
            return; // or its turn has come
        }
        boolean isHeld = penalties.held(c.line()) > 0;
        boolean wouldBeHeld = penalties.held(origin) > 0;
        boolean isSooner = isHeld == wouldBeHeld ? length(origin) + 1 < line.size() : isHeld;
        if (isSooner && length(origin) < mostOfOne) {
            leave(c);
            c.line(origin);
            stand(c);
        }
    }

    private int length(InetAddress origin) {
        ArrayDeque<Comparison> line = lines.get(origin);
        return line == null ? 0 : line.size();
    }

    /** Whether a password that nobody of those who wait has shown would have a place. */
    synchronized boolean hasRoom(InetAddress from) {
        InetAddress origin = Origin.of(from);
        int own = length(origin);
        return own < mostOfOne && (places < most || own + 1 < longest().size());
    }

    /**
     * Whether not even passwords that are known may be looked at: a wrong one would be turned away at once, and so be told from a right one, as often as
     * somebody likes.
     */
    synchronized boolean isClosedTo(InetAddress from) {
        return !hasRoom(from) && (places >= most || penalties.isSuspect(from));
    }

    private ArrayDeque<Comparison> longest() {
        return lines.values().stream()
                .max(Comparator.comparingInt(ArrayDeque::size))
                .orElseThrow();
    }

    private List<Comparison.Waiter> driveOut() {
        Comparison last = longest().peekLast();
        leave(last);
        return end(last);
    }

    /** The next to be compared, which takes no place any more; {@link #end} follows. Null while none may be. */
    synchronized Comparison next() {
        Iterator<Map.Entry<InetAddress, ArrayDeque<Comparison>>> i =
                lines.entrySet().iterator();
        while (i.hasNext()) {
            Map.Entry<InetAddress, ArrayDeque<Comparison>> e = i.next();
            if (penalties.held(e.getKey()) == 0) {
                ArrayDeque<Comparison> line = e.getValue();
                i.remove();
                Comparison c = first(e.getKey(), line);
                line.remove(c);
                places--;
                if (!line.isEmpty()) {
                    lines.put(e.getKey(), line); // behind the others
                }
                return c;
            }
        }
        return null;
    }

    /** Of an address where somebody fails again and again the others come first. */
    private Comparison first(InetAddress origin, ArrayDeque<Comparison> line) {
        return line.stream()
                .filter(c -> !penalties.hasFailed(origin, c.user()))
                .findFirst()
                .orElseGet(line::peekFirst);
    }

    /** For how long none may be compared, nanoseconds; 0 if one may be now, -1 if none waits. */
    synchronized long pause() {
        return lines.keySet().stream().mapToLong(penalties::held).min().orElse(-1);
    }

    /** It is compared: nobody joins it any more. Returns who has waited for it. */
    synchronized List<Comparison.Waiter> end(Comparison c) {
        known.remove(c.key());
        logins -= c.waiters().size();
        c.waiters().forEach(w -> octets -= w.octets());
        return c.waiters();
    }

    /** Nobody is taken in any more. Returns who waits; not those whose comparison has begun. */
    synchronized List<Comparison.Waiter> close() {
        closed = true;
        List<Comparison.Waiter> all = new ArrayList<>();
        lines.values().forEach(line -> line.forEach(c -> all.addAll(end(c))));
        lines.clear();
        places = 0;
        return all;
    }

    /** Logins that wait. */
    synchronized int logins() {
        return logins;
    }
}
