package io.tallymq.broker.view;

import io.tallymq.broker.message.StateDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A digest of the state that is computed by several entries, some parts of it each. What changes meanwhile may be in it or not, the same
 * on all replicas, for each entry does as much on all of them.
 */
public final class DigestWalk {
    /** A part of the state that is large, in an order that lasts. */
    @FunctionalInterface
    public interface Part {
        /**
         * Adds some of it.
         *
         * @param from what this returned the last time; null for the beginning
         * @return null when it is done
         */
        Object add(StateDigest d, Object from, Units units);
    }

    /** One that is added at once. */
    public static Part whole(Consumer<StateDigest> part) {
        return (d, from, units) -> {
            part.accept(d);
            return null;
        };
    }

    /** How much may still be added. */
    public static final class Units {
        private long left;

        public Units(long left) {
            this.left = left;
        }

        public boolean areSpent() {
            return left <= 0;
        }

        public void spend(long units) {
            left -= units;
        }
    }

    private final long index;
    private final StateDigest digest;
    private final List<Part> parts;
    private int part;
    private Object place;

    /**
     * Begins one.
     *
     * @param index of the entry that asked for it, whose digest it is called
     * @param digest of what is small
     */
    public DigestWalk(long index, StateDigest digest, List<Part> parts) {
        this.index = index;
        this.digest = digest;
        this.parts = new ArrayList<>(parts);
    }

    long index() {
        return index;
    }

    /** Adds so much; returns whether all is in it. */
    public boolean step(long most) {
        Units units = new Units(most);
        while (part < parts.size() && !units.areSpent()) {
            place = parts.get(part).add(digest, place, units);
            if (place == null) {
                part++;
            }
        }
        return part == parts.size();
    }

    public long value() {
        return digest.value();
    }

    /** All of it at once. */
    public long all() {
        step(Long.MAX_VALUE);
        return value();
    }
}
