package io.tallymq.amqp.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The frame layer: sections 4.2.2 to 4.2.7 of the specification. */
class FrameDecoderTest {
    private final RecordingListener listener = new RecordingListener();
    private final FrameDecoder decoder = new FrameDecoder(listener);

    /** A stream with every kind of frame. */
    static ByteBuf conversation() {
        ByteBuf out = Unpooled.buffer();
        ProtocolHeader.write(out);
        FrameWriter.method(out, 0, new ConnectionMethod.TuneOk(2047, 131_072, 60));
        FrameWriter.heartbeat(out);
        for (int i = 0; i < 3; i++) {
            publish(out, 1 + i, new byte[1000 * i + i]);
            FrameWriter.ack(out, 1 + i, i, true);
        }
        FrameWriter.method(out, 2, new QueueMethod.Purge("q".repeat(255), true));
        emptyBodyFrame(out, 9);
        return out;
    }

    private static void publish(ByteBuf out, int channel, byte[] body) {
        FrameWriter.method(
                out, channel, new BasicMethod.Publish(ShortString.of("x"), ShortString.of("key"), true, false));
        BasicProperties props = BasicProperties.builder().deliveryMode(2).build();
        FrameWriter.header(out, channel, body.length, props.raw(), 0, props.raw().length);
        new Random(body.length).nextBytes(body);
        FrameWriter.body(out, channel, body, 0, body.length, 300);
    }

    private static void emptyBodyFrame(ByteBuf out, int channel) {
        out.writeByte(Frame.BODY).writeShort(channel).writeInt(0).writeByte(Frame.END);
    }

    @Test
    void framesComeOutInOrder() {
        decoder.feed(conversation());
        assertNull(listener.error);
        assertEquals("protocol true", listener.events.get(0));
        assertEquals(new ConnectionMethod.TuneOk(2047, 131_072, 60), listener.methods.get(0));
        assertEquals("heartbeat", listener.events.get(2));
        assertEquals("header 1 60 0 100002", listener.events.get(4));
        assertEquals("header 2 60 1001 100002", listener.events.get(7));
        byte[] body = new byte[1001];
        new Random(1001).nextBytes(body);
        assertEquals("body 2 " + java.util.HexFormat.of().formatHex(body), listener.events.get(8));
        assertEquals("body 9 ", listener.events.get(listener.events.size() - 1));
        assertEquals(0, decoder.heldBytes());
    }

    @Test
    void oneOctetAtATimeIsTheSameAsAllAtOnce() {
        RecordingListener atOnce = new RecordingListener();
        new FrameDecoder(atOnce).feed(conversation());
        ByteBuf stream = conversation();
        while (stream.isReadable()) {
            decoder.feed(stream.readSlice(1));
        }
        assertEquals(atOnce.events, listener.events);
        assertEquals(0, decoder.heldBytes());
    }

    @Test
    void anyCutOfTheStreamIsTheSame() {
        RecordingListener atOnce = new RecordingListener();
        new FrameDecoder(atOnce).feed(conversation());
        Random random = new Random(7);
        for (int round = 0; round < 500; round++) {
            RecordingListener cut = new RecordingListener();
            FrameDecoder cutDecoder = new FrameDecoder(cut);
            ByteBuf stream = conversation();
            int most = 1 + random.nextInt(1 + random.nextInt(600));
            while (stream.isReadable()) {
                cutDecoder.feed(stream.readSlice(Math.min(stream.readableBytes(), 1 + random.nextInt(most))));
            }
            assertEquals(atOnce.events, cut.events);
        }
    }

    @Test
    void theHeaderOfZeroNineIsAccepted() {
        decoder.feed(Unpooled.wrappedBuffer(new byte[] {'A', 'M', 'Q', 'P', 1, 1, 0, 9}));
        assertEquals(List.of("protocol true"), listener.events);
        assertFalse(decoder.isStopped());
    }

    @ParameterizedTest
    @ValueSource(strings = {"AMQP\0\1\0\0", "AMQP\3\1\0\0", "GET / HTTP/1.1\r\n", "amqp\0\0\11\1", "AMQP\0\0\11\2"})
    void otherProtocolsAreReportedAndNothingElse(String first) {
        ByteBuf out = Unpooled.buffer();
        out.writeBytes(first.getBytes(StandardCharsets.ISO_8859_1));
        FrameWriter.heartbeat(out);
        decoder.feed(out);
        assertEquals(List.of("protocol false"), listener.events);
        assertTrue(decoder.isStopped());
        assertFalse(out.isReadable());
    }

