package io.tallymq.broker.ids;

import static io.tallymq.broker.ids.IdText.octets;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.receipts.Placed;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a block is written with comes back, whichever way it is read. */
class IdBlockTest {
    private static final long NUMBER = 7;

    @Test
    void whatIsWrittenIsRead() {
        Random random = new Random(20261128);
        for (int run = 0; run < 300; run++) {
            List<Kept> written = some(random);
            IdBlock b = new IdBlock();
            written.forEach(k -> b.add(id(k), k));
            byte[] bytes = b.encode();
            IdBlock back = IdBlockReader.whole(NUMBER, bytes);
            long[] times = IdBlockReader.times(NUMBER, bytes);
            assertEquals(written.size(), times.length);
            for (Kept k : written) {
                assertEquals(k, back.kept(k.place()));
                assertEquals(k, back.find(id(k)));
                assertEquals(k, IdBlockReader.find(NUMBER, bytes, id(k)));
                assertEquals(k.entry().time(), times[IdBlock.in(k.place())]);
            }
            assertNull(IdBlockReader.find(NUMBER, bytes, octets("x")));
            assertNull(back.find(octets("x")));
        }
    }

    @Test
    void ofAnIdThatStandsTwiceTheNewestIsFound() {
        IdBlock b = new IdBlock();
        for (int i = 0; i < 3; i++) {
            b.add(octets("a"), new Kept(NUMBER * IdBlock.SIZE + i, false, new Stamp(1, i, i), 0, 0, List.of(), 0));
        }
        assertEquals(NUMBER * IdBlock.SIZE + 2, b.find(octets("a")).place());
        assertEquals(
                NUMBER * IdBlock.SIZE + 2,
                IdBlockReader.find(NUMBER, b.encode(), octets("a")).place());
    }

    private static byte[] id(Kept k) {
        return octets("\u00e9-" + k.place());
    }

    /** Neighbours in the same queues for the most part. */
    private static List<Kept> some(Random random) {
        List<Kept> kept = new ArrayList<>();
        Stamp entry = new Stamp(1, 5, 1_000);
        List<Placed> places = List.of();
        int count = 1 + random.nextInt(IdBlock.SIZE);
        for (int i = 0; i < count; i++) {
            entry = new Stamp(
                    entry.term() + (random.nextInt(20) == 0 ? 1 : 0),
                    entry.index() + random.nextInt(2),
                    entry.time() + random.nextInt(3));
            places = switch (random.nextInt(8)) {
                case 0 -> List.of();
                case 1 -> List.of(place(random), place(random));
                case 2 -> List.of(place(random));
                default -> Placed.next(places, 1);
            };
            kept.add(new Kept(
                    NUMBER * IdBlock.SIZE + i,
                    random.nextInt(9) == 0,
                    entry,
                    random.nextInt(9) == 0 ? 3 : 0,
                    places.size() + random.nextInt(8) / 7,
                    places,
                    random.nextInt(9) == 0 ? 2 : 0));
        }
        return kept;
    }

    private static Placed place(Random random) {
        long seq = random.nextInt(3);
        return random.nextInt(4) == 0
                ? new Placed(random.nextInt(2), "q", seq, "before", "rejected")
                : new Placed(random.nextInt(2), "q", seq);
    }
}
