package io.tallymq.admin.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpExpectationFailedEvent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;

/**
 * Decodes one request at a time: what its client sent behind it stays as it came until the answer is out, and is nothing if that is the
 * last one. A header that goes on in the next line, which Netty joins and another server may take for something else, makes the request invalid.
 */
final class RequestDecoder extends HttpRequestDecoder {
    /** What it is told. */
    enum Event {
        /** The answer is out, and the connection goes on. */
        ANSWERED
    }

    /** A header goes on in the next line (obs-fold, RFC 9112 5.2). */
    static final class FoldedHeaderException extends DecoderException {
        private static final long serialVersionUID = 1;
    }

    /** The request line or headers come next. */
    private boolean atHeaders = true;
    /** The byte of them that came last. */
    private byte last;

    private boolean folded;
    /** Nothing more of the request comes. */
    private boolean complete;

    private boolean head;

    RequestDecoder(HttpDecoderConfig config) {
        super(config);
    }

    /** Whether the request is a HEAD, whose answer has no body. */
    boolean isHead() {
        return head;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf bytes, List<Object> out) throws Exception {
        if (complete) {
            return;
        }
        int from = bytes.readerIndex();
        int before = out.size();
        super.decode(ctx, bytes, out);
        if (atHeaders) {
            // Whole lines, and none of what follows the head.
            bytes.forEachByte(from, bytes.readerIndex() - from, this::lookForFold);
        }
        for (Object part : out.subList(before, out.size())) {
            take(part);
        }
    }

    private boolean lookForFold(byte next) {
        folded |= last == '\n' && (next == ' ' || next == '\t');
        last = next;
        return true;
    }

    private void take(Object part) {
        if (part instanceof HttpRequest request) {
            atHeaders = false;
            head = HttpMethod.HEAD.equals(request.method());
            if (folded) {
                request.setDecoderResult(DecoderResult.failure(new FoldedHeaderException()));
            }
        }
        complete |= folded || part instanceof LastHttpContent;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        if (event == Event.ANSWERED) {
            complete = false;
            atHeaders = true;
            last = 0;
            channelRead(ctx, Unpooled.EMPTY_BUFFER); // goes on with what is here
        }
        if (event instanceof HttpExpectationFailedEvent) {
            complete = true; // and is not answered, so that nothing behind it is taken for a request
            ctx.fireUserEventTriggered(event);
        } else {
            super.userEventTriggered(ctx, event);
        }
    }
}
