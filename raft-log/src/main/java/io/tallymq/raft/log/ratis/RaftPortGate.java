package io.tallymq.raft.log.ratis;

import io.tallymq.net.NodesTls;
import io.tallymq.timer.SparseLog;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.ratis.thirdparty.io.grpc.netty.GrpcHttp2ConnectionHandler;
import org.apache.ratis.thirdparty.io.grpc.netty.InternalProtocolNegotiator;
import org.apache.ratis.thirdparty.io.grpc.netty.InternalProtocolNegotiators;
import org.apache.ratis.thirdparty.io.grpc.netty.ProtocolNegotiationEvent;
import org.apache.ratis.thirdparty.io.netty.channel.ChannelHandler;
import org.apache.ratis.thirdparty.io.netty.channel.ChannelHandlerContext;
import org.apache.ratis.thirdparty.io.netty.channel.ChannelInboundHandlerAdapter;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.SslHandler;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.SslHandshakeCompletionEvent;
import org.apache.ratis.thirdparty.io.netty.util.AsciiString;

/**
 * Closes a connection to the Raft port at once if too many are open: each is a file descriptor that the log and the store
 * may need. gRPC's server has no such limit of its own; what it asks for each connection it accepts is how to begin.
 */
final class RaftPortGate implements InternalProtocolNegotiator.ProtocolNegotiator {
    static final String PORT = "Raft";

    private final InternalProtocolNegotiator.ProtocolNegotiator plain = InternalProtocolNegotiators.serverPlaintext();
    private final AtomicInteger open = new AtomicInteger();
    private final int most;
    private final SparseLog refusals;
    private final NodesTls tls;

    /** @param tls null for plain text */
    RaftPortGate(int most, SparseLog refusals, NodesTls tls) {
        this.most = most;
        this.refusals = refusals;
        this.tls = tls;
    }

    @Override
    public AsciiString scheme() {
        return plain.scheme();
    }

    @Override
    public ChannelHandler newHandler(GrpcHttp2ConnectionHandler grpc) {
        return new Gate(plain.newHandler(grpc));
    }

    @Override
    public void close() {
        plain.close();
    }

    /** Stands in for what would begin the protocol until the connection is counted. */
    private final class Gate extends ChannelInboundHandlerAdapter {
        private final ChannelHandler next;

        Gate(ChannelHandler next) {
            this.next = next;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            int now = open.incrementAndGet();
            ctx.channel().closeFuture().addListener(closed -> open.decrementAndGet());
            if (now > most) {
                refusals.warn(
                        "Connection of {} to the Raft port refused: {} are open, more than the nodes need",
                        ctx.channel().remoteAddress(),
                        most);
                ctx.close();
                return;
            }
            ctx.pipeline().replace(this, null, tls == null ? next : new Secure(next));
        }
    }

    /** Lets the protocol begin when the node at the other end has shown who it is. */
    private final class Secure extends ChannelInboundHandlerAdapter {
        private final ChannelHandler next;
        /** With it gRPC begins; it comes before there is who takes it. */
        private Object begin;

        private boolean refused;

        Secure(ChannelHandler next) {
            this.next = next;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            SslHandler handler = new SslHandler(tls.accept(PORT, ctx.channel().remoteAddress()), tls.handshakes());
            ctx.pipeline().addBefore(ctx.name(), null, handler);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (!(event instanceof SslHandshakeCompletionEvent done)) {
                if (event instanceof ProtocolNegotiationEvent) {
                    begin = event;
                } else {
                    ctx.fireUserEventTriggered(event);
                }
                return;
            }
            if (!done.isSuccess()) {
                refuse(ctx, done.cause());
                return;
            }
            ctx.pipeline().addAfter(ctx.name(), null, next);
            ctx.fireUserEventTriggered(begin);
            ctx.pipeline().remove(this);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            refuse(ctx, cause);
        }

        private void refuse(ChannelHandlerContext ctx, Throwable cause) {
            if (!refused) {
                refused = true;
                tls.refused(PORT, ctx.channel().remoteAddress(), cause);
            }
            ctx.close();
        }
    }
}
