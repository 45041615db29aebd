package io.tallymq.admin.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.handler.timeout.WriteTimeoutHandler;
import io.tallymq.admin.request.AdminConfig;
import io.tallymq.net.Newcomers;
import io.tallymq.net.ProxyGate;
import io.tallymq.net.ProxyRule;
import io.tallymq.net.TlsIdentity;
import io.tallymq.timer.SparseLog;
import io.tallymq.timer.Timers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** Sets up a new connection, with every limit in place before its first byte is read. */
public final class HttpPipeline extends ChannelInitializer<SocketChannel> {
    private static final String FULL = "This node serves no more HTTP connections at a time (http.max-connections)\n";
    private static final String TOO_MANY =
            "Too many HTTP connections of this address have shown no login (http.newcomers-per-address)\n";

    private final AdminConfig.Limits limits;
    private final AdminConfig.Timeouts timeouts;
    private final List<String> origins;
    private final Dispatcher dispatcher;
    private final Executor pieces;
    private final ChannelGroup open;
    private final Newcomers newcomers;
    private final Timers timers;
    private final SparseLog refusals;
    /** Null without TLS. */
    private final TlsIdentity identity;

    private final BodyLimit.Room largeBodies;
    private final AnswerRoom answers;
    private final ProxyRule proxies;

    /** @param pieces makes the rest of long answers */
    public HttpPipeline(
            AdminConfig config,
            Dispatcher dispatcher,
            Executor pieces,
            ChannelGroup open,
            Newcomers newcomers,
            Timers timers,
            SparseLog refusals,
            BodyLimit.Room largeBodies,
            AnswerRoom answers,
            ProxyRule proxies,
            TlsIdentity identity) {
        this.proxies = proxies;
        this.newcomers = newcomers;
        this.largeBodies = largeBodies;
        this.answers = answers;
        this.identity = identity;
        this.refusals = refusals;
        this.pieces = pieces;
        this.limits = config.limits();
        this.timeouts = config.timeouts();
        this.origins = config.origins();
        this.dispatcher = dispatcher;
        this.open = open;
        this.timers = timers;
    }

    @Override
    protected void initChannel(SocketChannel channel) {
        if (open.size() >= limits.connections()) {
            refusals.warn(
                    "HTTP connection of {} refused: {} are open, as many as this node serves",
                    channel.remoteAddress(),
                    limits.connections());
            refuse(channel, FULL);
            return;
        }
        open.add(channel);
        ProxyGate.begin(channel, proxies, timers, refusals, () -> serve(channel));
    }

    @SuppressWarnings("FutureReturnValueIgnored") // Closing is all that is left to do, however it ends.
    private void refuse(SocketChannel channel, String why) {
        if (identity != null) {
            channel.close();
            return;
        }
        String answer =
                "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n"
                        + "Content-Length: " + why.length() + "\r\n\r\n" + why;
        channel.writeAndFlush(Unpooled.copiedBuffer(answer, StandardCharsets.US_ASCII))
                .addListener(ChannelFutureListener.CLOSE);
    }

    private void serve(SocketChannel channel) {
        if (!newcomers.admits(channel, ProxyGate.client(channel))) {
            refuse(channel, TOO_MANY);
            return;
        }
        var decoding = new HttpDecoderConfig()
                .setMaxInitialLineLength(limits.requestLineBytes())
                .setMaxHeaderSize(limits.headerBytes());
        var guard = new ClientGuard(timeouts.request(), timers, refusals);
        var exchange = new HttpExchange(
                dispatcher, pieces, guard, timeouts, origins, timers, refusals, answers, () -> newcomers.left(channel));
        ChannelPipeline pipeline = channel.pipeline();
        if (identity != null) {
            pipeline.addLast(identity.handler(channel.alloc()));
        }
        pipeline.addLast(guard);
        pipeline.addLast(new IdleStateHandler(0, 0, timeouts.idle().toNanos(), TimeUnit.NANOSECONDS));
        pipeline.addLast(new WriteTimeoutHandler(timeouts.write().toNanos(), TimeUnit.NANOSECONDS));
        var requests = new RequestDecoder(decoding);
        pipeline.addLast(requests);
        pipeline.addLast(new Encoder(requests));
        // What came in one read waits here until it is known who sends a large request.
        pipeline.addLast(new FlowControlHandler());
        pipeline.addLast(new BodyLimit(limits.bodyBytes(), largeBodies, exchange));
        pipeline.addLast(new Aggregator(BodyLimit.largest(limits.bodyBytes()), exchange));
        pipeline.addLast(exchange);
    }

    private static final class Encoder extends HttpResponseEncoder {
        private final RequestDecoder requests;

        Encoder(RequestDecoder requests) {
            this.requests = requests;
        }

        @Override
        protected boolean isContentAlwaysEmpty(HttpResponse answer) {
            return requests.isHead() || super.isContentAlwaysEmpty(answer);
        }
    }

    private static final class Aggregator extends HttpObjectAggregator {
        private final HttpExchange exchange;

        Aggregator(int limit, HttpExchange exchange) {
            super(limit, true); // what is behind a request whose Expect is refused may be its body
            this.exchange = exchange;
        }

        @Override
        protected void handleOversizedMessage(ChannelHandlerContext ctx, HttpMessage oversized) {
            exchange.oversized(ctx, maxContentLength());
        }
    }
}
