package io.tallymq.raft.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.ByUser;
import io.tallymq.broker.command.ClearPolicy;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.command.OnChannel;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Redrive;
import io.tallymq.broker.command.SetPolicy;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.broker.spec.PolicySpec;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.broker.view.PolicyWork;
import io.tallymq.raft.entry.BatchCodec;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What counts for how much where batches end. */
@Timeout(60)
class CommandWorkTest {
    private static final ConnectionId ID = new ConnectionId("n1", 1);
    /** 100 steps a character in one virtual host, and no policies in others. */
    private static final PolicyWork POLICIES = (vhost, name) -> vhost.equals("v") ? 100L * (name.length() + 1) : 0;

    private final CommandWork work = new CommandWork(POLICIES);

    private static Command queue(String vhost, String name, boolean passive) {
        return new DeclareQueue(ID, vhost, name, new QueueSpec(true, false, false, Arguments.NONE), passive);
    }

    private static Command exchange(String vhost, String name, boolean passive) {
        ExchangeSpec direct = new ExchangeSpec("direct", true, false, false, Arguments.NONE);
        return new DeclareExchange(vhost, name, direct, passive);
    }

    @Test
    void aDeclareIsWhatThePoliciesOfItsVirtualHostTake() {
        String name = "q".repeat(99);
        int units = 1 + 100 * 100 / CommandWork.STEPS_PER_UNIT;
        assertEquals(units, work.units(queue("v", name, false)));
        assertEquals(units, work.units(exchange("v", name, false)));
        assertEquals(units, work.units(new OnChannel(ID, 1, queue("v", name, false))));
        assertEquals(units, work.units(new OnChannel(ID, 1, exchange("v", name, false))));
        assertEquals(units, work.units(new ByUser("u", "a", queue("v", name, false))));
    }

    @Test
    void aBatchTakesFewRedrives() {
        Command all = new Redrive(1, new long[] {0, Long.MAX_VALUE}, "", "", "", "");
        assertTrue(3 * work.units(all) > BatchCodec.MAX_COMMANDS);
    }

    @Test
    void whatLooksAtNoPolicyIsOne() {
        String name = "q".repeat(99);
        assertEquals(1, work.units(queue("v", name, true)));
        assertEquals(1, work.units(exchange("v", name, true)));
        assertEquals(1, work.units(new Probe(false)));
    }

    /** Some may be set before it is carried out. */
    @Test
    void aLongNameIsMoreAlsoWithoutPolicies() {
        assertEquals(1, work.units(queue("w", "q", false)));
        int units = 1 + CommandWork.LEAST_STEPS * 100 / CommandWork.STEPS_PER_UNIT;
        assertEquals(units, work.units(queue("w", "q".repeat(99), false)));
    }

    /** Each compiles an expression, which may be refused behind that, and arranges all policies anew. */
    @Test
    void ofPoliciesABatchHasNotMany() throws InterruptedException {
        PolicySpec spec = new PolicySpec("(?i)" + "\\pL".repeat(80), "queues", 0, Arguments.NONE);
        Outbox outbox = registered();
        ClientSession session = outbox.connect(new Deaf(), Runnable::run, any -> true);
        session.submit(new Probe(false));
        for (int i = 0; i < 250; i++) {
            session.submit(new ByUser("u", "a", new SetPolicy("v", "p" + i, false, spec)));
        }
        for (int i = 0; i < 250; i++) {
            session.submit(new ByUser("u", "a", new ClearPolicy("v", "p" + i, false)));
        }
        int batches = 0;
        for (; outbox.load().pendingBytes() > 0; batches++) {
            outbox.answered(outbox.take().seq);
        }
        assertTrue(batches >= 8 && batches < 20, batches + " batches");
    }

    private static Outbox registered() throws InterruptedException {
        Outbox outbox =
                new Outbox("n1", RuntimeTuning.DEFAULTS, () -> TimeUnit.HOURS.toNanos(1), () -> false, POLICIES);
        outbox.register(9);
        outbox.answered(outbox.take().seq);
        return outbox;
    }

    /** One that is more than a batch's work goes alone; of others so many that the batch does not have more. */
    @Test
    void aBatchEndsInTime() throws InterruptedException {
        Outbox outbox = registered();
        ClientSession session = outbox.connect(new Deaf(), Runnable::run, any -> true);
        String large = "q".repeat(6 * BatchCodec.MAX_COMMANDS);
        session.submit(new Probe(false));
        session.submit(queue("v", large, false));
        for (int i = 0; i < 150; i++) {
            session.submit(new OnChannel(session.id(), 1, queue("v", "q".repeat(99), false)));
        }
        int[] most = {1, work.units(queue("v", large, false)), 97 * 21, 53 * 21};
        assertTrue(most[1] > BatchCodec.MAX_COMMANDS);
        for (int units : most) {
            Batch b = outbox.take();
            assertEquals(units < 256 ? 0 : units, BatchCodec.work(b.bytes));
            outbox.answered(b.seq);
        }
        assertEquals(0, outbox.load().pendingBytes());
    }
}
