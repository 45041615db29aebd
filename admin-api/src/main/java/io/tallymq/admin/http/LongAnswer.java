package io.tallymq.admin.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.Pieces;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends an answer that is made piece by piece. A piece is made when the socket has taken the one before, so a client that reads
 * slowly costs one piece of memory, whatever the length of the answer. On the channel's event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // Writes are listened to; the end needs no listener.
final class LongAnswer {
    private static final Logger LOG = LoggerFactory.getLogger(LongAnswer.class);

    private final ChannelHandlerContext ctx;
    private final Answer answer;
    private final Pieces rest;
    private final Executor maker;
    private final Consumer<Boolean> done;

    /**
     * @param maker makes the pieces, for they may have to wait for the broker's state
     * @param done hears on the event loop that all was written, or that it could not be; once
     */
    LongAnswer(ChannelHandlerContext ctx, Answer answer, Executor maker, Consumer<Boolean> done) {
        this.ctx = ctx;
        this.answer = answer;
        this.rest = answer.rest();
        this.maker = maker;
        this.done = done;
    }

    /**
     * @param headers those of the answer but for its length
     * @param inChunks whether the client knows chunks; else the answer ends with the connection
     */
    void begin(HttpHeaders headers, boolean inChunks, HttpMethod method) {
        var response =
                new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(answer.status()), headers);
        if (inChunks) {
            headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        }
        ctx.write(response);
        if (HttpMethod.HEAD.equals(method)) {
            end();
        } else {
            send(answer.body());
        }
    }

    private void send(byte[] piece) {
        ctx.writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(piece)))
                .addListener((ChannelFutureListener) written -> {
                    if (!written.isSuccess()) {
                        fail();
                    } else if (rest.hasNext()) {
                        make();
                    } else {
                        end();
                    }
                });
    }

    private void make() {
        try {
            maker.execute(() -> {
                byte[] piece;
                try {
                    piece = rest.next();
                } catch (RuntimeException | Error e) { // else nobody would end it
                    LOG.error("the rest of an answer could not be made", e);
                    ctx.executor().execute(this::fail);
                    return;
                }
                ctx.executor().execute(() -> send(piece));
            });
        } catch (RejectedExecutionException e) {
            fail(); // the server is stopping
        }
    }

    private void end() {
        rest.close();
        ctx.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT)
                .addListener((ChannelFutureListener) written -> done.accept(written.isSuccess()));
    }

    private void fail() {
        rest.close();
        done.accept(false);
    }
}
