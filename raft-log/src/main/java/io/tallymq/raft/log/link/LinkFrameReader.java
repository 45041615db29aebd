package io.tallymq.raft.log.link;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.TooLongFrameException;

/**
 * Cuts the stream into frames. A payload is read straight into its array, which the receiver may keep; nothing is
 * allocated for a frame that is larger than allowed.
 */
abstract class LinkFrameReader extends ChannelInboundHandlerAdapter implements LinkFrame.Receiver {
    private static final int TYPE = 4;
    private static final int GROUP = 5;

    private final byte[] header = new byte[LinkFrame.HEADER_BYTES];
    private int headerRead;
    private byte[] payload;
    private int payloadRead;
    private int limit = LinkFrame.MAX_GREETING_BYTES;

    /** From now on frames may be so large. */
    final void allow(int maxFrameBytes) {
        limit = maxFrameBytes;
    }

    @Override
    public final void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        ByteBuf in = (ByteBuf) message;
        try {
            while (in.isReadable()) {
                read(in);
            }
        } finally {
            in.release();
        }
    }

    private void read(ByteBuf in) throws Exception {
        if (payload == null) {
            int n = Math.min(header.length - headerRead, in.readableBytes());
            in.readBytes(header, headerRead, n);
            headerRead += n;
            if (headerRead < header.length) {
                return;
            }
            int length = length();
            payload = new byte[length - LinkFrame.MIN_LENGTH];
            payloadRead = 0;
        }
        int n = Math.min(payload.length - payloadRead, in.readableBytes());
        in.readBytes(payload, payloadRead, n);
        payloadRead += n;
        if (payloadRead == payload.length) {
            byte[] whole = payload;
            payload = null;
            headerRead = 0;
            onFrame(header[TYPE], (header[GROUP] & 0xff) << 8 | header[GROUP + 1] & 0xff, whole);
        }
    }

    private int length() throws LinkHandshake.RefusedException {
        if (header[0] == LinkTlsGate.HANDSHAKE && header[1] == LinkTlsGate.VERSION) {
            throw new LinkHandshake.RefusedException("TLS was spoken to a node that speaks plain text with the others:"
                    + " set tls.nodes to the same on all nodes");
        }
        int length = header[0] << 24 | (header[1] & 0xff) << 16 | (header[2] & 0xff) << 8 | header[3] & 0xff;
        if (length < LinkFrame.MIN_LENGTH || length > limit) {
            throw new TooLongFrameException(
                    "A frame of " + (length & 0xffffffffL) + " bytes, " + limit + " are allowed");
        }
        return length;
    }
}