    @Test
    void ourAnswerIsTheHeaderOfZeroNineOne() {
        ByteBuf out = Unpooled.buffer();
        ProtocolHeader.write(out);
        assertEquals(Unpooled.wrappedBuffer(new byte[] {'A', 'M', 'Q', 'P', 0, 0, 9, 1}), out);
    }

    @Test
    void aFrameUpToTheLimitIsReadAndOneOctetMoreIsAFrameError() {
        begin();
        decoder.feed(body(1, Frame.INITIAL_MAX_BYTES));
        assertNull(listener.error);
        // Nothing but the prefix has to arrive for the refusal.
        decoder.feed(body(1, Frame.INITIAL_MAX_BYTES + 1).readSlice(Frame.PREFIX_BYTES));
        assertError(ReplyCode.FRAME_ERROR);
        assertEquals(0, decoder.heldBytes());
    }

    @Test
    void theLimitFollowsTheNegotiation() {
        begin();
        decoder.setFrameMax(131_072);
        decoder.feed(body(1, 131_072));
        assertNull(listener.error);
        decoder.setFrameMax(4096);
        decoder.feed(body(1, 4097));
        assertError(ReplyCode.FRAME_ERROR);
        assertThrows(IllegalArgumentException.class, () -> decoder.setFrameMax(4095));
    }

    @ParameterizedTest
    @ValueSource(ints = {0x7FFFFFFF, 0x80000000, 0xFFFFFFFF})
    void hugeDeclaredSizesAreFrameErrors(int size) {
        begin();
        decoder.feed(prefix(Frame.METHOD, 1, size));
        assertError(ReplyCode.FRAME_ERROR);
    }

    @Test
    void aWrongEndOctetIsAFrameErrorForEveryType() {
        for (int type : new int[] {Frame.METHOD, Frame.HEADER, Frame.BODY, Frame.HEARTBEAT}) {
            RecordingListener wrong = new RecordingListener();
            FrameDecoder wrongDecoder = new FrameDecoder(wrong);
            ByteBuf out = Unpooled.buffer();
            ProtocolHeader.write(out);
            byte[] payload = MethodCodecTest.encode(new TxMethod.Select());
            out.writeBytes(prefix(type, 0, type == Frame.HEARTBEAT ? 0 : payload.length));
            out.writeBytes(type == Frame.HEARTBEAT ? new byte[0] : payload);
            out.writeByte(Frame.END - 1);
            FrameWriter.heartbeat(out);
            wrongDecoder.feed(out);
            assertEquals(ReplyCode.FRAME_ERROR, wrong.error.code());
            assertEquals(2, wrong.events.size(), wrong.events.toString());
        }
    }

