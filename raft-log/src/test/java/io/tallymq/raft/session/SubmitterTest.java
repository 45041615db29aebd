package io.tallymq.raft.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tallymq.broker.command.Settle;
import io.tallymq.raft.entry.BatchCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SubmitterTest {
    private final AssertionError bug = new AssertionError("a bug");
    private final List<Throwable> failed = new ArrayList<>();

    private final class Broken implements Replicator {
        @Override
        public boolean send(byte[] bytes, boolean again) {
            throw bug;
        }

        @Override
        public boolean certain() {
            return true;
        }

        @Override
        public void failed(String reason, Throwable cause) {
            failed.add(cause);
        }
    }

    /** As who leads does: where the batch says how much work it is, the time will be. */
    private static final class Stamping implements Replicator {
        private final List<Integer> work = new ArrayList<>();

        @Override
        public boolean send(byte[] bytes, boolean again) {
            byte[] entry = again ? bytes.clone() : bytes;
            work.add(BatchCodec.work(entry));
            BatchCodec.stamp(entry, 0, 1_700_000_000_000L);
            return true;
        }

        @Override
        public boolean certain() {
            return true;
        }

        @Override
        public void failed(String reason, Throwable cause) {
            throw new AssertionError(reason, cause);
        }
    }

    /** Else the entries of the next leader, or of this one behind a refusal, would bring all the work there is. */
    @Test
    void whatIsSentAgainSaysStillHowMuchWorkItIs() {
        Outbox outbox = new Outbox("n1", RuntimeTuning.DEFAULTS, System::nanoTime, () -> false);
        outbox.register(9);
        Stamping log = new Stamping();
        Submitter submitter = new Submitter(outbox, log, new RuntimeMetrics(System::nanoTime), false);
        submitter.step();
        outbox.answered(0);
        ClientSession session = outbox.connect(new Deaf(), Runnable::run, s -> true);
        long[] ranges = LongStream.range(0, 1_000).map(i -> 3 * (i / 2)).toArray();
        session.submit(new Settle(7, Settle.Outcome.DISCARD, ranges));
        submitter.step();
        outbox.connected();
        submitter.step();
        outbox.connected();
        submitter.step();
        assertEquals(List.of(0, 500, 500, 500), log.work);
    }

    /** Its thread would be gone, and the node go on without a word. */
    @Test
    void whatIsABugEndsTheNode() {
        Outbox outbox = new Outbox("n1", RuntimeTuning.DEFAULTS, System::nanoTime, () -> false);
        outbox.register(9);
        new Submitter(outbox, new Broken(), new RuntimeMetrics(System::nanoTime), false).run();
        assertEquals(List.of(bug), failed);
    }
}
