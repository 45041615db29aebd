package io.tallymq.broker.chunk;

import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.store.ChunkCodec;
import io.tallymq.broker.store.MessageStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Messages of a run that several queues get, stored once; the queues' chunks name them by their places in it. */
public final class SharedBlock {
    private final long id;
    private final PublishRun run;
    /** First message and the one after the last, in the run, of each piece. */
    private int[] pieces = new int[4];

    private int used;
    private int count;

    public SharedBlock(long id, PublishRun run) {
        this.id = id;
        this.run = run;
    }

    public long id() {
        return id;
    }

    /** Adds messages [from, to) of the run; returns the place of the first one. */
    public int add(int from, int to) {
        int place = count;
        count += to - from;
        if (used > 0 && pieces[used - 1] == from) {
            pieces[used - 1] = to;
            return place;
        }
        if (used == pieces.length) {
            pieces = Arrays.copyOf(pieces, used * 2);
        }
        pieces[used] = from;
        pieces[used + 1] = to;
        used += 2;
        return place;
    }

    public void put(Stamp entry, MessageStore store) {
        PublishRun.RoutesUsed routes = run.routesUsed();
        List<MessageStore.Slice> parts = new ArrayList<>(1 + used / 2);
        parts.add(null); // the header, once it is written
        for (int i = 0; i < used; i += 2) {
            routes.add(pieces[i], pieces[i + 1]);
            parts.add(run.slice(pieces[i], pieces[i + 1]));
        }
        ByteWriter header = new ByteWriter(64);
        ChunkCodec.writeBlockHeader(header, count, entry, routes.found());
        parts.set(0, new MessageStore.Slice(header.array(), 0, header.size()));
        store.putShared(id, 0, parts);
    }
}