    @Test
    void theLastOctetOfABodyWaitsForTheEnd() {
        begin();
        ByteBuf frame = body(3, 5);
        decoder.feed(frame.readSlice(Frame.PREFIX_BYTES + 5));
        assertEquals(List.of("body 3 00000000"), listener.events);
        assertEquals(1, decoder.heldBytes());
        decoder.feed(Unpooled.wrappedBuffer(new byte[] {0}));
        assertError(ReplyCode.FRAME_ERROR);
        assertEquals("body 3 00000000", listener.events.get(0));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 4, 5, 6, 7, 9, 'G', 255})
    void unknownFrameTypesAreFrameErrors(int type) {
        begin();
        decoder.feed(prefix(type, 0, 0));
        assertError(ReplyCode.FRAME_ERROR);
    }

    @Test
    void heartbeatsBelongToChannelZeroAndAreEmpty() {
        begin();
        decoder.feed(prefix(Frame.HEARTBEAT, 1, 0));
        assertError(ReplyCode.UNEXPECTED_FRAME);
        RecordingListener second = new RecordingListener();
        FrameDecoder other = new FrameDecoder(second);
        ByteBuf out = Unpooled.buffer();
        ProtocolHeader.write(out);
        other.feed(out.writeBytes(prefix(Frame.HEARTBEAT, 0, 1)));
        assertEquals(ReplyCode.FRAME_ERROR, second.error.code());
    }

    @Test
    void headerFramesAreChecked() {
        assertEquals(ReplyCode.FRAME_ERROR, headerError(new byte[11]));
        assertNull(headerError(new byte[] {0, 60, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}), "the channel is asked first");
        assertNull(headerError(new byte[] {0, 60, 0, 0, -128, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
        assertNull(headerError(new byte[] {0, 60, 0, 0, 0x7F, -1, -1, -1, -1, -1, -1, -1, 0, 0}));
    }

    /** What comes while it is suspended is read afterwards, in whatever pieces it came. */
    @Test
    void aSuspendedDecoderLosesNothing() {
        ByteBuf all = conversation();
        FrameDecoder straight = new FrameDecoder(listener);
        straight.feed(all.duplicate());
        for (int piece : new int[] {1, 7, 100, all.readableBytes()}) {
            RecordingListener second = new RecordingListener();
            FrameDecoder halting = new FrameDecoder(second);
            ByteBuf in = all.duplicate();
            while (in.isReadable()) {
                halting.suspend();
                halting.feed(in.readSlice(Math.min(piece, in.readableBytes())));
                if (in.isReadable()) {
                    halting.feed(in.readSlice(1));
                }
                halting.resume();
            }
            assertEquals(listener.events, second.events, "pieces of " + piece);
            assertEquals(0, halting.heldBytes());
        }
    }

    private static ReplyCode headerError(byte[] payload) {
        RecordingListener recording = new RecordingListener();
        ByteBuf out = Unpooled.buffer();
        ProtocolHeader.write(out);
        out.writeBytes(prefix(Frame.HEADER, 5, payload.length))
                .writeBytes(payload)
                .writeByte(Frame.END);
        new FrameDecoder(recording).feed(out);
        return recording.error == null ? null : recording.error.code();
    }

    @Test
    void errorsCarryChannelAndMethodAndStopReading() {
        begin();
        ByteBuf out = prefix(Frame.METHOD, 77, 4);
        out.writeShort(60).writeShort(40).writeByte(Frame.END);
        FrameWriter.heartbeat(out);
        decoder.feed(out);
        decoder.feed(conversation());
        assertEquals(1, listener.events.size());
        assertTrue(listener.events.get(0).startsWith("error 77 FRAME_ERROR - "), listener.events.get(0));
        assertEquals(60, listener.error.classId());
        assertEquals(40, listener.error.methodId());
        assertTrue(decoder.isStopped());
    }

    @Test
    void heldOctetsGrowWithWhatArrivesNotWithWhatIsDeclared() {
        begin();
        decoder.setFrameMax(1 << 30);
        ByteBuf start = prefix(Frame.METHOD, 1, 1 << 30);
        start.writeZero(100);
        decoder.feed(start);
        assertEquals(107, decoder.heldBytes());
        assertNull(listener.error);
        decoder.close();
        assertEquals(0, decoder.heldBytes());
    }

    @Test
    void bodiesAreNotHeldAtAll() {
        begin();
        decoder.setFrameMax(1 << 20);
        ByteBuf frame = body(1, 1 << 20);
        while (frame.readableBytes() > 2) {
            decoder.feed(frame.readSlice(Math.min(1000, frame.readableBytes() - 2)));
            assertEquals(0, decoder.heldBytes());
        }
        decoder.feed(frame);
        assertNull(listener.error);
    }

    @Test
    void aListenerCanStopOrCloseWhatFeedsIt() {
        for (int chunk : new int[] {1, 10_000}) {
            List<Method> seen = new ArrayList<>();
            FrameDecoder[] self = new FrameDecoder[1];
            RecordingListener closing = new RecordingListener() {
                @Override
                public void onMethod(int channel, Method method) {
                    seen.add(method);
                    self[0].close();
                }
            };
            self[0] = new FrameDecoder(closing);
            ByteBuf stream = conversation();
            while (stream.isReadable()) {
                self[0].feed(stream.readSlice(Math.min(chunk, stream.readableBytes())));
            }
            assertEquals(1, seen.size());
            assertEquals(0, self[0].heldBytes());
        }
    }

    @Test
    void exceptionsOfTheListenerPassThrough() {
        FrameDecoder failing = new FrameDecoder(new RecordingListener() {
            @Override
            public void onHeartbeat() {
                throw new IllegalStateException("a bug");
            }
        });
        assertThrows(IllegalStateException.class, () -> failing.feed(conversation()));
        failing.close();
        assertEquals(0, failing.heldBytes());
    }

    private void begin() {
        ByteBuf out = Unpooled.buffer();
        ProtocolHeader.write(out);
        decoder.feed(out);
        listener.events.clear();
    }

    private void assertError(ReplyCode code) {
        assertEquals(code, listener.error.code());
        assertTrue(decoder.isStopped());
    }

    private static ByteBuf prefix(int type, int channel, int size) {
        return Unpooled.buffer().writeByte(type).writeShort(channel).writeInt(size);
    }

    private static ByteBuf body(int channel, int size) {
        return prefix(Frame.BODY, channel, size).writeZero(size).writeByte(Frame.END);
    }
}
