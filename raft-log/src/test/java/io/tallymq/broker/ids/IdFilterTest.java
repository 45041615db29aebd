package io.tallymq.broker.ids;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** What is there may be there, and most of what is not is not. */
class IdFilterTest {
    private static final int MOST = 10_000;

    private static String id(long n) {
        return "order-" + n;
    }

    private static long wronglyThere(IdFilter f, long head) {
        long n = 0;
        for (long i = 1_000_000; i < 1_010_000; i++) {
            n += f.mayHave(id(i), head) ? 1 : 0;
        }
        return n;
    }

    @Test
    void whatCameMayBeThereAndLittleElse() {
        IdFilter f = new IdFilter();
        assertFalse(f.mayHave(id(1), 0));
        for (long n = 0; n < 5 * MOST; n++) {
            f.add(id(n), n, MOST);
            f.passed(Math.max(0, n + 1 - MOST));
            assertTrue(f.mayHave(id(Math.max(0, n + 1 - MOST)), 0));
            assertTrue(f.mayHave(id(n), 0));
        }
        for (long n = 4 * MOST; n < 5 * MOST; n++) {
            assertTrue(f.mayHave(id(n), 4 * MOST));
        }
        assertTrue(wronglyThere(f, 4 * MOST) < 500, "one of twenty");
        f.passed(5 * MOST);
        assertTrue(wronglyThere(f, 5 * MOST) == 0, "nothing is there any more");
    }

    @Test
    void whatWasThereBeforeIsToldFirst() {
        IdFilter f = new IdFilter();
        f.restored(100, MOST);
        for (long n = MOST; n < MOST + 50; n++) {
            f.add(id(n), n, MOST);
        }
        while (f.from() > 100) {
            assertTrue(f.mayHave("anything", 100), "it is not known yet");
            f.tell(id(f.from() - 1));
        }
        for (long n = 100; n < MOST + 50; n++) {
            assertTrue(f.mayHave(id(n), 100));
        }
        assertTrue(wronglyThere(f, 100) < 500);
        f.passed(MOST);
        assertTrue(f.mayHave(id(MOST), MOST));
        assertTrue(wronglyThere(f, MOST) < 500);
    }
}
