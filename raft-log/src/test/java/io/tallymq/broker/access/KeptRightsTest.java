package io.tallymq.broker.access;

import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.tallymq.store.MemoryStore;
import org.junit.jupiter.api.Test;

/** What is known of a user's rights is kept for the next command, of some users and virtual hosts. */
class KeptRightsTest {
    private final AccessState access = new AccessState(new MemoryStore(), () -> 0);
    private final KeptRights kept = new KeptRights(() -> access);

    @Test
    void theSameServesTheNextCommand() {
        Rights ann = kept.of("ann", "/");
        assertNotSame(ann, kept.of("ann", "v"));
        assertNotSame(ann, kept.of("bob", "/"));
        assertSame(ann, kept.of("ann", "/"));
    }

    @Test
    void whoWasAskedAboutLongAgoMakesRoom() {
        Rights ann = kept.of("ann", "/");
        Rights bob = kept.of("bob", "/");
        for (int i = 2; i < KeptRights.MOST; i++) {
            kept.of("user" + i, "/");
        }
        assertSame(ann, kept.of("ann", "/"));
        kept.of("one more", "/");
        assertSame(ann, kept.of("ann", "/"));
        assertNotSame(bob, kept.of("bob", "/"));
    }
}
