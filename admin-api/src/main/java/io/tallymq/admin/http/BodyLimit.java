package io.tallymq.admin.http;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.util.ReferenceCountUtil;
import io.tallymq.admin.request.Answer;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How large the body of a request may be goes by its path: messages and definitions take more than the rest, and logins less. What is more is
 * refused before it is gathered, and of large ones so many bytes are taken in at a time at most, for all connections together. A large one is
 * read on only when it is known that its client may send it, so that strangers take no room. Stands behind what holds messages back while the
 * channel does not read.
 */
public final class BodyLimit extends ChannelDuplexHandler {
    /** Of a name and a password, which strangers send and wait with until it is their turn. */
    static final int LOGIN_BYTES = 8 << 10;
    /** Of a message that is published. */
    static final int MESSAGE_BYTES = 1 << 20;
    /** Of definitions that are imported. */
    static final int DEFINITIONS_BYTES = 16 << 20;

    /** Bytes of large bodies that may come in, or wait for their answer, at a time. */
    public record Room(AtomicLong taken, long most) {
        static final long BYTES = 2L * DEFINITIONS_BYTES;

        public Room() {
            this(new AtomicLong(), BYTES);
        }

        boolean take(long bytes) {
            if (taken.addAndGet(bytes) > most) {
                taken.addAndGet(-bytes);
                return false;
            }
            return true;
        }

        void give(long bytes) {
            taken.addAndGet(-bytes);
        }
    }

    private final int usual;
    private final Room room;
    private final HttpExchange exchange;
    private HttpRequest request;
    private int limit;
    private long had;
    private boolean refused;
    private long reserved;
    /** With it a body has become a large one: it goes on when it is known who sends it. */
    private Object held;

    /** @param usual bytes of bodies of other paths */
    public BodyLimit(int usual, Room room, HttpExchange exchange) {
        this.usual = usual;
        this.room = room;
        this.exchange = exchange;
    }

    /** Bytes of the largest body that any path takes. */
    static int largest(int usual) {
        return Math.max(usual, DEFINITIONS_BYTES);
    }

    private static String path(String uri) {
        int query = uri.indexOf('?');
        return query < 0 ? uri : uri.substring(0, query);
    }

    /** Whether the request may take longer than others, too. */
    static boolean isOfDefinitions(String uri) {
        String path = path(uri);
        return path.equals("/api/definitions")
                || path.equals("/api/all-configuration")
                || path.startsWith("/api/definitions/");
    }

    private int limitOf(String uri) {
        String path = path(uri);
        if (isOfDefinitions(uri)) {
            return Math.max(usual, DEFINITIONS_BYTES);
        }
        if (LoginApi.isLogin(uri)) {
            return Math.min(usual, LOGIN_BYTES);
        }
        return path.startsWith("/api/exchanges/") && path.endsWith("/publish") ? Math.max(usual, MESSAGE_BYTES) : usual;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        long bytes = had;
        if (message instanceof HttpRequest next) {
            begin(next);
            bytes = announced(next);
        }
        if (message instanceof HttpContent content) {
            had += content.content().readableBytes();
            bytes = Math.max(bytes, had);
        }
        if (!refused && bytes > limit) {
            refused = true;
            exchange.oversized(ctx, limit);
        } else if (!refused && bytes > usual && reserved == 0) {
            hold(ctx, message);
            return;
        }
        if (refused) {
            ReferenceCountUtil.release(message);
        } else {
            ctx.fireChannelRead(message);
        }
    }

    private void begin(HttpRequest next) {
        giveBack();
        request = next;
        limit = limitOf(next.uri());
        had = 0;
        refused = false;
    }

    private void hold(ChannelHandlerContext ctx, Object message) {
        held = message;
        ctx.channel().config().setAutoRead(false);
        exchange.refusal(ctx, request).whenCompleteAsync((refusal, error) -> judged(ctx, refusal), ctx.executor());
    }

    private void judged(ChannelHandlerContext ctx, Answer refusal) {
        if (held == null) {
            return; // the connection is over
        }
        boolean admitted = refusal == null && room.take(limit);
        ctx.channel().config().setAutoRead(true); // nothing is read yet, see below
        Object message = held;
        held = null;
        if (admitted) {
            reserved = limit;
            exchange.admitted(ctx, limit);
            ctx.fireChannelRead(message);
        } else {
            refused = true;
            ReferenceCountUtil.release(message);
            if (refusal == null) {
                exchange.noRoom(ctx);
            } else {
                exchange.refused(ctx, refusal);
            }
        }
        if (ctx.channel().config().isAutoRead()) {
            ctx.read();
        }
    }

    /** What comes behind a message that is held stays before it. */
    @Override
    public void read(ChannelHandlerContext ctx) {
        if (held == null) {
            ctx.read();
        }
    }

    private static long announced(HttpRequest request) {
        try {
            return HttpUtil.getContentLength(request, 0L);
        } catch (NumberFormatException e) {
            return 0; // refused by who reads it next
        }
    }

    private void giveBack() {
        room.give(reserved);
        reserved = 0;
    }

    /** The answer goes out: nobody needs the body any more. */
    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        boolean goOn =
                message instanceof HttpResponse response && response.status().equals(HttpResponseStatus.CONTINUE);
        if (!goOn) {
            giveBack();
        }
        ctx.write(message, promise);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        giveBack();
        ReferenceCountUtil.release(held);
        held = null;
        ctx.fireChannelInactive();
    }
}
