package io.tallymq.broker.routing;

import io.tallymq.broker.settings.ArgumentRoom;
import io.tallymq.broker.spec.RoutingTarget;
import io.tallymq.broker.store.MessageStore;
import java.util.ArrayDeque;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntSupplier;

/**
 * All bindings, between the exchanges and queues that they lead from and to. One that goes with its exchange or queue is dead at once, and taken out of
 * memory and store some at a time, so that no command costs as much as all that hung on what it deleted. Applying thread only.
 */
final class BindingGraph {
    /** The level of the state from which on those that are dead count until they are taken out, which is then done by none of the commands. */
    private static final int DEAD_COUNT = 5;

    private final MessageStore store;
    private final ArgumentRoom room;
    private final IntSupplier level;
    /** Most dead bindings that the commands of an entry take out themselves. */
    private final int atOnce;

    private int leftAtOnce;
    /** By the number of the queue they lead to. */
    private final TreeMap<Long, TreeSet<Binding>> byQueue = new TreeMap<>();

    private final ArrayDeque<Binding> dead = new ArrayDeque<>();
    /** Stored bindings that were dead when this replica started. */
    private final ArrayDeque<byte[]> deadKeys = new ArrayDeque<>();

    private int count;
    private long changes;

    BindingGraph(MessageStore store, ArgumentRoom room, IntSupplier level, int atOnce) {
        this.store = store;
        this.room = room;
        this.level = level;
        this.atOnce = atOnce;
        this.leftAtOnce = atOnce;
    }

    /** Bindings that are not dead. */
    int count() {
        return count;
    }

    /** How often one came or went that does not go with a connection. */
    long changes() {
        return changes;
    }

    private void changed(Binding b) {
        if (!b.toQueue() || !b.queue().isOfConnection()) {
            changes++;
        }
    }

    /** Bindings for which there has to be room. */
    int used() {
        return level.getAsInt() < DEAD_COUNT ? count : count + owed();
    }

    /** False if it is there already. */
    boolean attach(Binding b) {
        if (!b.source().addOutgoing(b)) {
            return false;
        }
        count++;
        changed(b);
        room.change(b.cost());
        if (b.toQueue()) {
            byQueue.computeIfAbsent(b.queue().number(), n -> new TreeSet<>()).add(b);
        } else {
            b.exchange().addIncoming(b);
        }
        return true;
    }

    void detach(Binding b) {
        b.source().lost(b);
        count--;
        changed(b);
        room.change(-b.cost());
        takeOut(b);
    }

    /** The queue goes: those that lead to it, to be killed, or null. */
    TreeSet<Binding> remove(RoutingTarget queue) {
        return byQueue.remove(queue.number());
    }

    /** A stored one leads from or to what is not there any more. */
    void isDead(byte[] storedKey) {
        deadKeys.add(storedKey);
    }

    /** Nothing goes this way any more, and nobody sees it. */
    void kill(Binding b) {
        if (!b.dead) {
            b.dead = true;
            b.source().lost(b);
            count--;
            changed(b);
            room.change(-b.cost());
            dead.add(b);
        }
    }

    boolean owes() {
        return !dead.isEmpty() || !deadKeys.isEmpty();
    }

    int owed() {
        return dead.size() + deadKeys.size();
    }

    /** A command has killed some: it takes out what it may. */
    void sweepAtOnce() {
        if (level.getAsInt() >= DEAD_COUNT) {
            return;
        }
        int before = dead.size();
        takeOut(Math.min(leftAtOnce, before));
        leftAtOnce -= before - dead.size();
    }

    /** The entry's commands are done: so many dead ones go. */
    void sweep(int most) {
        leftAtOnce = atOnce;
        takeOut(most);
    }

    /** So many whether they died here or before this replica started: those that are left count. */
    private void takeOut(int most) {
        int left = most;
        for (; left > 0 && !dead.isEmpty(); left--) {
            takeOut(dead.poll());
        }
        for (; left > 0 && !deadKeys.isEmpty(); left--) {
            store.delete(deadKeys.poll());
        }
    }

    private void takeOut(Binding b) {
        if (!b.source().gone) {
            b.source().removeOutgoing(b);
        }
        if (b.toQueue()) {
            TreeSet<Binding> same = byQueue.get(b.queue().number());
            if (same != null && same.remove(b) && same.isEmpty()) {
                byQueue.remove(b.queue().number());
            }
        } else if (!b.exchange().gone) {
            b.exchange().removeIncoming(b);
        }
        store.delete(TopologyRecords.key(b));
    }
}
