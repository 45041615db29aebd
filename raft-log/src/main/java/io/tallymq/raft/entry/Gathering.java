package io.tallymq.raft.entry;

import java.util.HashSet;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * Whether the leader's next entry waits for nodes that are missing in it. The nodes of one entry hear of it at the same time, so their next
 * batches come within a moment: who waits for all of them writes one entry where else each node has its own, and an entry costs
 * the cluster about a millisecond of CPU whatever is in it. It waits a round trip, on a full machine as long as batches do, only if there is load; as long as batches
 * do, too, if all that is there is of sessions that lose nothing by it: until the nodes are in step they have nothing sooner. It waits only for nodes that were in one of the last two entries, and a wait in which nobody came is not repeated soon. Guarded by the {@link EntryQueue}.
 */
final class Gathering {
    /** With less than so many bytes in the last entries there is no load: a lone message never waits. */
    private static final int LEAST_BYTES = 2 << 10;
    /** At least one entry of so many waits, to see whether it pays now. */
    private static final int MAX_PAUSE = 64;
    /** What a round trip counts against those before it. */
    private static final int NEW_SHARE = 4;

    private final long most;
    private final BooleanSupplier fullMachine;
    private Set<String> last = Set.of();
    private Set<String> lastButOne = Set.of();
    /** Whose batches wait. */
    private final Set<String> here = new HashSet<>();

    private long roundTrip;
    private long sentAt;
    private boolean active;
    /** It waits without load, because all that is there is patient. */
    private boolean forPatient;

    private int before;
    private int pause;
    private int skip;

    /**
     * Makes one that knows of no entry.
     *
     * @param most how many nanoseconds to wait at most; 0 for never
     * @param fullMachine whether all processors are in use: then the nodes need longer for their batches
     */
    Gathering(long most, BooleanSupplier fullMachine) {
        this.most = most;
        this.fullMachine = fullMachine;
    }

    void arrived(String node) {
        here.add(node);
    }

    /**
     * An entry could go, with so many bytes in it. Returns whether it waits.
     *
     * @param patient all in it is of sessions that lose nothing by a moment's wait
     */
    boolean waits(long bytes, boolean patient) {
        if (most == 0 || !isMissing(last) && !isMissing(lastButOne)) {
            return false;
        }
        boolean load = bytes >= LEAST_BYTES;
        if (active) {
            return load || patient || !forPatient;
        }
        if (!load && !patient) {
            return false;
        }
        if (skip > 0) {
            skip--;
            return false;
        }
        active = true;
        forPatient = !load;
        before = here.size();
        return true;
    }

    private boolean isMissing(Set<String> nodes) {
        return !here.containsAll(nodes);
    }

    boolean isActive() {
        return active;
    }

    /** Nanoseconds that an entry waits. */
    long length() {
        return forPatient || fullMachine.getAsBoolean() ? most : Math.min(most, roundTrip);
    }

    /** An entry goes, with batches of these nodes. */
    void sent(Set<String> nodes, long now) {
        if (active) {
            active = false;
            pause = here.size() > before ? 0 : Math.min(MAX_PAUSE - 1, 2 * pause + 1);
            skip = pause;
        }
        here.removeAll(nodes);
        lastButOne = last;
        last = nodes;
        sentAt = now;
    }

    /** The entry is applied here, or has failed. */
    void applied(long now) {
        long took = now - sentAt;
        roundTrip = roundTrip == 0 ? took : roundTrip + (took - roundTrip) / NEW_SHARE;
    }
}
