package io.tallymq.raft.log;

import io.tallymq.timer.SparseLog;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.ratis.thirdparty.io.grpc.netty.GrpcHttp2ConnectionHandler;
import org.apache.ratis.thirdparty.io.grpc.netty.InternalProtocolNegotiator;
import org.apache.ratis.thirdparty.io.grpc.netty.InternalProtocolNegotiators;
import org.apache.ratis.thirdparty.io.netty.channel.ChannelHandler;
import org.apache.ratis.thirdparty.io.netty.channel.ChannelHandlerContext;
import org.apache.ratis.thirdparty.io.netty.channel.ChannelInboundHandlerAdapter;
import org.apache.ratis.thirdparty.io.netty.util.AsciiString;

/**
 * Closes a connection to the Raft port at once if too many are open: each is a file descriptor that the log and the store
 * may need. gRPC's server has no such limit of its own; what it asks for each connection it accepts is how to begin.
 */
final class RaftPortGate implements InternalProtocolNegotiator.ProtocolNegotiator {
    private final InternalProtocolNegotiator.ProtocolNegotiator plain = InternalProtocolNegotiators.serverPlaintext();
    private final AtomicInteger open = new AtomicInteger();
    private final int most;
    private final SparseLog refusals;

    RaftPortGate(int most, SparseLog refusals) {
        this.most = most;
        this.refusals = refusals;
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
            ctx.pipeline().replace(this, null, next);
        }
    }
}
