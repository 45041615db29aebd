package io.tallymq.broker.chunk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Stamp;
import io.tallymq.store.MemoryStore;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A lane has its builder as long as its queue lives. */
class ChunkBuilderTest {
    private static final int PIECES = 900;
    private static final MessageTimes NEVER = new MessageTimes() {
        @Override
        public long timeToLive() {
            return Lifetimes.NEVER;
        }

        @Override
        public boolean areOwn() {
            return true;
        }

        @Override
        public boolean areKept() {
            return false;
        }
    };

    private static PublishRun run(int messages) {
        ByteWriter w = new ByteWriter(32 * messages);
        for (int i = 0; i < messages; i++) {
            MessageRecord.writeHeader(w, 0, 0, 2, 1);
            w.uint16(0).uint8('x');
        }
        return new PublishRun(
                new Publish(List.of(new Route("/", "", "q")), w.array(), 0, w.size(), 0, Origins.NONE), 1);
    }

    @Test
    void whatManyPiecesNeededIsGivenBack() {
        ChunkBuilder b = new ChunkBuilder(MachineLimits.FORMAT_1, 1, () -> 0, NEVER, () -> false);
        PublishRun run = run(2 * PIECES);
        for (int i = 0; i < 2 * PIECES; i += 2) {
            b.addInline(run, i, i + 1, run.at(i + 1) - run.at(i));
        }
        assertTrue(b.room() >= 3 * PIECES);
        assertEquals(
                PIECES, b.seal(new Stamp(1, 1, 1), run, 0, new MemoryStore()).count());
        assertTrue(b.room() <= 96, b.room() + " places");
    }
}
