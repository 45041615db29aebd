package io.tallymq.broker;

import java.util.ArrayDeque;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Digests that were asked for lately, so that replicas asked one after the other can be compared at the same index. Not part of
 * the state: a replica that starts knows none.
 */
final class RecentDigests {
    static final int MOST = 64;

    private final ArrayDeque<BrokerView.DigestAt> digests = new ArrayDeque<>();

    /** One per index: another batch of the same entry gets the digest that the first one asked for. */
    long note(long index, LongSupplier digest) {
        if (digests.isEmpty() || digests.getLast().index() != index) {
            if (digests.size() == MOST) {
                digests.removeFirst();
            }
            digests.addLast(new BrokerView.DigestAt(index, digest.getAsLong()));
        }
        return digests.getLast().digest();
    }

    List<BrokerView.DigestAt> all() {
        return List.copyOf(digests);
    }
}
