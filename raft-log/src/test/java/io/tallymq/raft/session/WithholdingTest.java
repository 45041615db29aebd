package io.tallymq.raft.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.ClusterStatus;
import io.tallymq.raft.cluster.ClusterView;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;

class WithholdingTest implements ClusterView {
    private final List<String> heard = new ArrayList<>();
    private long now = 7;
    private boolean lease = true;
    private long gaps;
    private final ArrayDeque<Runnable> behind = new ArrayDeque<>();
    private final Outbox outbox = new Outbox("n1", RuntimeTuning.DEFAULTS, () -> now, () -> false);
    private final RuntimeMetrics metrics = new RuntimeMetrics();
    private final Withholding withholding = new Withholding(this, outbox, metrics, 100, () -> now);
    private final ClientSession consumer = connect("consumer");
    private final ClientSession other = connect("other");

    private ClientSession connect(String name) {
        return connect(name, Runnable::run);
    }

    private ClientSession connect(String name, Executor loop) {
        return outbox.connect(
                new Deaf() {
                    @Override
                    public void deliverable() {
                        heard.add(name + " deliverable");
                    }

                    @Override
                    public void leftBehind() {
                        heard.add(name + " left behind");
                    }
                },
                loop,
                withholding::mayDeliver);
    }

    private void pass(int nanos) {
        now += nanos;
        withholding.tick();
    }

    @Test
    void withTheLeaseEverythingGoes() {
        assertTrue(consumer.mayDeliver());
        pass(1_000);
        assertEquals(List.of(), heard);
        assertEquals(0, metrics.withholdings());
    }

    @Test
    void whoWantedToDeliverHearsWhenItMay() {
        lease = false;
        assertFalse(consumer.mayDeliver());
        assertFalse(consumer.mayDeliver());
        pass(1);
        assertEquals(List.of(), heard);
        lease = true;
        pass(1);
        pass(1);
        assertEquals(List.of("consumer deliverable"), heard);
        assertTrue(consumer.mayDeliver());
        assertEquals(1, metrics.withholdings());
    }

    @Test
    void everySessionHearsOnceThatItGetsLate() {
        lease = false;
        pass(1);
        pass(99);
        assertEquals(List.of(), heard);
        pass(1);
        pass(500);
        assertEquals(
                List.of("consumer left behind", "other left behind"),
                heard.stream().sorted().toList());
        lease = true;
        pass(1);
        lease = false;
        pass(1);
        pass(99);
        assertEquals(2, heard.size(), "it counts anew");
        pass(1);
        assertEquals(4, heard.size());
        assertFalse(other.mayDeliver());
    }

    /** The node stood still: in what waits for the session's loop a consumer's time may be over, and its messages others'. */
    @Test
    void behindAGapASessionHearsFirstWhatWasAppliedMeanwhile() {
        ClientSession slow = connect("slow", behind::add);
        assertTrue(slow.mayDeliver());
        gaps++;
        assertFalse(slow.mayDeliver());
        slow.post(List.of(new SessionEvent.Writable()));
        pass(1);
        assertFalse(slow.mayDeliver());
        assertEquals(
                List.of("consumer deliverable", "other deliverable"),
                heard.stream().sorted().toList());
        behind.remove().run();
        assertFalse(slow.mayDeliver(), "it has not heard all");
        behind.remove().run();
        assertTrue(slow.mayDeliver());
        assertTrue(other.mayDeliver());
        ClientSession later = connect("later");
        withholding.joined(later);
        assertTrue(later.mayDeliver());
        heard.clear();
        pass(1);
        assertEquals(List.of(), heard);
    }

    @Override
    public long leaseGaps() {
        return gaps;
    }

    @Override
    public ClusterStatus status() {
        throw new AssertionError();
    }

    @Override
    public long leadingTerm() {
        return NOT_LEADING;
    }

    @Override
    public boolean holdsLease() {
        return lease;
    }

    @Override
    public Collection<String> others() {
        return List.of();
    }

    @Override
    public boolean ended(String node) {
        return false;
    }

    @Override
    public boolean reachable(String node) {
        return false;
    }
}
