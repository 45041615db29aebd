package io.tallymq.raft.entry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.CommandCodec;
import io.tallymq.broker.command.Commands;
import io.tallymq.broker.command.NodeUp;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.UnreadableEntryException;
import java.util.Arrays;
import java.util.Random;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;
import org.junit.jupiter.api.Test;

class PackerTest {
    private static final LZ4SafeDecompressor LZ4 = LZ4Factory.fastestInstance().safeDecompressor();
    private final Packer packer = new Packer(true);

    private static byte[] batch(byte[] body) {
        ByteWriter w = new ByteWriter();
        BatchCodec.begin(w, Commands.utf8("n1"));
        CommandCodec.write(w, "n1", new NodeUp("n1", 5));
        w.raw(body, 0, body.length);
        int trailer = w.size();
        w.varint(0).varint(0);
        BatchCodec.finish(w, 5, 7, trailer);
        return w.toBytes();
    }

    private static byte[] text(int length) {
        byte[] b = new byte[length];
        Random random = new Random(3);
        for (int i = 0; i < length; i++) {
            b[i] = (byte) ('a' + random.nextInt(3));
        }
        return b;
    }

    private static byte[] noise(int length) {
        byte[] b = new byte[length];
        new Random(4).nextBytes(b);
        return b;
    }

    @Test
    void whatIsUnpackedIsWhatWasPackedWithTheLeadersTime() {
        byte[] batch = batch(text(100_000));
        byte[] packed = packer.pack(batch);
        assertTrue(packed.length < batch.length * 7 / 8, packed.length + " bytes");
        assertTrue(BatchCodec.isPacked(packed, 0, packed.length));
        assertFalse(BatchCodec.isPacked(batch, 0, batch.length));
        byte[] shifted = new byte[packed.length + 30];
        System.arraycopy(packed, 0, shifted, 11, packed.length);
        BatchCodec.stamp(shifted, 11, 99);
        byte[] unpacked = BatchCodec.unpack(shifted, 11, packed.length, LZ4);
        assertEquals(
                99,
                BatchCodec.header(unpacked, 0, unpacked.length, new BatchCodec.Names())
                        .time());
        BatchCodec.stamp(batch, 0, 99);
        assertArrayEquals(batch, unpacked);
    }

    @Test
    void smallBatchesAndNoiseStayAsTheyAre() {
        byte[] small = batch(text(3_000));
        assertSame(small, packer.pack(small));
        byte[] noise = batch(noise(50_000));
        assertSame(noise, packer.pack(noise));
    }

    @Test
    void afterNoiseItTriesSeldomAndThenOftenAgain() {
        byte[] noise = batch(noise(50_000));
        for (int i = 0; i < 500; i++) {
            packer.pack(noise);
        }
        byte[] text = batch(text(50_000));
        int first = 1;
        while (packer.pack(text) == text) {
            first++;
        }
        assertTrue(first <= 64, "packed only after " + first);
        assertTrue(packer.pack(text) != text);
    }

    @Test
    void offMeansOff() {
        byte[] text = batch(text(50_000));
        assertSame(text, new Packer(false).pack(text));
    }

    @Test
    void damageIsNoticed() {
        byte[] packed = packer.pack(batch(text(20_000)));
        for (int cut = BatchCodec.FIXED; cut < packed.length; cut += 97) {
            byte[] shorter = Arrays.copyOf(packed, cut);
            assertThrows(
                    UnreadableEntryException.class,
                    () -> BatchCodec.unpack(shorter, 0, shorter.length, LZ4),
                    "cut at " + cut);
        }
        byte[] huge = packed.clone();
        Arrays.fill(huge, BatchCodec.FIXED + 3, BatchCodec.FIXED + 7, (byte) 0x7f);
        assertThrows(UnreadableEntryException.class, () -> BatchCodec.unpack(huge, 0, huge.length, LZ4));
    }

    @Test
    void aPackedBatchIsNotReadAsItIs() {
        byte[] packed = packer.pack(batch(text(20_000)));
        assertThrows(
                UnreadableEntryException.class,
                () -> BatchCodec.header(packed, 0, packed.length, new BatchCodec.Names()));
    }
}
