package io.tallymq.broker.queue;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.TaggedFields;
import java.util.Map;
import java.util.TreeMap;

/** What the replicated state knows of a channel that has ended by an error, or whose consumers have a limit together. */
public final class ChannelState {
    /**
     * So many consumers of a channel may have a limit together, and those that hold something of it: a message that comes back may be for any of them, so all
     * that wait for room are in turn again behind each.
     */
    public static final int MOST_CONSUMERS = 1_000;
    /** The level of the state from which on there may not be more. */
    public static final int MOST_LEVEL = 5;

    /**
     * Consumers who could be given something if the channel had room, by number. Their queues do not look at them again before that: an
     * ack costs what it makes room for, however many consumers the channel has. At least those are here whose queue has something ready
     * for them, and none while there is room; which others is not the same on every replica, and makes no difference.
     */
    private final TreeMap<Long, Holder> parked = new TreeMap<>();

    private boolean ended;
    private int limit;
    /** What the consumers with acks hold. */
    private long held;

    /** A command or publish was refused: what the client sent behind it is void. */
    public boolean hasEnded() {
        return ended;
    }

    public void end() {
        ended = true;
    }

    /** The consumers with acks hold at most so many messages together; 0 for no limit. */
    public void limit(int messages) {
        limit = messages;
    }

    /** Whether its consumers have a limit together. */
    public boolean isLimited() {
        return limit > 0;
    }

    /** The holder is one of the channel's. */
    public void join(Holder h) {
        h.channelState(this);
        changed(h, h.held.count());
        h.queue().refresh(h);
    }

    /** The holder is gone, and what it holds. */
    public void leave(Holder h) {
        changed(h, -h.held.count());
        if (h.parked) {
            h.queue().turns().unpark(h);
        }
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
        held += messages;
    }

    /** Only the holder's queue calls it, which counts them: see {@link Turns#unpark}. */
    void park(Holder h) {
        h.parked = true;
        parked.put(h.number(), h);
    }

    /** As {@link #park}. */
    void unpark(Holder h) {
        h.parked = false;
        parked.remove(h.number());
    }

    /** Who has the next turn behind a holder; null when nobody is parked, or there is no room. */
    public Holder nextParked(long behind) {
        if (parked.isEmpty() || room() <= 0) {
            return null;
        }
        Map.Entry<Long, Holder> next = parked.higherEntry(behind);
        return (next != null ? next : parked.firstEntry()).getValue();
    }

    /** How many more messages the consumers may be given. */
    public long room() {
        return ended ? 0 : limit == 0 ? Long.MAX_VALUE : limit - held;
    }

    public byte[] encode() {
        return new ByteWriter(5).bool(ended).int32(limit).toBytes();
    }

    public static ChannelState decode(byte[] value) {
        ByteReader r = new ByteReader(value);
        ChannelState state = new ChannelState();
        state.ended = r.bool();
        state.limit = r.int32();
        TaggedFields.endRecord(r);
        return state;
    }
}
