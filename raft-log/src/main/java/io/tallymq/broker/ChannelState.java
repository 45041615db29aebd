package io.tallymq.broker;

import java.util.TreeMap;

/** What the replicated state knows of a channel that has ended by an error, or whose consumers have a limit together. */
final class ChannelState {
    private final TreeMap<Long, Holder> holders = new TreeMap<>();
    private boolean ended;
    private int limit;
    /** What the consumers with acks hold. */
    private long held;

    /** A command or publish was refused: what the client sent behind it is void. */
    boolean hasEnded() {
        return ended;
    }

    void end() {
        ended = true;
        refresh();
    }

    /** The consumers with acks hold at most so many messages together; 0 for no limit. */
    void limit(int messages) {
        limit = messages;
        refresh();
    }

    /** The holder is one of the channel's. */
    void join(Holder h) {
        holders.put(h.number(), h);
        h.channelState(this);
        changed(h, h.held.count());
    }

    /** The holder is gone, and what it holds. */
    void leave(Holder h) {
        changed(h, -h.held.count());
        holders.remove(h.number());
        h.channelState(null);
    }

    /**
     * The holder has so many messages more, or less. What was fetched with basic.get, and what need not be acked, is not limited;
     * cancelled consumers' messages are.
     */
    void changed(Holder h, long messages) {
        if (h.isGetter() || h.spec().noAck()) {
            return;
        }
        boolean before = room() > 0;
        held += messages;
        if (before != room() > 0) {
            refresh();
        }
    }

    /** Who may be given messages depends on the state alone, at any time: a replica that starts anew has to agree. */
    private void refresh() {
        holders.values().forEach(h -> h.queue().refresh(h));
    }

    /** How many more messages the consumers may be given. */
    long room() {
        return ended ? 0 : limit == 0 ? Long.MAX_VALUE : limit - held;
    }

    byte[] encode() {
        return new ByteWriter(5).bool(ended).int32(limit).toBytes();
    }

    static ChannelState decode(byte[] value) {
        ByteReader r = new ByteReader(value);
        ChannelState state = new ChannelState();
        state.ended = r.bool();
        state.limit = r.int32();
        TaggedFields.endRecord(r);
        return state;
    }
}
