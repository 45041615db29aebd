package io.tallymq.amqp.wire;

import io.netty.buffer.ByteBuf;

/** The eight octets with which a connection begins (section 4.2.2). No state, thread-safe. */
public final class ProtocolHeader {
    public static final int BYTES = 8;

    private static final int AMQP = 'A' << 24 | 'M' << 16 | 'Q' << 8 | 'P';
    private static final int VERSION_0_9_1 = 0x00_00_09_01;
    /** How clients of AMQP 0-9 announce themselves; what follows is the same. */
    private static final int VERSION_0_9 = 0x01_01_00_09;

    private ProtocolHeader() {}

    /** Reads eight octets, which have to be there. True if they ask for AMQP 0-9-1 or 0-9. */
    static boolean read(ByteBuf in) {
        int name = in.readInt();
        int version = in.readInt();
        return name == AMQP && (version == VERSION_0_9_1 || version == VERSION_0_9);
    }

    /** Writes the header of 0-9-1: the answer to a header we can't serve, before the socket is closed. */
    public static void write(ByteBuf out) {
        out.writeInt(AMQP);
        out.writeInt(VERSION_0_9_1);
    }
}
