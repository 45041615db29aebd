package io.tallymq.raft.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
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

    /** Its thread would be gone, and the node go on without a word. */
    @Test
    void whatIsABugEndsTheNode() {
        Outbox outbox = new Outbox("n1", RuntimeTuning.DEFAULTS, System::nanoTime, () -> false);
        outbox.register(9);
        new Submitter(outbox, new Broken(), new RuntimeMetrics(System::nanoTime), false).run();
        assertEquals(List.of(bug), failed);
    }
}
