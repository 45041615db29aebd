package io.tallymq.admin.http;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.IdleStateEvent;
import io.tallymq.admin.request.AdminConfig.Timeouts;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.Caller;
import io.tallymq.net.ProxyGate;
import io.tallymq.timer.SparseLog;
import io.tallymq.timer.Timers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** One client's requests, one after the other: while one is being answered the socket is not read. */
@SuppressWarnings("FutureReturnValueIgnored") // Closing is all that is left to do, however it ends.
final class HttpExchange extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
            + " img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
            + " require-trusted-types-for 'script'";

    private static final byte[] NO_BODY = new byte[0];

    private final Dispatcher dispatcher;
    private final Executor pieces;
    private final ClientGuard guard;
    private final Timeouts timeouts;
    private final List<String> origins;
    private final Timers timers;
    private final SparseLog refusals;
    private final AnswerRoom answers;
    private final Runnable loggedIn;
    private boolean busy;
    /** Of the request that came last. */
    private WaitingClient client = new WaitingClient(NO_BODY);

    /** @param loggedIn told, more than once, that the client of this connection has shown who it is; any thread */
    HttpExchange(
            Dispatcher dispatcher,
            Executor pieces,
            ClientGuard guard,
            Timeouts timeouts,
            List<String> origins,
            Timers timers,
            SparseLog refusals,
            AnswerRoom answers,
            Runnable loggedIn) {
        this.answers = answers;
        this.loggedIn = loggedIn;
        this.refusals = refusals;
        this.dispatcher = dispatcher;
        this.pieces = pieces;
        this.guard = guard;
        this.timeouts = timeouts;
        this.origins = origins;
        this.timers = timers;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
        begin(ctx);
        if (request.decoderResult().isFailure()) {
            refusals.warn(
                    "HTTP request of {} refused: {}",
                    ProxyGate.client(ctx.channel()),
                    request.decoderResult().cause().getClass().getSimpleName());
            send(ctx, undecodable(request.decoderResult().cause()), false);
            return;
        }
        String ambiguous = ambiguous(request);
        if (ambiguous != null) {
            refuse(ctx, ambiguous);
            return;
        }
        var waits = new WaitingClient(ByteBufUtil.getBytes(request.content()));
        var asked = asked(ctx, request, waits);
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        var late = timers.after(
                ctx.executor(),
                patience(request).toNanos(),
                TimeUnit.NANOSECONDS,
                "answering a request that is late",
                () -> {
                    answer.complete(late(request.method().name()));
                    waits.end();
                });
        dispatcher.answer(asked).thenAccept(made -> {
            if (!answer.complete(made)) {
                made.end();
            }
        });
        answer.thenAcceptAsync(
                a -> {
                    late.cancel(false);
                    waits.end();
                    answer(ctx, request, a);
                },
                ctx.executor());
    }

    /** Nothing is begun from then on; what was begun before goes on. */
    private static Answer late(String method) {
        String why = Dispatcher.isLook(method)
                ? "the broker's state could not be read in time: the node is overloaded or stuck"
                : "there was no answer in time: the node is overloaded or stuck, or has no majority; what was asked for"
                        + " may still take effect";
        return Answer.error(503, "timeout", why);
    }

    private Dispatcher.Request asked(ChannelHandlerContext ctx, HttpRequest request, WaitingClient waits) {
        client = waits;
        HttpHeaders headers = request.headers();
        return new Dispatcher.Request(
                request.method().name(),
                request.uri(),
                headers.get(HttpHeaderNames.AUTHORIZATION),
                isOfAnotherSite(headers),
                SessionCookie.isOfPage(headers),
                caller(ctx, headers),
                headers.get("X-Reason"),
                Conditional.wanted(request),
                loggedIn,
                waits);
    }

    /**
     * Whether the client may send the large body of a request; null when it may. What is wrong with the request otherwise is told when it is all
     * here. On any thread, later.
     */
    CompletableFuture<Answer> refusal(ChannelHandlerContext ctx, HttpRequest request) {
        return ambiguous(request) != null
                ? CompletableFuture.completedFuture(Answer.error(400, "bad_request", ambiguous(request)))
                : dispatcher.refusal(asked(ctx, request, new WaitingClient(NO_BODY)));
    }

    /** A large body may come, and may take longer than other requests. */
    void admitted(ChannelHandlerContext ctx, int bytes) {
        guard.allow(ctx, timeouts.upload(bytes));
    }

    /** Answers what was cut off because its client may not send it. */
    void refused(ChannelHandlerContext ctx, Answer why) {
        if (busy) {
            ctx.close(); // as in oversized
            return;
        }
        begin(ctx);
        tellOfLogin(ctx, why, true);
        send(ctx, why, false);
    }

    private static Caller caller(ChannelHandlerContext ctx, HttpHeaders headers) {
        String host = headers.get(HttpHeaderNames.HOST);
        String origin = headers.get(HttpHeaderNames.ORIGIN);
        boolean secure = ctx.pipeline().get(SslHandler.class) != null || origin != null && origin.startsWith("https:");
        return new Caller(
                ProxyGate.client(ctx.channel()).getAddress(),
                host,
                secure,
                SessionCookie.find(headers.getAll(HttpHeaderNames.COOKIE), host));
    }

    private Duration patience(FullHttpRequest request) {
        boolean takesLong = BodyLimit.isOfDefinitions(request.uri()) || isOfBackup(request.uri());
        return takesLong ? timeouts.definitions() : timeouts.answer();
    }

    /** The store's memtables are written first, which may have to wait for the disk. */
    private static boolean isOfBackup(String uri) {
        return uri.equals("/api/backup") || uri.startsWith("/api/backup?");
    }

    /** What of the request others may understand in another way; null when there is nothing. */
    private static String ambiguous(HttpRequest request) {
        int hosts = request.headers().getAll(HttpHeaderNames.HOST).size();
        if (hosts > 1 || hosts == 0 && request.protocolVersion().isKeepAliveDefault()) {
            return "a request of HTTP/1.1 has one Host header";
        }
        return request.headers().getAll(HttpHeaderNames.AUTHORIZATION).size() > 1
                ? "a request has one Authorization header at most"
                : null;
    }

    /**
     * Whether a browser says that a page of another server, or of another port of this machine, sent it. A link may lead here. What the browser calls of
     * the same origin is so whatever Host a proxy has put in: a page can't set a header whose name begins with Sec-.
     */
    private boolean isOfAnotherSite(HttpHeaders headers) {
        String site = headers.get("Sec-Fetch-Site");
        boolean other = "cross-site".equals(site) || "same-site".equals(site);
        String origin = headers.get(HttpHeaderNames.ORIGIN);
        return other && !"navigate".equals(headers.get("Sec-Fetch-Mode"))
                || origin != null
                        && !"same-origin".equals(site)
                        && !origins.contains(origin)
                        && !isOf(headers.get(HttpHeaderNames.HOST), origin);
    }

    private static boolean isOf(String host, String origin) {
        int scheme = origin.indexOf("://");
        return scheme > 0 && origin.substring(scheme + 3).equalsIgnoreCase(host);
    }

    private void refuse(ChannelHandlerContext ctx, String why) {
        refusals.warn("HTTP request of {} refused: {}", ProxyGate.client(ctx.channel()), why);
        send(ctx, Answer.error(400, "bad_request", why), false);
    }

    private void answer(ChannelHandlerContext ctx, FullHttpRequest request, Answer made) {
        tellOfLogin(
                ctx,
                made,
                request.headers().contains(HttpHeaderNames.AUTHORIZATION) || LoginApi.isLogin(request.uri()));
        boolean keepAlive = HttpUtil.isKeepAlive(request);
        Answer answer = Conditional.of(request, made);
        if (answer.rest() == null) {
            boolean hasRoom = answers.hasRoomFor(answer.body().length);
            send(ctx, hasRoom || !Dispatcher.isLook(request.method().name()) ? answer : unread(), keepAlive);
            return;
        }
        boolean inChunks = request.protocolVersion().isKeepAliveDefault();
        boolean goesOn = keepAlive && inChunks; // else its end is the end of the connection
        new LongAnswer(ctx, answer, pieces, done -> written(ctx, done, goesOn))
                .begin(headers(answer, goesOn), inChunks, request.method());
    }

    private static Answer unread() {
        return Answer.error(
                503, "overloaded", "others do not read their answers: try again, or ask for less, page by page");
    }

    private void tellOfLogin(ChannelHandlerContext ctx, Answer made, boolean tried) {
        if (tried && made.status() == HttpResponseStatus.UNAUTHORIZED.code()) {
            refusals.warn("HTTP login of {} refused", ProxyGate.client(ctx.channel()));
        }
    }

    /** Answers what the decoder cut off because its body is too large. */
    void oversized(ChannelHandlerContext ctx, int limit) {
        if (busy) {
            // It came behind a request that is still being answered; an answer now would pass for that one's.
            ctx.close();
            return;
        }
        begin(ctx);
        send(ctx, Answer.error(413, "too_large", "a request's body is at most " + limit + " bytes"), false);
    }

    /** Answers what was cut off because others send large bodies, too. */
    void noRoom(ChannelHandlerContext ctx) {
        if (busy) {
            ctx.close(); // as in oversized
            return;
        }
        begin(ctx);
        send(ctx, Answer.error(503, "overloaded", "others send large requests: try again"), false);
    }

    private void begin(ChannelHandlerContext ctx) {
        busy = true;
        guard.requestComplete();
        ctx.channel().config().setAutoRead(false);
    }

    private static Answer undecodable(Throwable why) {
        if (why instanceof TooLongHttpLineException) {
            return Answer.error(414, "too_large", "the request line is too long");
        } else if (why instanceof TooLongHttpHeaderException) {
            return Answer.error(431, "too_large", "the request's headers are too long");
        } else if (why instanceof RequestDecoder.FoldedHeaderException) {
            return Answer.error(400, "bad_request", "a header of HTTP/1.1 stands in one line");
        }
        return Answer.error(400, "bad_request", "this is not HTTP/1.1");
    }

    private void send(ChannelHandlerContext ctx, Answer answer, boolean keepAlive) {
        int length = answer.body().length;
        answers.take(length);
        var response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(answer.status()),
                Unpooled.wrappedBuffer(answer.body()));
        response.headers().set(headers(answer, keepAlive));
        if (answer.status()
                != HttpResponseStatus.NOT_MODIFIED.code()) { // it has no content, and what that would have is not said
            response.headers().set(HttpHeaderNames.CONTENT_LENGTH, length);
        }
        ctx.writeAndFlush(response).addListener((ChannelFutureListener) done -> {
            answers.give(length);
            written(ctx, done.isSuccess(), keepAlive);
        });
    }

    private void written(ChannelHandlerContext ctx, boolean success, boolean keepAlive) {
        if (!success) {
            ctx.close();
        } else if (keepAlive) {
            busy = false;
            guard.answered();
            ctx.channel().config().setAutoRead(true);
            ctx.pipeline().fireUserEventTriggered(RequestDecoder.Event.ANSWERED);
        } else {
            end(ctx);
        }
    }

    private void end(ChannelHandlerContext ctx) {
        if (ctx.channel() instanceof SocketChannel socket) {
            socket.shutdownOutput();
            guard.drain(ctx);
        } else {
            ctx.close();
        }
    }

    private static HttpHeaders headers(Answer answer, boolean keepAlive) {
        HttpHeaders headers = DefaultHttpHeadersFactory.headersFactory().newHeaders();
        headers.set(HttpHeaderNames.CONTENT_TYPE, answer.contentType());
        headers.set(HttpHeaderNames.CACHE_CONTROL, "no-store");
        headers.set(HttpHeaderNames.CONTENT_SECURITY_POLICY, POLICY);
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("X-Frame-Options", "DENY");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("Cross-Origin-Resource-Policy", "same-origin");
        headers.set("Cross-Origin-Opener-Policy", "same-origin");
        headers.set(HttpHeaderNames.CONNECTION, keepAlive ? HttpHeaderValues.KEEP_ALIVE : HttpHeaderValues.CLOSE);
        answer.headers().forEach(headers::set);
        return headers;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof IdleStateEvent && !busy) {
            ctx.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        client.end();
        ctx.fireChannelInactive();
    }

    /** A broken connection, a slow reader: nobody is left to answer. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
