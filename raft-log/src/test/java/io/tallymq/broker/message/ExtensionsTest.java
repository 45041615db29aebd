package io.tallymq.broker.message;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ExtensionsTest {
    @Test
    void whatStandsBesideARecordDoesNotMatter() {
        Random random = new Random(20261128);
        for (int run = 0; run < 500; run++) {
            List<Extension> written = new ArrayList<>();
            List<Integer> places = new ArrayList<>();
            ByteWriter w = new ByteWriter();
            for (int i = 0; i < 12; i++) {
                Extension e = some(random);
                byte[] bytes = e.encode();
                written.add(e);
                places.add(w.size());
                MessageRecord.writeHeader(w, 0, 0, bytes.length, 0, 0);
                w.raw(bytes, 0, bytes.length);
            }
            Extensions read = new Extensions(w.toBytes());
            for (int i = 0; i < written.size(); i++) {
                assertEquals(written.get(i), read.of(places.get(i)), "run " + run + ", record " + i);
                int again = random.nextInt(i + 1);
                assertEquals(written.get(again), read.of(places.get(again)), "run " + run + ", again " + again);
            }
        }
    }

    /** Ids of one letter, some of which are the octets of other fields. */
    private static Extension some(Random random) {
        String producer = String.valueOf((char) (random.nextInt(4) == 0 ? 1 : 'a' + random.nextInt(3)));
        Terms terms =
                switch (random.nextInt(6)) {
                    case 0 -> Terms.NONE;
                    case 2 -> Terms.named(producer, 7).of(random.nextInt(3) - 1);
                    case 1 -> new Terms(producer, 7, random.nextInt(3) - 1, random.nextInt(3) - 1, random.nextInt(4));
                    default -> Terms.named(producer, random.nextLong(Terms.MOST_SEQ));
                };
        return random.nextInt(5) == 0
                ? new Extension(List.of("k"), 0, random.nextInt(3) - 1).with(terms)
                : Extension.NONE.with(terms);
    }
}
