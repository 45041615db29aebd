package io.tallymq.admin;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.tallymq.admin.http.HttpPipeline;
import io.tallymq.admin.request.AdminConfig;
import io.tallymq.net.AcceptGate;
import io.tallymq.timer.SparseLog;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens ports for HTTP, whose connections share one event loop. */
final class HttpPorts implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HttpPorts.class);
    private static final int BACKLOG = 128;
    private static final long STOP_SECONDS = 5;

    private final EventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("admin-http", true), NioIoHandler.newFactory());

    /** @return done; whether the port could be had it tells */
    ChannelFuture listen(String what, AdminConfig config, HttpPipeline pipeline, String host, int port) {
        int most = config.limits().connections() + AdminServer.MOST_SURPLUS;
        return new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .handler(new AcceptGate(what, most, new SparseLog(LOG)))
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, false)
                .childHandler(pipeline)
                .bind(host, port)
                .awaitUninterruptibly();
    }

    /** The port that is listened on, -1 where {@code listening} is null. */
    static int of(Channel listening) {
        return listening == null ? -1 : ((InetSocketAddress) listening.localAddress()).getPort();
    }

    /** Waits some seconds at most. */
    @Override
    public void close() {
        loops.shutdownGracefully(0, STOP_SECONDS, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
