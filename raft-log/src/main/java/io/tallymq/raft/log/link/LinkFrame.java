package io.tallymq.raft.log.link;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tallymq.raft.log.config.Groups;

/**
 * A frame of the nodes' link: u32 length of what follows, u8 type, u16 group, payload. The group is one of {@link Groups};
 * in frames that concern the connection itself it is {@link Groups#BROKER}.
 */
public final class LinkFrame {
    /** Type and group. */
    static final int MIN_LENGTH = 3;

    /** Length, type and group. */
    public static final int HEADER_BYTES = 4 + MIN_LENGTH;

    /** Until the other side has proved who it is. */
    static final int MAX_GREETING_BYTES = 4096;

    static final byte HELLO = 1;
    static final byte CHALLENGE = 2;
    static final byte PROOF = 3;
    static final byte WELCOME = 4;
    /** The connection is refused; the payload says why. */
    static final byte REJECT = 5;

    static final byte BATCH = 10;
    static final byte REFUSED = 11;
    static final byte PING = 12;
    static final byte PONG = 13;
    /** Nothing was done with a frame of the group that this one names; the payload says why. The connection goes on. */
    static final byte NO_GROUP = 14;
    /** The receiver, if it leads, is to make another node the leader: the payload is its id in UTF-8. */
    static final byte LEAD = 15;

    /** A file of a checkpoint begins: its size (8 bytes), then its name from the checkpoint's directory on, in UTF-8. */
    public static final byte FILE = 20;
    /** A part of the file, in order. */
    public static final byte DATA = 21;
    /** The file is whole: the CRC32C of its content (4 bytes). */
    public static final byte FILE_END = 22;
    /** The checkpoint is whole: term and index that it has reached at least (8 bytes each), and how many files it has (4). */
    public static final byte CHECKPOINT_END = 23;

    static final byte[] EMPTY = {};

    /** Receives whole frames. */
    @FunctionalInterface
    interface Receiver {
        void onFrame(byte type, int group, byte[] payload) throws Exception;
    }

    private LinkFrame() {}

    static ByteBuf encode(byte type, byte[] payload) {
        return encode(type, payload, 0, payload.length);
    }

    /**
     * A frame of the group of all vhosts. Does not copy the payload, which must not be modified before the frame is written. Any thread.
     *
     * @param off where the payload begins, {@code len} its bytes
     */
    public static ByteBuf encode(byte type, byte[] payload, int off, int len) {
        return encode(type, Groups.BROKER, payload, off, len);
    }

    /** Does not copy the payload. */
    static ByteBuf encode(byte type, int group, byte[] payload, int off, int len) {
        ByteBuf header = Unpooled.buffer(HEADER_BYTES, HEADER_BYTES);
        header.writeInt(len + MIN_LENGTH);
        header.writeByte(type);
        header.writeShort(group);
        return len == 0 ? header : Unpooled.wrappedBuffer(header, Unpooled.wrappedBuffer(payload, off, len));
    }
}
