package io.tallymq.broker.receipts;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tallymq.broker.message.ByteReader;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What came again is counted as long as it is in the window, and comes back from its bytes. */
class RepeatsTest {
    private Repeats repeats = new Repeats();
    private final Map<Long, Integer> expected = new TreeMap<>();
    private long last = -1;

    private long first() {
        return Math.max(0, last - SeqWindow.SIZE + 1);
    }

    private void moveTo(long to) {
        repeats.moved(last, to);
        last = to;
        expected.keySet().removeIf(seq -> seq < first());
    }

    private void again(long seq) {
        repeats.again(seq);
        expected.merge(seq, 1, Integer::sum);
    }

    private void check() {
        for (long seq = first(); seq <= last; seq++) {
            assertEquals(expected.getOrDefault(seq, 0), repeats.of(seq), "number " + seq + " of " + last);
        }
        byte[] bytes = repeats.encode(first(), last);
        repeats = Repeats.decode(new ByteReader(bytes));
        assertArrayEquals(bytes, repeats.encode(first(), last));
        assertEquals(expected.isEmpty(), bytes.length == 0);
    }

    @Test
    void itCountsWhatTheWindowHas() {
        Random r = new Random(11);
        for (int step = 0; step < 1_500; step++) {
            switch (r.nextInt(8)) {
                case 0 -> moveTo(last + 1 + r.nextInt(r.nextInt(50) == 0 ? 3 * SeqWindow.SIZE : 300));
                case 1, 2 -> moveTo(last + 1);
                default -> {
                    if (last >= 0) {
                        again(last - r.nextInt((int) (last - first()) + 1));
                    }
                }
            }
            check();
        }
    }

    @Test
    void moreThanTheMostIsNotCounted() {
        moveTo(1L << 62);
        for (int n = 0; n < 2 * Repeats.MOST; n++) {
            repeats.again(last);
        }
        assertEquals(Repeats.MOST, repeats.of(last));
        expected.put(last, Repeats.MOST);
        check();
        moveTo(last + 1);
        check();
    }
}
