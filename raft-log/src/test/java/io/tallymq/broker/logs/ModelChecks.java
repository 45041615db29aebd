package io.tallymq.broker.logs;

import io.tallymq.broker.browse.Browse;
import io.tallymq.broker.browse.Seen;
import io.tallymq.broker.logs.ModelQueue.Msg;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.broker.view.Standing;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;

/** What holds for each queue of {@link LogRun} behind each entry: its counts, its bytes and its limits are the model's. */
final class ModelChecks {
    /** Behind every so many entries each queue is looked through: behind each it would take most of the time. */
    private static final int LOOKS = 8;

    private final Replica replica;
    private final ModelHoldings holdings;
    private final ModelPolicies policies;
    /** Below level 2, what a recover takes from a cancelled consumer is looked at by the queue's next command only. */
    private boolean recoveredEarly;

    ModelChecks(Replica replica, ModelHoldings holdings, ModelPolicies policies) {
        this.replica = replica;
        this.holdings = holdings;
        this.policies = policies;
    }

    /** A channel recovered. */
    void recovered() {
        recoveredEarly |= replica.machine.level() < 2;
    }

    void queue(BrokerView.QueueInfo i, ModelQueue q) {
        limits(q);
        if (!replica.machine.owes()) {
            policies.check(i);
        }
        long sent = holdings.sent(q);
        replica.check(i.unacked() == sent, q.name + " unacked " + i.unacked() + " model " + sent);
        int aside = q.deferred.size();
        replica.check(i.deferred() == aside, q.name + " deferred " + i.deferred() + " model " + q.deferred);
        long ready = q.live.size() - sent - aside - holdings.unseen(q);
        replica.check(i.ready() == ready, q.name + " ready " + i.ready() + " model " + q.live.size());
        bytes(i, q, sent);
        if (replica.index() % LOOKS == 0) {
            browsed(q);
        }
    }

    /** Who looks at it sees each message once, in the order of their numbers or against it, and who has it. */
    private void browsed(ModelQueue q) {
        List<Long> seen = new ArrayList<>();
        look(q, false, m -> {
            seen.add(m.seq());
            Standing.State is = m.part().state();
            boolean had = q.heldBy.containsKey(m.seq());
            Standing.State should = had
                    ? Standing.State.UNACKED
                    : q.deferred.containsKey(m.seq()) ? Standing.State.DEFERRED : Standing.State.READY;
            boolean right = is == should
                    && had == (m.part().keeper() != null)
                    && m.bodyLength() == q.live.get(m.seq()).bodyLength();
            if (!right) { // a text for each message would cost more than the look
                replica.check(
                        false,
                        q.name + " " + m.seq() + " is " + is + ", should be " + should + ", had by "
                                + m.part().keeper() + ", bytes " + m.bodyLength());
            }
        });
        if (!seen.equals(new ArrayList<>(q.live.keySet()))) {
            replica.check(false, q.name + " looks " + seen + " model " + q.live);
        }
        List<Long> back = new ArrayList<>();
        look(q, true, m -> back.add(m.seq()));
        Collections.reverse(back);
        if (!seen.equals(back)) {
            replica.check(false, q.name + " looks " + seen + " back " + back);
        }
    }

    private void look(ModelQueue q, boolean back, Consumer<Seen> visitor) {
        long queue = replica.machine.queueNumber("/", q.name);
        long at = back ? Long.MAX_VALUE : 0;
        while (at != Browse.END) {
            Browse.Access access = new Browse.Access() {
                @Override
                public <T> T read(Function<BrokerView, T> look) {
                    return look.apply(replica.machine);
                }
            };
            at = new Browse(new Browse.Where(queue, at, back, 3), access, replica.store, m -> {
                        visitor.accept(m);
                        return Browse.Next.ON;
                    })
                    .look()
                    .next();
        }
    }

    private void limits(ModelQueue q) {
        if (replica.machine.owes() || recoveredEarly || !q.settings.dropsHead(replica.machine.level())) {
            return; // what comes back may be more than what publishes may add; what is still being handed out or given
            // back may be too much
        }
        long free = q.free();
        replica.check(q.settings.maxLength() < 0 || free <= q.settings.maxLength(), q.name + " has " + free);
        long bytes = q.live.entrySet().stream()
                .filter(e -> q.isFree(e.getKey()))
                .mapToLong(e -> e.getValue().bodyLength())
                .sum();
        replica.check(q.settings.maxBytes() < 0 || bytes <= q.settings.maxBytes(), q.name + " has bytes " + bytes);
    }

    private void bytes(BrokerView.QueueInfo i, ModelQueue q, long sent) {
        long all = q.live.values().stream().mapToLong(Msg::bodyLength).sum();
        long held = q.heldBy.keySet().stream()
                .mapToLong(s -> q.live.get(s).bodyLength())
                .sum();
        long aside = q.deferred.keySet().stream()
                .mapToLong(s -> q.live.get(s).bodyLength())
                .sum();
        replica.check(i.readyBytes() + i.unackedBytes() == all - aside, q.name + " of model bytes " + all + ": " + i);
        replica.check(
                q.heldBy.size() > sent || i.unackedBytes() == held, q.name + " of held model bytes " + held + ": " + i);
    }

    /** What is read in steps is what is read at once. */
    static void steps(Replica replica) {
        var machine = replica.machine;
        replica.check(inSteps(machine::queues).equals(machine.queues()), "queues in steps");
        replica.check(inSteps(machine::exchanges).equals(machine.exchanges()), "exchanges in steps");
        replica.check(inSteps(machine::bindings).equals(machine.bindings()), "bindings in steps");
        replica.check(inSteps(machine::connections).equals(machine.connections()), "connections in steps");
        replica.check(inSteps(machine::consumers).equals(machine.consumers()), "consumers in steps");
    }

    private static <T> List<T> inSteps(BiFunction<BrokerView.Place, Integer, BrokerView.Step<T>> list) {
        List<T> all = new ArrayList<>();
        BrokerView.Place at = null;
        do {
            BrokerView.Step<T> step = list.apply(at, 2);
            all.addAll(step.items());
            at = step.next();
        } while (at != null);
        return all;
    }
}
