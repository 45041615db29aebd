package io.tallymq.broker.processing;

import io.tallymq.broker.command.Sent;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.life.Connections;
import io.tallymq.broker.queue.Departure;
import io.tallymq.broker.queue.Dirty;
import io.tallymq.broker.queue.Holder;
import io.tallymq.broker.queue.Queue;
import io.tallymq.broker.queues.Handouts;
import io.tallymq.broker.queues.Leaving;
import io.tallymq.broker.queues.Queues;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/** What becomes of consumers, of what they hold, and of queues that nobody else may use, when channels, connections and nodes are gone. */
public final class Closing {
    /** The level from which on of what a dead node's clients held only what they had been sent has failed. */
    private static final int SENT_FAILS = 5;

    private final Queues queues;
    private final QueueCommands queueCommands;
    private final Connections connections;
    private final Dirty dirty;
    private final Handouts handouts;
    private final Leaving leaving;
    private final LongSupplier newNumber;
    private final IntSupplier level;
    /** Work of a close that is done at once. */
    private final int atOnce;

    /**
     * Made once.
     *
     * @param level of the state
     * @param atOnce work of a close that is done in its entry
     */
    public Closing(
            Queues queues,
            QueueCommands queueCommands,
            Connections connections,
            Dirty dirty,
            Handouts handouts,
            Leaving leaving,
            LongSupplier newNumber,
            IntSupplier level,
            int atOnce) {
        this.queues = queues;
        this.queueCommands = queueCommands;
        this.connections = connections;
        this.dirty = dirty;
        this.handouts = handouts;
        this.leaving = leaving;
        this.newNumber = newNumber;
        this.level = level;
        this.atOnce = atOnce;
    }

    /**
     * Channels are gone: their consumers go, what was held is ready again at its old place, queues go that nobody else may use. What
     * the clients were sent counts as a failed attempt. Nothing is handed out before all of it is out of the way. What is much is given
     * back and taken out by later entries, see {@link Leaving}.
     *
     * @param whose channels, connection or node these were
     * @param owned exclusive queues that go, too
     * @param sent what they were sent; null when that died with its node: then all that was held may have been sent
     */
    void close(Departure.Whose whose, List<Holder> gone, List<Queue> owned, List<Sent> sent, Effects effects) {
        TreeMap<Long, Queue> affected = new TreeMap<>();
        TreeMap<Long, Queue> going = new TreeMap<>();
        owned.forEach(q -> going.put(q.number(), q));
        for (Holder h : gone) {
            boolean consumer = !h.isGetter() && !h.isCancelled();
            h.queue().cancel(h, dirty);
            affected.put(h.queue().number(), h.queue());
            if (consumer && h.queue().holdings().isAbandoned()) {
                going.put(h.queue().number(), h.queue());
            }
        }
        affected.keySet().removeAll(going.keySet());
        long goingCost = going.values().stream().mapToLong(Leaving::cost).sum();
        if (GivingBack.isLittle(gone, goingCost, sent, atOnce)) {
            giveBackAll(gone, sent);
            affected.values()
                    .forEach(q -> handouts.dispatch(q, effects)); // before others' channels have room by what goes
            going.values().forEach(q -> queueCommands.remove(q, effects));
        } else {
            Departure d = Departure.of(newNumber.getAsLong(), whose, sent, List.copyOf(going.keySet()));
            gone.stream()
                    .filter(h -> sent == null && countsSent() && h.lastSent() != Long.MAX_VALUE)
                    .forEach(h -> d.lastSent(h.number(), h.lastSent()));
            depart(d, gone, going, effects);
            affected.values().forEach(q -> handouts.dispatch(q, effects));
        }
    }

    private void giveBackAll(List<Holder> gone, List<Sent> sent) {
        if (sent != null) {
            returnSent(sent, gone);
        }
        Settle.Outcome unknown = countsSent() ? Settle.Outcome.NACK_REQUEUE : Settle.Outcome.REJECT_REQUEUE;
        Settle.Outcome rest = sent == null ? unknown : Settle.Outcome.RELEASE;
        for (Holder h : gone) {
            if (sent == null && countsSent()) {
                h.queue().holdings().failUpTo(h, h.lastSent(), dirty);
            }
            h.queue().holdings().returnAll(h, rest, dirty);
            connections.get(h.connection()).remove(h);
            queues.forget(h);
        }
    }

    /** Whether what a dead node's clients were not sent, as far as the log knows, counts as no failure. It may have been sent all the same. */
    private boolean countsSent() {
        return level.getAsInt() >= SENT_FAILS;
    }

    private void depart(Departure d, List<Holder> gone, TreeMap<Long, Queue> going, Effects effects) {
        leaving.begin(d);
        for (Holder h : gone) {
            h.queue().holdings().leave(h, d, dirty);
            leaving.add(h, d);
        }
        going.values().forEach(q -> queueCommands.remove(q, d, effects));
        leaving.added(d);
    }

    private void returnSent(List<Sent> sent, List<Holder> gone) {
        Map<Long, Holder> byNumber = new TreeMap<>();
        gone.forEach(h -> byNumber.put(h.number(), h));
        for (Sent s : sent) {
            Holder h = byNumber.get(s.holder());
            if (h != null) {
                h.queue().holdings().settle(h, s.ranges(), Settle.Outcome.REJECT_REQUEUE, dirty);
            }
        }
    }
}
