package io.tallymq.store;

import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Records;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.store.ChunkCodec;
import io.tallymq.broker.store.MessageStore.Slice;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Makes chunks of messages with bodies that depend on (queue, seq) only. */
final class TestChunks {
    static final Route ROUTE = new Route("/", "amq.direct", "key");

    private TestChunks() {}

    /** A chunk as the machine puts it: header and messages in arrays of their own. */
    record Made(Chunk chunk, List<Slice> parts, ChunkBody body) {
        /** Sets the body, as for a chunk that was just published. */
        Made withBody() {
            chunk.body(body);
            return this;
        }
    }

    static Made chunk(long queue, long firstSeq, int count, int bodyBytes) {
        return chunk(queue, firstSeq, count, bodyBytes, 7);
    }

    static Made chunk(long queue, long firstSeq, int count, int bodyBytes, long index) {
        Chunk chunk = new Chunk(queue, firstSeq, count, (long) count * bodyBytes, 0);
        ByteWriter header = new ByteWriter();
        ChunkCodec.writeHeader(
                header, chunk, new Stamp(1, index, 1_000 + index), List.of(new ChunkCodec.NumberedRoute(0, ROUTE)));
        ChunkCodec.writeInline(header.varint(1), count);
        ByteWriter messages = new ByteWriter();
        messages.int32(0xdeadbeef); // the slice does not begin where the array begins
        int[] offsets = new int[count];
        for (int i = 0; i < count; i++) {
            offsets[i] = messages.size();
            MessageRecord.writeHeader(messages, 0, 0, 0, bodyBytes);
            byte[] body = messageBody(queue, firstSeq + i, bodyBytes);
            messages.raw(body, 0, body.length);
        }
        byte[] bytes = messages.toBytes();
        byte[] head = header.toBytes();
        return new Made(
                chunk,
                List.of(new Slice(head, 0, head.length), new Slice(bytes, 4, bytes.length - 4)),
                ChunkBody.of(new Records(bytes, offsets, new Route[] {ROUTE}, 1_000 + index)));
    }

    /** Bodies taken from {@code random}, for much data in little time. */
    static Made withBytes(long queue, long firstSeq, int count, int bodyBytes, byte[] random) {
        Chunk chunk = new Chunk(queue, firstSeq, count, (long) count * bodyBytes, 0);
        ByteWriter w = new ByteWriter(1_000 + count * (bodyBytes + 20));
        ChunkCodec.writeHeader(
                w, chunk, new Stamp(1, firstSeq, firstSeq), List.of(new ChunkCodec.NumberedRoute(0, ROUTE)));
        ChunkCodec.writeInline(w.varint(1), count);
        for (int i = 0; i < count; i++) {
            MessageRecord.writeHeader(w, 0, 0, 0, bodyBytes);
            int at = (int) ((queue * 7_919 + (firstSeq + i) * 1_031) % (random.length - bodyBytes));
            w.raw(random, at, bodyBytes);
        }
        return new Made(chunk, List.of(new Slice(w.array(), 0, w.size())), null);
    }

    static byte[] messageBody(long queue, long seq, int length) {
        byte[] b = new byte[length];
        new SplittableRandom(queue * 31 + seq).nextBytes(b);
        return b;
    }

    /** The body of message {@code i}. */
    static byte[] bodyOf(ChunkBody b, int i) {
        int at = MessageRecord.bodyOffset(b.bytes(), b.at(i));
        return Arrays.copyOfRange(b.bytes(), at, at + MessageRecord.inlineLength(b.bytes(), b.at(i)));
    }
}
