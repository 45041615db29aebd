package io.tallymq.broker.queue;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.StateDigest;
import java.util.TreeMap;

/**
 * Messages that a purge took of holders who left: for everybody they are gone, and later entries take them out, see {@link Leaving}. The store knows them by
 * what these holders have, and by the last purge: all that left before it is purged.
 */
final class Vanishing {
    /** By their lowest message. */
    private final TreeMap<Long, Holder> holders = new TreeMap<>();
    /** Of departures up to this number all is purged. */
    private long upTo;
    /** Body bytes of the messages. */
    private long bytes;

    boolean isEmpty() {
        return holders.isEmpty();
    }

    long bytes() {
        return bytes;
    }

    /** Whether what the holder still has is gone for everybody. */
    boolean has(Holder h) {
        return h.departure() != null && h.departure().number <= upTo;
    }

    /**
     * All that some have who left is purged.
     *
     * @param leaving by their lowest message
     * @param last no departure so far has a greater number
     */
    void take(TreeMap<Long, Holder> leaving, long last) {
        upTo = last;
        holders.putAll(leaving);
    }

    /** What the queue has and nobody is to see is theirs. */
    void measured(long more) {
        bytes += more;
    }

    /** The one with the lowest message. */
    Holder peek() {
        return holders.firstEntry().getValue();
    }

    /** The same, who is {@link #back} behind a change if he still has something. */
    Holder next() {
        return holders.pollFirstEntry().getValue();
    }

    /** @param gone body bytes that are taken out */
    void back(Holder h, long gone) {
        bytes -= gone;
        if (!h.held.isEmpty()) {
            holders.put(h.held.lowest(), h);
        }
        if (holders.isEmpty()) {
            upTo = 0;
            bytes = 0;
        }
    }

    /** Null for nothing. */
    byte[] encode() {
        return isEmpty() ? null : new ByteWriter(18).varint(upTo).varint(bytes).toBytes();
    }

    /** Takes up what {@link #encode} wrote: of those who left some are its own. */
    void decode(ByteReader r, TreeMap<Long, Holder> leaving) {
        upTo = r.varint();
        bytes = r.varint();
        leaving.values().stream().filter(this::has).forEach(h -> holders.put(h.held.lowest(), h));
        leaving.values().removeIf(this::has);
    }

    void digest(StateDigest d) {
        if (!isEmpty()) {
            d.add(upTo).add(bytes);
        }
    }
}
