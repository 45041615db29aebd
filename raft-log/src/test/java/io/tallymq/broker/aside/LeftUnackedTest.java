package io.tallymq.broker.aside;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.message.ByteReader;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class LeftUnackedTest {
    private static LeftUnacked again(LeftUnacked left) {
        byte[] bytes = left.encode();
        LeftUnacked read = LeftUnacked.decode(new ByteReader(bytes));
        assertArrayEquals(bytes, read.encode());
        return read;
    }

    @Test
    void neighboursAndOverlapsAreOneRange() {
        LeftUnacked left = new LeftUnacked();
        left.add(10, 12);
        left.add(20, 22);
        left.add(13, 13);
        left.add(11, 21);
        assertEquals(1, left.encode()[0]);
        for (long n = 8; n < 26; n++) {
            assertEquals(n >= 10 && n <= 22, left.has(n), "" + n);
        }
    }

    /** As long as there are few ranges it is exact, in whatever order they come. */
    @Test
    void isExact() {
        Random random = new Random(1);
        for (int round = 0; round < 200; round++) {
            LeftUnacked left = new LeftUnacked();
            TreeSet<Long> model = new TreeSet<>();
            for (int i = 0; i < 20; i++) {
                long first = random.nextInt(200);
                long last = first + random.nextInt(5);
                left.add(first, last);
                for (long n = first; n <= last; n++) {
                    model.add(n);
                }
            }
            LeftUnacked read = again(left);
            for (long n = 0; n < 210; n++) {
                assertEquals(model.contains(n), read.has(n), round + " " + n);
            }
        }
    }

    /** Beyond the bound nothing that left otherwise is taken for acked; what is not certain any more is what is lowest. */
    @Test
    void isBounded() {
        LeftUnacked left = new LeftUnacked();
        for (long n = 0; n < 1_000; n += 2) {
            left.add(n, n);
        }
        LeftUnacked read = again(left);
        for (long n = 0; n < 1_000; n += 2) {
            assertTrue(read.has(n));
        }
        for (long n = 1_000 - 2 * LeftUnacked.MOST + 1; n < 1_000; n += 2) {
            assertFalse(read.has(n));
        }
        assertTrue(left.encode().length < 4 * LeftUnacked.MOST);
    }
}
