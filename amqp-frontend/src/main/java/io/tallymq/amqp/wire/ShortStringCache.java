package io.tallymq.amqp.wire;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/**
 * Turns the octets of exchange names and routing keys into shared {@link ShortString}s. A hit allocates nothing.
 *
 * <p>Direct-mapped: a value lives in the one slot its hash names and is displaced by the next one that hashes there,
 * so memory is bounded by the number of slots (about 300 octets each) whatever a peer sends. One per connection, used
 * by its event loop only: not thread-safe.
 */
public final class ShortStringCache {
    /** Slots of a connection's cache unless told otherwise; more distinct routing keys than that just miss. */
    public static final int DEFAULT_SLOTS = 256;

    private final ShortString[] slots;
    private final byte[] scratch = new byte[ShortString.MAX_BYTES];

    public ShortStringCache() {
        this(DEFAULT_SLOTS);
    }

    /**
     * A cache with a given number of slots.
     *
     * @throws IllegalArgumentException if the number is not a power of two
     */
    public ShortStringCache(int slots) {
        if (Integer.bitCount(slots) != 1) {
            throw new IllegalArgumentException("the number of slots has to be a power of two: " + slots);
        }
        this.slots = new ShortString[slots];
    }

    /**
     * The value of {@code length} octets at the reader index; moves the reader index behind them. The caller has
     * checked that they are readable and that {@code length} is at most {@link ShortString#MAX_BYTES}.
     *
     * @throws WireException 501 if the octets are not UTF-8
     */
    ShortString read(ByteBuf in, int length) throws WireException {
        in.readBytes(scratch, 0, length);
        int hash = ShortString.hash(scratch, length);
        int slot = hash & (slots.length - 1);
        ShortString known = slots[slot];
        if (known != null && known.matches(scratch, length, hash)) {
            return known;
        }
        if (!Utf8.isValid(scratch, 0, length)) {
            throw WireException.malformed("a short string has to be UTF-8");
        }
        ShortString fresh = ShortString.wrap(Arrays.copyOf(scratch, length), hash);
        slots[slot] = fresh;
        return fresh;
    }
}
