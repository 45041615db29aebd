package io.tallymq.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.BrokerMachine;
import io.tallymq.raft.session.Client;
import io.tallymq.raft.session.Epochs;
import io.tallymq.store.MemoryStore;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Starts of one node whose store was not flushed in between: none takes what another one sent for its own. */
@Timeout(60)
class StartsTest {
    private final WrittenLog log = new WrittenLog();
    private final List<AutoCloseable> open = new ArrayList<>();
    private long starts;

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable c : open) {
            c.close();
        }
    }

    private BrokerRuntime start(MemoryStore store, Epochs epochs) {
        BrokerRuntime runtime = new BrokerRuntime(
                new BrokerRuntime.Parts("n1", store, log, epochs, new SystemPlatform(), LossyWay.quick()),
                new BrokerMachine(store),
                log);
        open.add(runtime);
        runtime.start();
        return runtime;
    }

    private Epochs counted(IntSupplier random) {
        long number = ++starts;
        return new Epochs(() -> number, random);
    }

    private Client client(BrokerRuntime runtime) {
        Client client = new Client(runtime);
        open.add(client);
        return client;
    }

    /** Start 1 declares a queue, which is on the disk; start 2 publishes "old", and what it stored is lost. */
    private MemoryStore twoStarts(IntSupplier random) throws InterruptedException {
        MemoryStore disk = new MemoryStore();
        BrokerRuntime first = start(disk, counted(random));
        log.apply(first, 0);
        Client c = client(first);
        c.start(c.openCommand());
        log.apply(first, 1);
        c.start(c.declareCommand("q"));
        log.apply(first, 2);
        MemoryStore copy = disk.copy();
        BrokerRuntime second = start(copy, counted(random));
        log.apply(second, 3);
        Client c2 = client(second);
        c2.on(s -> s.publish(1, 1, Client.to("q"), Client.content("old")));
        log.apply(second, 4);
        c2.awaitHeard("confirmed 1 1");
        return disk;
    }

    @Test
    void whatAnEarlierStartSentIsNotConfirmedToThisOnesClients() throws InterruptedException {
        MemoryStore disk = twoStarts(() -> 0);
        BrokerRuntime third = start(disk.copy(), counted(() -> 0));
        log.awaitSize(6);
        log.apply(third, 3);
        Client c = client(third);
        c.on(s -> s.publish(1, 1, Client.to("q"), Client.content("new")));
        log.apply(third, 4);
        log.apply(third, 5); // the third registration
        log.apply(third, 6);
        c.awaitHeard("confirmed 1 1");
        long ready = third.read(v -> v.queues().iterator().next().ready());
        assertEquals(2, ready);
        assertEquals(0, third.metrics().registrations());
    }

    /** Also where nothing counts the starts, as after a directory was lost: whatever the chance of equal epochs. */
    @Test
    void aBatchThatThisStartDidNotSendEndsItsRegistration() throws InterruptedException {
        MemoryStore disk = new MemoryStore();
        BrokerRuntime first = start(disk, new Epochs(() -> 0, () -> 5));
        log.apply(first, 0);
        Client c = client(first);
        c.start(c.openCommand());
        log.apply(first, 1);
        // The same epoch again: replay brings batches 0 and 1 of it, of which this start sent one.
        BrokerRuntime second = start(new MemoryStore(), new Epochs(() -> 0, () -> 5));
        long before = second.epochOf("n1");
        log.awaitSize(3);
        log.apply(second, 0);
        log.apply(second, 1);
        assertEquals(1, second.metrics().registrations());
        log.apply(second, 2);
        log.apply(second, 3);
        assertNotEquals(before, second.epochOf("n1"));
        Client c2 = client(second);
        c2.start(c2.openCommand());
        log.apply(second, 4);
        assertEquals(1, second.metrics().registrations());
    }

    @Test
    void epochsAscendAndFollowTheCountOfStartsOrWhatTheClusterKnows() {
        Epochs epochs = new Epochs(() -> 3, () -> -1);
        long one = epochs.after(0);
        assertEquals(0x3_ffff_ffffL, one);
        long two = epochs.after(one);
        assertEquals(0x4_ffff_ffffL, two);
        assertEquals(0x6_ffff_ffffL, epochs.after(0x5_0000_0000L));
        assertTrue(new Epochs(() -> 0, () -> 0).after(0) > 0);
    }
}
