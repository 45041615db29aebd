package io.tallymq.amqp.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tallymq.amqp.wire.MethodTable.Row;
import io.tallymq.amqp.wire.MethodTable.Values;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Octets nobody meant, from fixed seeds. Any exception but WireException fails a test by itself; what was accepted has
 * to survive encoding.
 */
class WireFuzzTest {
    private static final int ROUNDS = 60_000;

    @Test
    void mutatedMethods() {
        Random random = new Random(11);
        MethodCodec codec = new MethodCodec();
        List<Row> rows = MethodTable.rows();
        List<Values> values = List.of(Values.values());
        int accepted = 0;
        for (int i = 0; i < ROUNDS; i++) {
            Row row = rows.get(random.nextInt(rows.size()));
            byte[] payload = row.payload(values.get(random.nextInt(values.size())));
            mutate(payload, random, 4);
            try {
                Method method = codec.decode(Unpooled.wrappedBuffer(payload));
                accepted++;
                assertEquals(method, codec.decode(Unpooled.wrappedBuffer(MethodCodecTest.encode(method))));
            } catch (WireException e) {
                assertTrue(e.replyText().length() <= ReplyCode.MAX_TEXT_BYTES);
            }
        }
        assertTrue(accepted > ROUNDS / 20 && accepted < ROUNDS, "accepted " + accepted);
    }

    @Test
    void mutatedTables() {
        Random random = new Random(12);
        int accepted = 0;
        for (int i = 0; i < ROUNDS; i++) {
            byte[] octets = new RandomTables(i).table().toByteArray();
            mutate(octets, random, 0);
            accepted += table(octets) ? 1 : 0;
        }
        assertTrue(accepted > ROUNDS / 20 && accepted < ROUNDS, "accepted " + accepted);
    }

    /** True if the octets are a table; decoding and checking have to agree. */
    private static boolean table(byte[] octets) {
        boolean checked = true;
        try {
            FieldTable.check(octets, 0, octets.length);
        } catch (WireException e) {
            checked = false;
        }
        try {
            FieldTable table = FieldTable.decode(octets);
            assertTrue(checked);
            assertEquals(table, FieldTable.decode(table.toByteArray()));
            return true;
        } catch (WireException e) {
            assertTrue(!checked);
            return false;
        }
    }

    @Test
    void mutatedProperties() {
        Random random = new Random(13);
        int accepted = 0;
        for (int i = 0; i < ROUNDS; i++) {
            byte[] raw = BasicProperties.builder()
                    .headers(new RandomTables(i % 500).table())
                    .deliveryMode(2)
                    .text(BasicProperties.Property.EXPIRATION, "1000")
                    .build()
                    .raw();
            mutate(raw, random, 0);
            try {
                BasicProperties props = BasicProperties.decode(Unpooled.wrappedBuffer(raw));
                accepted++;
                BasicProperties changed = props.withHeader("x-delivery-count", (long) i);
                assertEquals(i, changed.headers().getLong("x-delivery-count").orElseThrow());
                assertEquals(props.expiration(), changed.expiration());
                assertTrue(props.toString().startsWith("BasicProperties["));
            } catch (WireException e) {
                assertEquals(ReplyCode.FRAME_ERROR, e.code());
            }
        }
        assertTrue(accepted > ROUNDS / 20 && accepted < ROUNDS, "accepted " + accepted);
    }

    @Test
    void mutatedConversations() {
        Random random = new Random(14);
        int stopped = 0;
        for (int i = 0; i < 3_000; i++) {
            ByteBuf stream = FrameDecoderTest.conversation();
            byte[] octets = new byte[stream.readableBytes()];
            stream.readBytes(octets);
            mutate(octets, random, 8);
            stopped += feed(octets, random);
        }
        assertTrue(stopped > 300, "stopped " + stopped);
    }

    @Test
    void randomOctetsAfterTheProtocolHeader() {
        Random random = new Random(15);
        for (int i = 0; i < 20_000; i++) {
            byte[] octets = new byte[8 + random.nextInt(200)];
            random.nextBytes(octets);
            ByteBuf header = Unpooled.wrappedBuffer(octets).writerIndex(0);
            ProtocolHeader.write(header);
            // A plausible prefix gets the rest of the octets further than noise would.
            if (octets.length > 20) {
                octets[8] = (byte) (1 + random.nextInt(3));
                octets[11] = 0;
                octets[12] = 0;
                octets[13] = 0;
            }
            feed(octets, random);
        }
    }

    /** Feeds in random pieces; 1 if the decoder stopped before the end. */
    private static int feed(byte[] octets, Random random) {
        RecordingListener listener = new RecordingListener();
        try (FrameDecoder decoder = new FrameDecoder(listener)) {
            ByteBuf in = Unpooled.wrappedBuffer(octets);
            while (in.isReadable()) {
                decoder.feed(in.readSlice(Math.min(in.readableBytes(), 1 + random.nextInt(2000))));
                assertTrue(decoder.heldBytes() <= Frame.INITIAL_MAX_BYTES + Frame.OVERHEAD_BYTES);
            }
            boolean refused = listener.events.contains("protocol false");
            assertEquals(decoder.isStopped(), refused || listener.error != null);
            return decoder.isStopped() ? 1 : 0;
        }
    }

    /** Changes one to three octets behind the first {@code from} ones. */
    private static void mutate(byte[] octets, Random random, int from) {
        if (octets.length <= from) {
            return;
        }
        for (int i = random.nextInt(3); i >= 0; i--) {
            int at = from + random.nextInt(octets.length - from);
            octets[at] = (byte) (random.nextBoolean() ? random.nextInt() : octets[at] ^ 1 << random.nextInt(8));
        }
    }
}
