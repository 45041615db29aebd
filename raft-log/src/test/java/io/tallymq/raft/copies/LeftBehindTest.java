package io.tallymq.raft.copies;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class LeftBehindTest {
    private static final long LONG = LeftBehind.PATIENCE_NANOS;

    private final LeftBehind node = new LeftBehind();

    @Test
    void whoTakesNothingForLongIsToldOnce() {
        assertFalse(node.look(26, 33, 5));
        assertFalse(node.look(26, 34, 4 + LONG));
        assertTrue(node.look(26, 34, 5 + LONG));
        assertFalse(node.look(26, 40, 6 + 2 * LONG), "it was told");
        assertFalse(node.look(27, 40, 7 + 2 * LONG));
        assertTrue(node.look(27, 40, 7 + 3 * LONG), "the next time");
    }

    @Test
    void whoHasAllOrHearsNoLeaderIsNotLeftBehind() {
        assertFalse(node.look(26, 26, 0));
        assertFalse(node.look(26, 26, LONG));
        assertFalse(node.look(26, 27, LONG));
        assertFalse(node.look(26, -1, 2 * LONG));
        assertFalse(node.look(26, 27, 2 * LONG + 1), "since then");
        assertFalse(node.look(26, 27, 3 * LONG - 1));
        assertTrue(node.look(26, 27, 3 * LONG));
    }
}
