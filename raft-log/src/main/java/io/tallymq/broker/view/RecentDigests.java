package io.tallymq.broker.view;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;

/**
 * Digests that were asked for lately, so that replicas asked one after the other can be compared at the same index. Not part of
 * the state: a replica that starts knows none.
 */
public final class RecentDigests {
    public static final int MOST = 64;

    /** Walks at the same time; who asks for more gets none. */
    static final int MOST_WALKS = 4;

    private final ArrayDeque<BrokerView.DigestAt> digests = new ArrayDeque<>();
    private final List<DigestWalk> walks = new ArrayList<>();

    /** One per index: another batch of the same entry gets the digest that the first one asked for. */
    public long note(long index, LongSupplier digest) {
        if (digests.isEmpty() || digests.getLast().index() != index) {
            add(index, digest.getAsLong());
        }
        return digests.getLast().digest();
    }

    private void add(long index, long digest) {
        if (digests.size() == MOST) {
            digests.removeFirst();
        }
        digests.addLast(new BrokerView.DigestAt(index, digest));
    }

    /** The entries from this one on compute the digest, unless they do already. */
    public void begin(long index, LongFunction<DigestWalk> walk) {
        if (walks.size() < MOST_WALKS && walks.stream().noneMatch(w -> w.index() == index)) {
            walks.add(walk.apply(index));
        }
    }

    /**
     * The entry's commands are done.
     *
     * @param most what each walk adds, whether there are others or not: a replica that was started meanwhile lacks some
     */
    public void step(int most) {
        walks.removeIf(w -> {
            boolean done = w.step(Math.max(1, most / MOST_WALKS));
            if (done) {
                add(w.index(), w.value());
            }
            return done;
        });
    }

    /** How many are under way. */
    public int walks() {
        return walks.size();
    }

    public List<BrokerView.DigestAt> all() {
        return List.copyOf(digests);
    }
}
