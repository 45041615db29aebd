package io.tallymq.raft.log.ratis;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.apache.ratis.util.PureJavaCrc32C;
import org.junit.jupiter.api.Test;

class PureJavaCrc32CTest {
    /** The polynomial, bit by bit. */
    private static long reference(byte[] bytes, int off, int len) {
        int crc = ~0;
        for (int i = off; i < off + len; i++) {
            crc ^= bytes[i] & 0xff;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) != 0 ? crc >>> 1 ^ 0x82f63b78 : crc >>> 1;
            }
        }
        return ~crc & 0xffffffffL;
    }

    @Test
    void thisModulesClassIsTheOneInUse() {
        StandIns.assertOurs(PureJavaCrc32C.class);
    }

    @Test
    void theResultIsCrc32C() {
        PureJavaCrc32C crc = new PureJavaCrc32C();
        byte[] digits = "123456789".getBytes(StandardCharsets.US_ASCII);
        crc.update(digits, 0, digits.length);
        assertEquals(0xe3069283L, crc.getValue());
        byte[] bytes = new byte[5_000];
        new Random(7).nextBytes(bytes);
        for (int len = 0; len < 200; len++) {
            int off = len % 9;
            long expected = reference(bytes, off, len);
            crc.reset();
            crc.update(bytes, off, len);
            assertEquals(expected, crc.getValue());
            for (ByteBuffer buffer :
                    new ByteBuffer[] {ByteBuffer.allocateDirect(bytes.length).put(bytes), ByteBuffer.wrap(bytes.clone())
                    }) {
                buffer.limit(off + len).position(off);
                crc.reset();
                crc.update(buffer);
                assertEquals(expected, crc.getValue());
                assertEquals(off, buffer.position());
            }
        }
        crc.reset();
        for (int i = 0; i < 100; i++) {
            crc.update(bytes[i]);
        }
        assertEquals(reference(bytes, 0, 100), crc.getValue());
    }
}
