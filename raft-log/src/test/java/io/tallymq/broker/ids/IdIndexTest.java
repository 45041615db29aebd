package io.tallymq.broker.ids;

import static io.tallymq.broker.ids.IdText.octets;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.message.Stamp;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is there is found, and for what is not there hardly a block is looked into. */
class IdIndexTest {
    private static final int MOST = 10_000;

    private final IdIndex index = new IdIndex(42);
    private final Map<Long, String> there = new HashMap<>();
    private long head;
    private long looks;

    private static String id(long n) {
        return "order-" + n;
    }

    private void add(String id, long place) {
        there.put(place, id);
        index.add(index.hash(octets(id)), place, head, MOST);
    }

    private void passed(long place) {
        head = place;
        index.passed(place);
    }

    private Kept find(String id) {
        return index.find(octets(id), index.hash(octets(id)), this::inBlock);
    }

    private Kept inBlock(long block, byte[] octets) {
        looks++;
        String id = IdText.text(octets);
        Kept found = null;
        for (long place = block * IdBlock.SIZE; place < (block + 1) * IdBlock.SIZE; place++) {
            if (id.equals(there.get(place))) {
                found = new Kept(place, false, new Stamp(1, 1, 1), 0, 0, List.of(), 0);
            }
        }
        return found;
    }

    @Test
    void whatCameIsFoundWhereItStands() {
        assertNull(find(id(1)));
        for (long n = 0; n < 5 * MOST; n++) {
            add(id(n), n);
            passed(Math.max(0, n + 1 - MOST));
        }
        for (long n = 4 * MOST; n < 5 * MOST; n++) {
            assertEquals(n, find(id(n)).place());
        }
        assertTrue(looks < MOST + MOST / 20, "mostly one block is looked into: " + looks);
        looks = 0;
        for (long n = 1_000_000; n < 1_010_000; n++) {
            assertNull(find(id(n)));
        }
        assertTrue(looks < 300, "for what is not there hardly one: " + looks);
        passed(5 * MOST);
        looks = 0;
        assertNull(find(id(5 * MOST - 1)));
        assertEquals(0, looks, "nothing is there any more");
    }

    @Test
    void theNewestIsFound() {
        for (long n = 0; n < 700; n++) {
            add(id(n % 100), n); // what is over and not taken out yet has two places
        }
        for (long n = 600; n < 700; n++) {
            assertEquals(n, find(id(n % 100)).place());
        }
    }

    /** Whatever comes, the table of its final size takes it: no more are made. */
    @Test
    void aTableServesForEver() {
        for (long n = 0; n < 40 * MOST; n++) {
            add(id(n), n);
            passed(Math.max(0, n + 1 - MOST));
            there.remove(n - MOST);
        }
        assertEquals(1, index.tables());
        for (long n = 39 * MOST; n < 40 * MOST; n++) {
            assertEquals(n, find(id(n)).place());
        }
    }

    /** A burst leaves no large table behind, as long as few come after it. */
    @Test
    void whatIsTooLargeIsReplaced() {
        long n = 0;
        for (; n < MOST; n++) {
            add(id(n), n);
        }
        for (; n < MOST + 200; n++) {
            add(id(n), n);
            passed(n - 3);
            assertEquals(n, find(id(n)).place());
        }
        assertEquals(1, index.tables());
        assertTrue(index.slots() < MOST / 16, "" + index.slots());
    }

    /** What is there at a start may be more than is wanted from now on, and what comes when that is gone is little again. */
    @Test
    void aStartMakesOneTable() {
        index.expect(MOST);
        for (long n = 0; n < MOST; n++) {
            there.put(n, id(n));
            index.tell(octets(id(n)), n, 0);
        }
        assertEquals(1, index.tables());
        passed(MOST);
        add(id(MOST), MOST);
        assertTrue(index.slots() < MOST / 16, "" + index.slots());
    }

    /** More than it was said there would be. */
    @Test
    void whatAFullTableDoesNotTakeGoesIntoAnother() {
        for (long n = 0; n < 4 * MOST; n++) {
            add(id(n), n);
        }
        for (long n = 0; n < 4 * MOST; n++) {
            assertEquals(n, find(id(n)).place());
        }
    }

    /** The one that makes the table too small is one that the next has no room for, with what it took over. */
    @Test
    void whatATableDoesNotTakeThatTookOverGoesIntoAnother() {
        long crowded = 0x8000_0000_0000_0000L;
        long elsewhere = 0xf000_0000_6000_0000L;
        for (int n = 0; n <= 64; n++) {
            there.put((long) n, id(n));
            index.add(n == 64 || n < 32 ? crowded : elsewhere, n, 0, MOST);
        }
        for (int n = 0; n <= 64; n++) {
            Kept found = index.find(octets(id(n)), n == 64 || n < 32 ? crowded : elsewhere, this::inBlock);
            assertNotNull(found, id(n));
            assertEquals(n, found.place());
        }
    }

    /** The place of the first is high, and some are passed over. */
    @Test
    void placesNeedNotFollowEachOther() {
        passed(1L << 40);
        for (long n = 0; n < MOST; n++) {
            add(id(n), head + n + n / 100 * IdBlock.SIZE);
        }
        for (long n = 0; n < MOST; n++) {
            assertNotNull(find(id(n)));
        }
    }
}
