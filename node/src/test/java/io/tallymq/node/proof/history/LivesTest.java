package io.tallymq.node.proof.history;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tallymq.node.proof.history.HistoryEvent.Answered;
import io.tallymq.node.proof.history.HistoryEvent.Channel;
import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Until when a cluster may assign messages to a channel whose client knows that it is lost. */
class LivesTest {
    private static final long SECOND = 1_000_000_000L;

    private final Lives lives = new Lives();

    private void published(long at, int message) {
        lives.accept(new Published(at * SECOND, new MessageId("p", message), "q", "0", Map.of()));
    }

    private void confirmed(long at, int message) {
        lives.accept(new Answered(Kind.CONFIRMED, at * SECOND, new MessageId("p", message)));
    }

    private void lost(long at) {
        lives.accept(new Delivered((at - 1) * SECOND, "c", "q", new MessageId("x", 0), false, -1, "0"));
        lives.accept(new Channel(Kind.GONE, at * SECOND, "c"));
    }

    private long lostFor(long publishedAt) {
        return lives.lostBetween(publishedAt * SECOND, (publishedAt + 1) * SECOND);
    }

    @Test
    void aClusterThatWorksNoticesWithinSeconds() {
        lost(10);
        published(11, 1);
        confirmed(12, 1);
        assertEquals(1, lostFor(11));
        assertEquals(1, lostFor(17));
        assertEquals(0, lostFor(18));
    }

    @Test
    void whoIsDownAsAWholeNoticesWhenItIsBack() {
        published(9, 1);
        lost(10);
        confirmed(10, 1); // on its way when all were killed
        published(11, 2);
        published(30, 3);
        assertEquals(1, lostFor(30));
        confirmed(31, 3);
        assertEquals(1, lostFor(36));
        assertEquals(0, lostFor(37));
    }
}
