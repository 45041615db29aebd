package io.tallymq.raft.log.link;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.tallymq.net.NodesTls;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLException;

/**
 * The first handler of a connection to the link's port where nodes speak TLS: looks at the first octet. A node that speaks plain text is told
 * so in plain text, which is all that it can read.
 */
final class LinkTlsGate extends ChannelInboundHandlerAdapter {
    /** The first octets of TLS: a record with a handshake, then the major version. */
    static final int HANDSHAKE = 22;

    static final int VERSION = 3;

    /** For the log. */
    static final String PORT = "Link";

    private static final String PLAIN = "this node speaks TLS with the other nodes: set tls.nodes to the same on all"
            + " nodes, and make certificates with deploy/tally certs";

    private final NodesTls tls;
    private boolean refused;

    LinkTlsGate(NodesTls tls) {
        this.tls = tls;
    }

    /** Whether TLS found that something is wrong, at either end. */
    static boolean isOfTls(Throwable cause) {
        for (Throwable each = cause; each != null; each = each.getCause()) {
            if (each instanceof SSLException) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        if (refused || !in.isReadable()) {
            in.release();
            return;
        }
        SocketAddress from = ctx.channel().remoteAddress();
        if (in.getUnsignedByte(in.readerIndex()) != HANDSHAKE) {
            in.release();
            refused = true;
            tls.plain(PORT, from);
            byte[] why = PLAIN.getBytes(StandardCharsets.UTF_8);
            ctx.writeAndFlush(LinkFrame.encode(LinkFrame.REJECT, why)).addListener(ChannelFutureListener.CLOSE);
            return;
        }
        // Who takes too long is disconnected by the greeting's deadline, which began when the connection was accepted.
        SslHandler handler = new SslHandler(tls.accept(PORT, from), tls.handshakes());
        ctx.pipeline().addAfter(ctx.name(), null, handler);
        ctx.fireChannelRead(in);
        ctx.pipeline().remove(this);
    }
}
