package io.tallymq.broker.receipts;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What is decided and what is void is what was told, however far the numbers jump, and what is written says the same. */
class SeqWindowTest {
    private SeqWindow window = new SeqWindow();
    /** Numbers that are decided, and whether they are void. */
    private final Map<Long, Boolean> expected = new TreeMap<>();

    private void decide(long seq, boolean isVoid) {
        if (isVoid) {
            window.addVoid(seq);
        } else {
            window.add(seq);
        }
        expected.put(seq, isVoid);
        expected.keySet().removeIf(s -> s < window.first());
    }

    private static byte[] written(SeqWindow w) {
        ByteWriter to = new ByteWriter(64);
        w.write(to);
        return to.toBytes();
    }

    /** What {@link SeqWindow#write} has to give, a number at a time. */
    private byte[] wanted() {
        long first = window.first();
        ByteWriter w = new ByteWriter(64).varint(window.last() + 1);
        for (long at = first; at <= window.last(); ) {
            for (boolean decided : new boolean[] {false, true}) {
                long from = at;
                while (at <= window.last() && expected.containsKey(at) == decided) {
                    at++;
                }
                w.varint(at - from);
            }
        }
        w.varint(expected.values().stream().filter(v -> v).count());
        expected.forEach((seq, isVoid) -> {
            if (isVoid) {
                w.varint(seq - first);
            }
        });
        return w.toBytes();
    }

    private void check() {
        for (long seq = window.first(); seq <= window.last() + 2; seq++) {
            assertEquals(expected.containsKey(seq), window.has(seq), "number " + seq + " of " + window.last());
            assertEquals(expected.getOrDefault(seq, false), window.isVoid(seq), "number " + seq);
        }
        byte[] bytes = written(window);
        assertArrayEquals(wanted(), bytes);
        window = new SeqWindow();
        window.read(new ByteReader(bytes));
        assertArrayEquals(bytes, written(window));
    }

    @Test
    void nothingIsDecidedAtFirst() {
        assertEquals(-1, window.last());
        check();
    }

    @Test
    void whatIsJumpedOverIsNotDecided() {
        Random dice = new Random(7);
        int[] jumps = {1, 2, 63, 64, 65, 200, SeqWindow.SIZE - 1, SeqWindow.SIZE, 3 * SeqWindow.SIZE};
        for (int step = 0; step < 1_500; step++) {
            boolean isVoid = dice.nextInt(4) == 0;
            if (window.last() >= 0 && dice.nextInt(3) > 0) {
                decide(window.last() - dice.nextInt((int) (window.last() - window.first()) + 1), isVoid);
            } else {
                int jump = jumps[dice.nextInt(dice.nextInt(20) == 0 ? jumps.length : 6)];
                decide(window.last() + jump - (dice.nextBoolean() && jump > 2 ? 1 : 0), isVoid);
            }
            check();
        }
    }

    /** The places of numbers that are jumped over are those of older ones that were void. */
    @Test
    void nothingIsLeftOfVoidOnesWhosePlacesOthersTake() {
        for (long seq = 0; seq < SeqWindow.SIZE; seq++) {
            decide(seq, true);
        }
        check();
        decide(window.last() + SeqWindow.SIZE - 1, false);
        check();
        decide(window.last() - 1, false);
        decide(window.last() + 1, true);
        check();
    }
}
