package io.tallymq.admin.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.HeldRows;
import io.tallymq.admin.request.Pieces;
import io.tallymq.admin.request.RefusedException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Pieces are made when the socket has taken the ones before, and told that nobody wants them when it goes. */
class LongAnswerTest {
    /** A socket that takes what it is given when a test says so. */
    private static final class Socket extends ChannelOutboundHandlerAdapter {
        final ArrayDeque<ChannelPromise> waiting = new ArrayDeque<>();
        Object last;

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            last = message;
            ReferenceCountUtil.release(message);
            if (message instanceof HttpResponse) {
                promise.setSuccess();
            } else {
                waiting.add(promise);
            }
        }

        void take() {
            waiting.poll().setSuccess();
        }
    }

    private static final class Counted implements Pieces {
        int made;
        boolean closed;
        /** Memory can't be had. */
        boolean full;

        @Override
        public boolean hasNext() {
            return made < 3;
        }

        @Override
        public byte[] next() {
            made++;
            if (full) {
                throw new OutOfMemoryError("no room");
            }
            return new byte[10];
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private final Socket socket = new Socket();
    private final ChannelInboundHandlerAdapter anchor = new ChannelInboundHandlerAdapter();
    private final EmbeddedChannel channel = new EmbeddedChannel(socket, anchor);
    private final Counted pieces = new Counted();
    private final List<Boolean> ends = new ArrayList<>();

    /** As a thread that others use, too: what a task throws is nobody's. */
    private static void run(Runnable task) {
        try {
            task.run();
        } catch (Error e) {
            assertEquals("no room", e.getMessage());
        }
    }

    private void begin() {
        Answer answer = new Answer(200, "text/plain", new byte[1], pieces, Map.of());
        new LongAnswer(channel.pipeline().context(anchor), answer, LongAnswerTest::run, ends::add)
                .begin(DefaultHttpHeadersFactory.headersFactory().newHeaders(), true, HttpMethod.GET);
        channel.runPendingTasks();
    }

    private void take() {
        socket.take();
        channel.runPendingTasks();
    }

    @Test
    void noPieceIsMadeBeforeTheOneBeforeIsTaken() {
        begin();
        for (int taken = 0; taken < 3; taken++) {
            assertEquals(taken, pieces.made);
            assertEquals(1, socket.waiting.size());
            take();
        }
        take();
        assertTrue(socket.last instanceof LastHttpContent, String.valueOf(socket.last));
        take();
        assertEquals(List.of(true), ends);
        assertTrue(pieces.closed);
        assertEquals(0, socket.waiting.size());
    }

    @Test
    void aClientThatGoesEndsIt() {
        begin();
        take();
        assertFalse(pieces.closed);
        socket.waiting.poll().setFailure(new IOException("gone"));
        channel.runPendingTasks();
        assertEquals(1, pieces.made);
        assertEquals(List.of(false), ends);
        assertTrue(pieces.closed);
    }

    /** Else its connection stays for as long as its client likes, and with it what there are only so many of. */
    @Test
    void anErrorEndsIt() {
        begin();
        pieces.full = true;
        take();
        assertEquals(List.of(false), ends);
        assertTrue(pieces.closed);
    }

    @Test
    void anErrorInTheFirstPieceEndsItToo() {
        pieces.full = true;
        assertThrows(OutOfMemoryError.class, () -> Answer.streamed(pieces));
        assertTrue(pieces.closed);
    }

    @Test
    void aSortedListIsCountedUntilItIsSent() {
        HeldRows held = new HeldRows();
        held.add(HeldRows.MOST);
        try {
            held.add(1);
            throw new AssertionError("one more was taken");
        } catch (RefusedException e) {
            assertEquals(503, e.answer().status());
        }
        assertEquals(HeldRows.MOST, held.held());
    }
}
