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
import java.util.concurrent.atomic.AtomicLong;

/**
 * How large the body of a request may be goes by its path: messages and definitions take more than the rest. What is more is refused before it
 * is gathered, and of large ones so many bytes are taken in at a time at most, for all connections together.
 */
public final class BodyLimit extends ChannelDuplexHandler {
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
    private int limit;
    private long had;
    private boolean refused;
    private long reserved;

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
        return path.startsWith("/api/exchanges/") && path.endsWith("/publish") ? Math.max(usual, MESSAGE_BYTES) : usual;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HttpRequest request) {
            begin(ctx, request);
        }
        if (message instanceof HttpContent content && !refused) {
            had += content.content().readableBytes();
            check(ctx, had);
        }
        if (refused) {
            ReferenceCountUtil.release(message);
        } else {
            ctx.fireChannelRead(message);
        }
    }

    private void begin(ChannelHandlerContext ctx, HttpRequest request) {
        giveBack();
        limit = limitOf(request.uri());
        had = 0;
        refused = false;
        check(ctx, announced(request));
    }

    private static long announced(HttpRequest request) {
        try {
            return HttpUtil.getContentLength(request, 0L);
        } catch (NumberFormatException e) {
            return 0; // refused by who reads it next
        }
    }

    private void check(ChannelHandlerContext ctx, long bytes) {
        if (bytes > limit) {
            refused = true;
            exchange.oversized(ctx, limit);
        } else if (bytes > usual && reserved == 0) {
            if (room.take(limit)) {
                reserved = limit;
            } else {
                refused = true;
                exchange.noRoom(ctx);
            }
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
        ctx.fireChannelInactive();
    }
}
