package io.tallymq.broker;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Gathers the messages of the entry in hand that go to one queue. In memory a message stays where it is in the entry; the
 * stored form is the same bytes, neighbours in one slice, or a record rewritten to refer to a shared body.
 */
final class ChunkBuilder {
    private final MachineLimits limits;
    private int[] offsets = new int[16];
    private int count;
    private long bodyBytes;
    private int recordBytes;
    private boolean elsewhere;
    private byte[] sliceArray;
    private int sliceFrom;
    private int sliceEnd;
    private final List<MessageStore.Slice> slices = new ArrayList<>();
    private int[] routes = new int[4];
    private int routeCount;

    ChunkBuilder(MachineLimits limits) {
        this.limits = limits;
    }

    boolean isEmpty() {
        return count == 0;
    }

    boolean isFull() {
        return count >= limits.chunkMessages() || recordBytes >= limits.chunkBytes();
    }

    /** Whether a message was added that refers to a shared body. */
    boolean refersElsewhere() {
        return elsewhere;
    }

    /**
     * Adds a message.
     *
     * @param offset where its record stands in the entry
     * @param array where the record to be stored stands: the entry, or one that refers to a shared body
     */
    void add(int offset, int route, long bodyLength, byte[] array, int from, int length) {
        if (count == offsets.length) {
            offsets = Arrays.copyOf(offsets, count * 2);
        }
        offsets[count++] = offset;
        bodyBytes += bodyLength;
        recordBytes += length;
        elsewhere |= MessageRecord.isExternal(array, from);
        addRoute(route);
        if (array == sliceArray && from == sliceEnd) {
            sliceEnd += length;
        } else {
            endSlice();
            sliceArray = array;
            sliceFrom = from;
            sliceEnd = from + length;
        }
    }

    private void addRoute(int route) {
        for (int i = routeCount - 1; i >= 0; i--) {
            if (routes[i] == route) {
                return;
            }
        }
        if (routeCount == routes.length) {
            routes = Arrays.copyOf(routes, routeCount * 2);
        }
        routes[routeCount++] = route;
    }

    private void endSlice() {
        if (sliceArray != null) {
            slices.add(new MessageStore.Slice(sliceArray, sliceFrom, sliceEnd - sliceFrom));
            sliceArray = null;
        }
    }

    /** Makes the chunk, puts it into the store and starts over. */
    Chunk seal(Queue queue, Entry entry, Route[] table, byte[] entryBytes, long shared, MessageStore store) {
        endSlice();
        Chunk chunk = new Chunk(queue.number(), queue.log.tail(), count, bodyBytes, shared);
        chunk.body(new ChunkBody(entryBytes, Arrays.copyOf(offsets, count), table, entry.time()));
        List<ChunkCodec.NumberedRoute> used = new ArrayList<>(routeCount);
        for (int i = 0; i < routeCount; i++) {
            used.add(new ChunkCodec.NumberedRoute(routes[i], table[routes[i]]));
        }
        ByteWriter header = new ByteWriter(128);
        ChunkCodec.writeHeader(header, chunk, entry, used);
        List<MessageStore.Slice> parts = new ArrayList<>(slices.size() + 1);
        parts.add(new MessageStore.Slice(header.array(), 0, header.size()));
        parts.addAll(slices);
        store.putChunk(chunk, parts);
        slices.clear();
        count = 0;
        bodyBytes = 0;
        recordBytes = 0;
        routeCount = 0;
        elsewhere = false;
        return chunk;
    }
}
