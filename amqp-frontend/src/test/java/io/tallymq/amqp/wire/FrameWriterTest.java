package io.tallymq.amqp.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrameWriterTest {
    private final ByteBuf out = Unpooled.buffer(8);

    @Test
    void aMethodFrameHasItsSizeAndEnd() {
        FrameWriter.method(out, 0x1234, new QueueMethod.PurgeOk(5));
        assertEquals("01123400000008" + "0032001f00000005" + "ce", ByteBufUtil.hexDump(out));
    }

    @Test
    void aHeartbeatIsEightOctets() {
        FrameWriter.heartbeat(out);
        assertEquals("08000000000000ce", ByteBufUtil.hexDump(out));
    }

    @Test
    void deliverIsTheSameAsItsRecord() {
        for (String text : List.of("", "tag", "ß".repeat(127))) {
            out.clear();
            byte[] octets = text.getBytes(StandardCharsets.UTF_8);
            FrameWriter.deliver(out, 65_535, octets, -1L, text.isEmpty(), octets, octets);
            ShortString name = ShortString.of(text);
            ByteBuf expected = Unpooled.buffer();
            FrameWriter.method(expected, 65_535, new BasicMethod.Deliver(text, -1L, text.isEmpty(), name, name));
            assertEquals(expected, out);
        }
    }

    @Test
    void acksAndNacksAreTheSameAsTheirRecords() {
        ByteBuf expected = Unpooled.buffer();
        FrameWriter.method(expected, 7, new BasicMethod.Ack(1L << 40, true));
        FrameWriter.method(expected, 8, new BasicMethod.Ack(1, false));
        FrameWriter.method(expected, 9, new BasicMethod.Nack(2, true, false));
        FrameWriter.method(expected, 9, new BasicMethod.Nack(3, false, false));
        FrameWriter.ack(out, 7, 1L << 40, true);
        FrameWriter.ack(out, 8, 1, false);
        FrameWriter.nack(out, 9, 2, true);
        FrameWriter.nack(out, 9, 3, false);
        assertEquals(expected, out);
    }

    @Test
    void aHeaderTakesItsPropertiesOutOfTheMiddle() {
        FrameWriter.header(out, 1, 0x0102030405L, new byte[] {99, 0x10, 0, 2, 99}, 1, 3);
        assertEquals("0200010000000f" + "003c00000000000102030405" + "100002" + "ce", ByteBufUtil.hexDump(out));
    }

    @ParameterizedTest
    @CsvSource({"0,4096,0", "1,4096,1", "4088,4096,1", "4089,4096,2", "100000,4096,25", "100000,131072,1", "9,0,1"})
    void bodiesAreSplitAtFrameMax(int size, int frameMax, int frames) {
        byte[] body = new byte[size + 20];
        new Random(size).nextBytes(body);
        FrameWriter.body(out, 3, body, 10, size, frameMax);
        assertEquals(size + 8L * frames, out.readableBytes());
        assertEquals(FrameWriter.bodyBytes(size, frameMax), out.readableBytes());
        ByteBuf fromBuffer = Unpooled.buffer();
        ByteBuf source = Unpooled.wrappedBuffer(body, 10, size);
        FrameWriter.body(fromBuffer, 3, source, frameMax);
        assertEquals(out, fromBuffer);
        assertEquals(0, source.readableBytes());
        assertEquals(size == 0 ? List.of() : List.of("body 3 " + hex(body, size)), decode(frameMax));
    }

    private static String hex(byte[] body, int size) {
        return ByteBufUtil.hexDump(body, 10, size);
    }

    private List<String> decode(int frameMax) {
        RecordingListener listener = new RecordingListener();
        FrameDecoder decoder = new FrameDecoder(listener);
        ByteBuf header = Unpooled.buffer();
        ProtocolHeader.write(header);
        decoder.feed(header);
        decoder.setFrameMax(Math.max(Frame.MIN_MAX_BYTES, frameMax == 0 ? Integer.MAX_VALUE : frameMax));
        decoder.feed(out);
        assertNull(listener.error);
        return listener.events.subList(1, listener.events.size());
    }
}
