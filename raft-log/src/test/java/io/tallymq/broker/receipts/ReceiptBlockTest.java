package io.tallymq.broker.receipts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a block's record brings back. */
class ReceiptBlockTest {
    private static final long BLOCK = 5;
    private static final long FIRST = BLOCK * ReceiptBlock.SIZE;

    private static Note stored(long base, List<Placed> places) {
        return new Note(Outcome.STORED, base, 1, 2, 3, 0, "", places.size(), places);
    }

    private static List<Placed> places(Random random) {
        List<Placed> some = new ArrayList<>();
        for (int queue = random.nextInt(3); queue < 6; queue += 1 + random.nextInt(3)) {
            boolean moved = random.nextInt(4) == 0;
            String from = moved ? "from" + random.nextInt(2) : "";
            some.add(new Placed(queue, "q" + queue, 1_000 + random.nextInt(100), from, moved ? "rejected" : ""));
        }
        return some;
    }

    /** Some that share, some of others at a distance, some moved, some refused, and gaps between them. */
    private static ReceiptBlock some(Random random) {
        ReceiptBlock b = new ReceiptBlock();
        List<Placed> places = places(random);
        for (int i = 0; i < ReceiptBlock.SIZE; i++) {
            long seq = FIRST + i;
            switch (random.nextInt(7)) {
                case 0 -> places = places(random);
                case 1 -> b.put(seq, new Note(Outcome.REFUSED, seq, 1, 2, 3, 406, "no " + i, 0, List.of()));
                case 2 -> b.put(seq, new Note(Outcome.UNROUTABLE, seq, 1, 2, 3, 0, "", 0, List.of()));
                case 3 -> {
                    for (Note n = stored(seq, places); i < ReceiptBlock.SIZE && random.nextInt(5) > 0; i++) {
                        b.put(FIRST + i, n);
                    }
                }
                case 4 -> b.put(seq, stored(seq - random.nextInt(1_000), places));
                case 5 -> b.put(seq, stored(seq, Placed.next(places, -random.nextInt(500))));
                default -> {}
            }
        }
        return b;
    }

    private static String text(ReceiptBlock b) {
        StringBuilder all = new StringBuilder();
        for (long seq = FIRST; seq < FIRST + ReceiptBlock.SIZE; seq++) {
            Note n = b.get(seq);
            all.append(seq).append(": ");
            if (n != null) {
                all.append(n.outcome()).append(n.term()).append(n.index()).append(n.time());
                all.append(n.code()).append(n.text()).append(n.queues());
                all.append(Placed.next(n.places(), seq - n.base()));
            }
            all.append('\n');
        }
        return all.toString();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void allOfItComesBack(int seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            ReceiptBlock b = some(random);
            ReceiptBlock again = ReceiptBlock.decode(BLOCK, b.encode(BLOCK));
            assertEquals(text(b), text(again));
            assertEquals(
                    b.units(), again.units(), "nodes agree on what it costs, whether they have it in memory or not");
            assertEquals(text(b), text(ReceiptBlock.decode(BLOCK, again.encode(BLOCK))));
        }
    }

    @Test
    void whatIsTheSameIsThereOnce() {
        ReceiptBlock b = new ReceiptBlock();
        for (int i = 0; i < ReceiptBlock.SIZE; i++) {
            List<Placed> its = new ArrayList<>();
            for (int q = 0; q < 32; q++) {
                its.add(new Placed(q, "a queue with a long name " + q, 100 + 3 * i));
            }
            b.put(FIRST + i, stored(FIRST + i, its));
        }
        byte[] bytes = b.encode(BLOCK);
        assertTrue(bytes.length < 2_500, bytes.length + " bytes");
        ReceiptBlock again = ReceiptBlock.decode(BLOCK, bytes);
        assertSame(again.get(FIRST).places(), again.get(FIRST + 63).places());
        assertEquals(text(b), text(again));
        assertEquals(2, again.held());
        assertEquals(128, again.units());
    }

    @Test
    void nothingIsAnEmptyOne() {
        assertNull(ReceiptBlock.decode(BLOCK, null).get(FIRST));
        assertNull(ReceiptBlock.decode(BLOCK, new ReceiptBlock().encode(BLOCK)).get(FIRST));
    }
}
