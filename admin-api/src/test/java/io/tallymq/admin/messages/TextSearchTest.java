package io.tallymq.admin.messages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TextSearchTest {
    private static byte[] bytes(String s) {
        return s.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Of few letters, so that much of a text is often there, and texts repeat themselves. */
    @Test
    void itFindsWhatIsThere() {
        Random r = new Random(1);
        int found = 0;
        for (int i = 0; i < 20_000; i++) {
            String text = word(r, r.nextInt(7));
            String body = word(r, r.nextInt(30));
            boolean is = body.contains(text);
            found += is ? 1 : 0;
            assertEquals(is, new TextSearch(bytes(text)).isIn(bytes(body)), text + " in " + body);
        }
        assertTrue(found > 2_000 && found < 18_000, found + " found");
    }

    private static String word(Random r, int length) {
        StringBuilder s = new StringBuilder();
        for (int i = 0; i < length; i++) {
            s.append((char) ('a' + r.nextInt(2)));
        }
        return s.toString();
    }
}
