package io.tallymq.amqp.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Utf8Test {
    @Test
    void agreesWithTheJdkOnEveryStartOfASequence() {
        for (int first = 0; first < 256; first++) {
            for (int second = 0; second < 256; second++) {
                assertAgrees(new byte[] {(byte) first});
                assertAgrees(new byte[] {(byte) first, (byte) second});
                assertAgrees(new byte[] {(byte) first, (byte) second, (byte) 0x80});
                assertAgrees(new byte[] {(byte) first, (byte) second, (byte) 0x80, (byte) 0xBF});
                assertAgrees(new byte[] {(byte) first, (byte) second, (byte) 0x80, 'x'});
            }
        }
    }

    @Test
    void agreesWithTheJdkOnRandomOctets() {
        Random random = new Random(1);
        byte[] good = "aä€𝄞\uFFFF".getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 100_000; i++) {
            byte[] bytes = good.clone();
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            assertAgrees(bytes);
        }
        assertAgrees(good);
    }

    private static void assertAgrees(byte[] bytes) {
        boolean valid;
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            valid = true;
        } catch (CharacterCodingException e) {
            valid = false;
        }
        assertEquals(valid, Utf8.isValid(bytes, 0, bytes.length), () -> java.util.HexFormat.of()
                .formatHex(bytes));
    }

    @Test
    void cutsBetweenCharacters() {
        assertEquals("abc", Utf8.cut("abc", 3));
        assertEquals("ab", Utf8.cut("abc", 2));
        assertEquals("ä", Utf8.cut("äöü", 3));
        assertEquals("a", Utf8.cut("a𝄞", 4));
        assertEquals("a𝄞", Utf8.cut("a𝄞", 5));
        assertEquals("", Utf8.cut("€", 2));
        assertEquals("", Utf8.cut("abc", 0));
    }
}
