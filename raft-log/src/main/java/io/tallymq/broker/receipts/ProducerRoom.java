package io.tallymq.broker.receipts;

import java.util.TreeSet;

/**
 * How many producers the virtual hosts may have, and which one gives up a place for another one's: so that none lives at the others' expense, what
 * is beyond goes out of the one that has the most.
 */
final class ProducerRoom {
    /** A virtual host with so many or fewer may use all of the room. */
    static final int FEW = 100;
    /** Of all the room, one part in so many is for those with {@link #FEW}. */
    private static final int KEPT = 10;

    private record Size(int count, String vhost) implements Comparable<Size> {
        @Override
        public int compareTo(Size o) {
            int c = Integer.compare(count, o.count);
            return c != 0 ? c : vhost.compareTo(o.vhost);
        }
    }

    private final int most;
    private final TreeSet<Size> sizes = new TreeSet<>();

    ProducerRoom(int most) {
        this.most = most;
    }

    /** Up to how many, of all virtual hosts, one may bring more that has {@code count} with these. */
    int most(int count) {
        return count <= FEW ? most : least();
    }

    /** Up to how many each may bring more. */
    int least() {
        return most - most / KEPT;
    }

    /** A virtual host has another number of producers; 0 for none. */
    void changed(String vhost, int before, int now) {
        if (before > 0) {
            sizes.remove(new Size(before, vhost));
        }
        if (now > 0) {
            sizes.add(new Size(now, vhost));
        }
    }

    /** The virtual host that has the most; null if there are no producers. */
    String largest() {
        return sizes.isEmpty() ? null : sizes.last().vhost();
    }
}
