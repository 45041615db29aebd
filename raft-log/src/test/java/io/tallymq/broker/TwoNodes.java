package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tallymq.broker.command.Command;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.logs.Views;
import io.tallymq.store.MemoryStore;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Two replicas of one log: one goes on, the other is restored from its store behind each step. What they answer and tell is the same, and
 * so is what can be seen of them.
 */
final class TwoNodes {
    /** Of failures: which log this is. */
    private final String name;

    final OneNode straight;
    private final OneNode restored;
    private final boolean commits;

    TwoNodes(String name, MachineLimits limits) {
        this(name, limits, false);
    }

    /** @param commits whether the one that goes on commits behind each step, too */
    TwoNodes(String name, MachineLimits limits, boolean commits) {
        this.name = name;
        this.commits = commits;
        straight = new OneNode(new MemoryStore(0), limits);
        restored = new OneNode(new MemoryStore(0), limits);
    }

    /** The one that is restored is so within entries, too. */
    void restartWithin() {
        restored.restartsWithin = true;
    }

    Reply both(Command c) {
        return both(n -> n.apply(c));
    }

    /** One step: some entries. */
    Reply both(Function<OneNode, Reply> step) {
        Reply reply = step.apply(straight);
        Reply other = step.apply(restored);
        String where = name + ", entry " + straight.index;
        assertEquals(text(reply), text(other), where);
        assertEquals(straight.told(), restored.told(), where);
        if (commits) {
            straight.commit();
        }
        restored.restart();
        Views.assertSame(Views.of(straight.machine), Views.of(restored.machine), where);
        return reply;
    }

    private static String text(Reply r) {
        return r instanceof Reply.Got g ? g.holder() + " " + OneNode.text(g.delivery()) + g.remaining() : r.toString();
    }

    /** What was delivered since the last call. */
    List<Delivery> delivered() {
        List<Delivery> some = new ArrayList<>(straight.delivered);
        straight.delivered.clear();
        restored.delivered.clear();
        return some;
    }

    /** Nothing was told. */
    void forget() {
        straight.forget();
        restored.forget();
    }
}
