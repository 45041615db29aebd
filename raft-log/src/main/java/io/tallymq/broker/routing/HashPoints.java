package io.tallymq.broker.routing;

import java.util.Arrays;
import java.util.Collection;
import java.util.Set;

/**
 * The points of a ring, ascending, and whose each one is; of equal ones the owner that comes first is before. It does not change: a binding
 * more or less makes another one, by one walk through the points.
 */
final class HashPoints {
    static final HashPoints NONE = new HashPoints(Integer.MIN_VALUE, new long[0], new Binding[0]);

    private final int shift;
    private final long[] points;
    private final Binding[] owners;

    private HashPoints(int shift, long[] points, Binding[] owners) {
        this.shift = shift;
        this.points = points;
        this.owners = owners;
    }

    /** As {@link HashRing#points} takes it. */
    int shift() {
        return shift;
    }

    int size() {
        return points.length;
    }

    /** Whose the first point is at this hash or behind it; null if there is none at all. */
    Binding owner(long hash) {
        if (points.length == 0) {
            return null;
        }
        int at = Arrays.binarySearch(points, hash);
        int first = at >= 0 ? at : -at - 1;
        while (first > 0 && first < points.length && points[first - 1] == points[first]) {
            first--;
        }
        return owners[first % points.length];
    }

    /**
     * The same as {@link #owner} of a ring of these bindings, by a look at each of its points: faster for a few searches than to sort
     * them, and nothing is kept.
     *
     * @param all ascending
     */
    static Binding owner(long hash, int shift, Collection<Binding> all) {
        Binding owner = null;
        long least = 0;
        for (Binding b : all) {
            long own = b.hash();
            long count = HashRing.points(b, shift);
            if (all.size() == 1) {
                return count == 0 ? null : b;
            }
            for (long i = 0; i < count; i++) {
                long distance = RouteHash.mix(own + RouteHash.mix(i + 1)) - hash; // round the ring
                if (owner == null || Long.compareUnsigned(distance, least) < 0) {
                    owner = b;
                    least = distance;
                }
            }
        }
        return owner;
    }

    /** Of these bindings alone. */
    static HashPoints of(int shift, Collection<Binding> all) {
        int n = 0;
        for (Binding b : all) {
            n += (int) HashRing.points(b, shift);
        }
        long[] hashes = new long[n];
        Binding[] owners = new Binding[n];
        int at = 0;
        for (Binding b : all) {
            long own = b.hash();
            long count = HashRing.points(b, shift);
            for (long i = 0; i < count; i++) {
                hashes[at] = RouteHash.mix(own + RouteHash.mix(i + 1));
                owners[at++] = b;
            }
        }
        return sorted(shift, hashes, owners);
    }

    /** Sorts numbers, not objects: the upper bits of a hash and where it stands; the few that are alike in those are put right then. */
    private static HashPoints sorted(int shift, long[] hashes, Binding[] owners) {
        int n = hashes.length;
        int bits = Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(1, n - 1));
        long low = (1L << bits) - 1;
        long[] keys = new long[n];
        for (int i = 0; i < n; i++) {
            keys[i] = hashes[i] & ~low | i;
        }
        Arrays.sort(keys);
        long[] points = new long[n];
        Binding[] whose = new Binding[n];
        for (int i = 0; i < n; i++) {
            int from = (int) (keys[i] & low);
            int at = i;
            while (at > 0 && isBefore(hashes[from], owners[from], points[at - 1], whose[at - 1])) {
                points[at] = points[at - 1];
                whose[at] = whose[at - 1];
                at--;
            }
            points[at] = hashes[from];
            whose[at] = owners[from];
        }
        return new HashPoints(shift, points, whose);
    }

    private static boolean isBefore(long hash, Binding owner, long other, Binding otherOwner) {
        return hash < other || hash == other && owner.compareTo(otherOwner) < 0;
    }

    /** The same ring without some and with others. */
    HashPoints with(Set<Binding> without, Collection<Binding> more) {
        HashPoints added = of(shift, more);
        int most = points.length + added.points.length;
        long[] all = new long[most];
        Binding[] whose = new Binding[most];
        int n = 0;
        int j = 0;
        for (int i = 0; i < points.length; i++) {
            if (!without.isEmpty() && without.contains(owners[i])) {
                continue;
            }
            while (j < added.points.length && isBefore(added.points[j], added.owners[j], points[i], owners[i])) {
                all[n] = added.points[j];
                whose[n++] = added.owners[j++];
            }
            all[n] = points[i];
            whose[n++] = owners[i];
        }
        while (j < added.points.length) {
            all[n] = added.points[j];
            whose[n++] = added.owners[j++];
        }
        return new HashPoints(shift, Arrays.copyOf(all, n), Arrays.copyOf(whose, n));
    }
}
