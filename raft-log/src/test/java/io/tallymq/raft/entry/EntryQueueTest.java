package io.tallymq.raft.entry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tallymq.broker.message.ByteWriter;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class EntryQueueTest {
    private final List<byte[]> entries = new ArrayList<>();
    private final ArrayDeque<CompletableFuture<Long>> futures = new ArrayDeque<>();
    private final List<Runnable> later = new ArrayList<>();
    private final List<Runnable> delayed = new ArrayList<>();
    private long now;
    private final List<Integer> refused = new ArrayList<>();
    private boolean closed;
    private Error broken;
    private final List<Throwable> failed = new ArrayList<>();
    private final EntryQueue queue = new EntryQueue(
            entry -> {
                if (broken != null) {
                    throw broken;
                }
                if (closed) {
                    throw new IllegalStateException("closed");
                }
                entries.add(entry);
                CompletableFuture<Long> future = new CompletableFuture<>();
                futures.add(future);
                return future;
            },
            later::add,
            (nanos, action) -> delayed.add(action),
            () -> now,
            1_000,
            () -> false,
            failed::add);

    /** With this number, of a node's first registration. */
    private static byte[] batch(int n, int length) {
        return batch(1, n, length);
    }

    private static byte[] batch(int epoch, int n, int length) {
        byte[] b = new byte[Math.max(length, BatchCodec.FIXED)];
        ByteBuffer.wrap(b).put(0, (byte) n).putLong(12, epoch).putLong(20, n);
        return b;
    }

    private void again(String node, int epoch, int n) {
        queue.add(node, batch(epoch, n, 100), false, 0, () -> refused.add(n));
    }

    private void add(int n, int length) {
        queue.add("n1", batch(n, length), false, 0, () -> refused.add(n));
    }

    private void of(String node, int n) {
        queue.add(node, batch(n, 3_000), false, 0, () -> refused.add(n));
    }

    /** The first octet of each batch of an entry. */
    private static List<Integer> in(byte[] entry) {
        if (!BatchCodec.isJoined(entry, 0, entry.length)) {
            return List.of((int) entry[0]);
        }
        List<Integer> found = new ArrayList<>();
        BatchCodec.forEach(entry, 0, entry.length, (at, length) -> found.add((int) entry[at]));
        return found;
    }

    @Test
    void aLoneBatchGoesAtOnceAndAsItIs() {
        add(7, 100);
        assertArrayEquals(batch(7, 100), entries.get(0));
        futures.poll().complete(1L);
        add(8, 100);
        assertEquals(2, entries.size());
        assertEquals(0, queue.waiting());
    }

    @Test
    void whatComesMeanwhileIsTheNextEntryTogether() {
        add(7, 100);
        add(8, 10);
        add(9, 20);
        assertEquals(1, entries.size());
        assertEquals(2, queue.waiting());
        futures.poll().complete(1L);
        assertEquals(List.of(8, 9), in(entries.get(1)));
        add(10, 5);
        futures.poll().complete(2L);
        assertEquals(List.of(10), in(entries.get(2)));
        futures.poll().complete(3L);
        assertEquals(3, entries.size());
        assertEquals(List.of(), refused);
    }

    /** Each may have a little work that nothing interrupts. */
    @Test
    void anEntryHasSoManyBatchesAtMost() {
        add(0, 10);
        for (int i = 0; i < 3 * EntryQueue.MAX_BATCHES; i++) {
            add(i, 10);
        }
        for (int n = 1; n <= 3; n++) {
            futures.poll().complete((long) n);
            assertEquals(EntryQueue.MAX_BATCHES, in(entries.get(n)).size());
        }
        assertEquals(0, queue.waiting());
    }

    @Test
    void anEntryHasSoMuchWorkAtMost() {
        add(0, 10);
        for (int i = 1; i <= 4; i++) {
            byte[] b = batch(i, 100);
            ByteWriter w = new ByteWriter().raw(b, 0, b.length);
            BatchCodec.hint(w, false, BatchCodec.MAX_COMMANDS);
            byte[] said = w.toBytes();
            int work = BatchCodec.work(said);
            BatchCodec.stamp(said, 0, 1_700_000_000_000L); // as who leads does before it is appended
            queue.add("n1", said, false, work, () -> {});
        }
        futures.poll().complete(1L);
        assertEquals(List.of(1, 2), in(entries.get(1)));
        futures.poll().complete(2L);
        assertEquals(List.of(3, 4), in(entries.get(2)));
    }

    @Test
    void anEntryHasAnEnd() {
        add(1, 1);
        add(2, EntryQueue.MAX_BYTES - 40);
        add(3, 40);
        add(4, 1);
        add(5, 2 * EntryQueue.MAX_BYTES);
        add(6, 1);
        for (int i = 1; i <= 4; i++) {
            futures.poll().complete(1L);
        }
        assertEquals(
                List.of(List.of(1), List.of(2, 3), List.of(4), List.of(5), List.of(6)),
                entries.stream().map(EntryQueueTest::in).toList());
    }

    /** While an entry is on its way for long, the other nodes send what they have sent, again and again. */
    @Test
    void whatWaitsWaitsOnce() {
        add(1, 100);
        for (int i = 0; i < 5; i++) {
            again("n2", 1, 1);
            again("n2", 1, 2);
            again("n3", 1, 1);
        }
        assertEquals(3, queue.waiting());
        futures.poll().complete(1L);
        assertEquals(List.of(1, 2, 1), in(entries.get(1)));
        futures.poll().complete(2L);
        assertEquals(2, entries.size());
    }

    /** Who misses a batch sends all behind it again, which has to stay behind it. */
    @Test
    void whatIsSentAgainGoesInTheOrderInWhichItIsSentNow() {
        again("n2", 1, 5);
        again("n2", 1, 6);
        again("n2", 1, 4);
        again("n2", 1, 5);
        again("n2", 1, 6);
        assertEquals(3, queue.waiting(), "5 may be on its way in vain");
        futures.poll().complete(1L);
        assertEquals(List.of(4, 5, 6), in(entries.get(1)));
    }

    @Test
    void whatWaitsAsAWholeIsNotTornByBeingSentAgain() {
        for (int n : new int[] {1, 2, 3, 4, 2, 3}) {
            again("n2", 1, n);
        }
        futures.poll().complete(1L);
        assertEquals(List.of(2, 3, 4), in(entries.get(1)));
    }

    @Test
    void whatANodeSentBeforeItRegisteredAnewDoesNotWait() {
        add(1, 100);
        again("n2", 1, 7);
        again("n3", 1, 7);
        again("n2", 1, 8);
        again("n2", 2, 1);
        assertEquals(2, queue.waiting());
        futures.poll().complete(1L);
        assertEquals(List.of(7, 1), in(entries.get(1)));
        assertEquals(List.of(), refused);
    }

    /** Who fails may hold locks of the log: the next entry is not submitted there. */
    @Test
    void aFailureRefusesAllOfItsEntryAndTheNextFollowsElsewhere() {
        add(1, 1);
        add(2, 1);
        add(3, 1);
        futures.poll().complete(1L);
        add(4, 1);
        futures.poll().completeExceptionally(new IllegalStateException("no leader any more"));
        assertEquals(List.of(2, 3), refused);
        assertEquals(2, entries.size());
        add(5, 1);
        assertEquals(2, entries.size());
        later.forEach(Runnable::run);
        assertEquals(List.of(4, 5), in(entries.get(2)));
    }

    @Test
    void aLogThatThrowsHasRefused() {
        closed = true;
        add(1, 1);
        assertEquals(List.of(1), refused);
        closed = false;
        add(2, 1);
        assertEquals(List.of(), entries);
        later.forEach(Runnable::run);
        assertEquals(List.of(2), in(entries.get(0)));
    }

    /** No entry would ever follow, and the node would go on leading. */
    @Test
    void whatIsABugEndsTheNode() {
        broken = new AssertionError("a bug");
        add(1, 1);
        assertEquals(List.of(broken), failed);
    }

    @Test
    void whatIsABugInWhoIsRefusedEndsTheNode() {
        AssertionError bug = new AssertionError("a bug");
        queue.add("n1", batch(1, 1), false, 0, () -> {
            throw bug;
        });
        futures.poll().completeExceptionally(new IllegalStateException("no leader any more"));
        assertEquals(List.of(bug), failed);
    }

    /** An entry of two nodes comes back at both at the same time. */
    private void twoNodes() {
        of("n1", 1);
        of("n2", 2);
        of("n1", 3);
        futures.poll().complete(1L);
        assertEquals(List.of(2, 3), in(entries.get(1)));
        now += 400;
        futures.poll().complete(2L);
    }

    @Test
    void underLoadAnEntryWaitsForTheOtherNode() {
        twoNodes();
        of("n1", 4);
        assertEquals(2, entries.size());
        of("n2", 5);
        assertEquals(List.of(4, 5), in(entries.get(2)));
        of("n1", 6);
        delayed.forEach(Runnable::run);
        assertEquals(3, entries.size(), "the delay was that of an entry that is gone");
    }

    @Test
    void butNotForEver() {
        twoNodes();
        of("n1", 4);
        of("n1", 5);
        assertEquals(2, entries.size());
        delayed.forEach(Runnable::run);
        assertEquals(List.of(4, 5), in(entries.get(2)));
        of("n1", 6);
        futures.poll().complete(3L);
        assertEquals(List.of(6), in(entries.get(3)), "nobody came: the next one does not wait");
    }

    @Test
    void whoLosesNothingByItWaitsForTheOtherNodesUntilSomebodyComesWhoDoes() {
        patient("n1", 10, false);
        patient("n1", 11, true);
        patient("n2", 12, true);
        futures.poll().complete(1L);
        futures.poll().complete(2L);
        assertEquals(List.of(11, 12), in(entries.get(1)));
        patient("n1", 13, true);
        assertEquals(2, entries.size());
        patient("n1", 14, false);
        assertEquals(List.of(13, 14), in(entries.get(2)));
        delayed.get(0).run(); // its entry has gone
        assertEquals(3, entries.size());
    }

    private void patient(String node, int n, boolean patient) {
        queue.add(node, batch(n, 100), patient, 0, () -> refused.add(n));
    }
}
