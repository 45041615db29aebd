package io.tallymq.raft.log.files;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class RangeCrcTest {
    @Test
    void everyRangeHasTheChecksumOfItsBytes() {
        Random random = new Random(5);
        byte[] bytes = new byte[70_001];
        random.nextBytes(bytes);
        int from = 13;
        RangeCrc ranges = new RangeCrc(bytes, from, bytes.length);
        for (int i = 0; i < 2_000; i++) {
            int start = from + random.nextInt(bytes.length - from);
            int end = start + random.nextInt((i % 2 == 0 ? 300 : bytes.length) + 1);
            end = Math.min(end, bytes.length);
            CRC32C crc = new CRC32C();
            crc.update(bytes, start, end - start);
            assertEquals((int) crc.getValue(), ranges.of(start, end), start + " to " + end);
        }
    }
}
