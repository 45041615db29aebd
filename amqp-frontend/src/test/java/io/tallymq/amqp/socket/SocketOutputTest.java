package io.tallymq.amqp.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.tallymq.timer.Timers;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class SocketOutputTest {
    private static final int LARGE = 70_000;

    private final OutboundBudget budget = new OutboundBudget(100_000);
    private int rooms;

    private SocketOutput outbox(EmbeddedChannel channel) {
        return new SocketOutput(channel.pipeline().firstContext(), 1_000, budget, () -> rooms++);
    }

    private static SlowSocket slow() {
        SlowSocket channel = new SlowSocket(new ChannelInboundHandlerAdapter());
        channel.config().setWriteBufferHighWaterMark(10_000_000);
        return channel;
    }

    private static void write(SocketOutput outbox, int octet) {
        outbox.buffer().writeByte(octet);
        outbox.written();
    }

    private static void writeLarge(SocketOutput outbox) {
        outbox.buffer(LARGE).writeZero(LARGE);
        outbox.written();
    }

    private static String sent(EmbeddedChannel channel, SocketOutput outbox) {
        outbox.flush();
        StringBuilder all = new StringBuilder();
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            all.append(ByteBufUtil.hexDump(out));
            out.release();
        }
        return all.toString();
    }

    /** Who was to write it has thrown; connection.close follows, and the client has to understand that. */
    @Test
    void aFrameThatWasNotWrittenToItsEndDoesNotGoOut() {
        EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
        SocketOutput outbox = outbox(channel);
        write(outbox, 1);
        outbox.buffer().writeInt(0xbad);
        write(outbox, 2);
        outbox.buffer().writeInt(0xbad);
        assertEquals("0102", sent(channel, outbox));
        outbox.buffer().writeInt(0xbad);
        assertEquals("", sent(channel, outbox));
        outbox.buffer().writeInt(0xbad);
        write(outbox, 3);
        assertEquals("03", sent(channel, outbox));
    }

    /** A heartbeat for a client that reads nothing is no sign that it reads. */
    @Test
    void onlyWhatTheSocketTakesIsProgress() {
        SlowSocket channel = slow();
        SocketOutput outbox = outbox(channel);
        write(outbox, 1);
        outbox.flush();
        long before = outbox.progress();
        write(outbox, 2);
        outbox.flush();
        assertEquals(before, outbox.progress());
        channel.takes(1);
        long taken = outbox.progress();
        assertNotEquals(before, taken);
        write(outbox, 3);
        outbox.flush();
        assertEquals(taken, outbox.progress());
        channel.takes(100);
        assertNotEquals(taken, outbox.progress());
        assertEquals(0, outbox.unsentBytes());
        channel.finishAndReleaseAll();
    }

    @Test
    void whatSocketsHaveNotTakenCountsUntilTheyHaveOrAreGone() {
        SlowSocket first = slow();
        SlowSocket second = slow();
        SocketOutput toFirst = outbox(first);
        SocketOutput toSecond = outbox(second);
        writeLarge(toFirst);
        toFirst.flush();
        long one = budget.bytes();
        assertTrue(one >= LARGE && one < LARGE + 1_000, one + " bytes");
        writeLarge(toSecond);
        toSecond.flush();
        writeLarge(toSecond);
        toSecond.flush();
        assertTrue(budget.bytes() >= 3 * LARGE, budget.bytes() + " bytes");
        first.takes(100);
        long two = budget.bytes();
        assertTrue(two >= 2 * LARGE && two < 2 * LARGE + 1_000, two + " bytes");
        toSecond.close();
        assertEquals(0, budget.bytes());
        second.close();
        assertEquals(0, budget.bytes());
        first.finishAndReleaseAll();
    }

    /** Whose client reads gets what it may, piece by piece; whose client does not gets nothing new until it has. */
    @Test
    void whileMemoryIsScarceAClientHasToReadFirst() {
        SlowSocket unread = slow();
        SocketOutput toUnread = outbox(unread);
        writeLarge(toUnread);
        writeLarge(toUnread);
        toUnread.flush();
        assertFalse(toUnread.isWritable());
        assertTrue(toUnread.mustBeReadFirst());
        assertTrue(toUnread.takesMore(), "a heartbeat, say");

        SlowSocket read = slow();
        SocketOutput toRead = outbox(read);
        assertTrue(toRead.isWritable());
        read.takes(100);
        writeLarge(toRead);
        assertFalse(toRead.isWritable(), "it may have taken none of it");
        assertEquals(0, rooms);
        toRead.flush();
        assertEquals(1, rooms);
        assertTrue(toRead.isWritable());
        assertFalse(toRead.mustBeReadFirst());

        unread.takes(2);
        assertEquals(1, rooms, "the mark is not taken");
        unread.takes(1);
        assertEquals(2, rooms);
        assertTrue(toUnread.isWritable());
        read.finishAndReleaseAll();
        unread.finishAndReleaseAll();
    }

    /** Its client may write something large and read behind that: while nothing of it is read it would wait until it is dropped. */
    @Test
    void whoHasNotReadGoesOnWhenMemoryIsNotScarceAnyMore() {
        SlowSocket unread = slow();
        SocketOutput toUnread = outbox(unread);
        SlowSocket other = slow();
        SocketOutput toOther = outbox(other);
        writeLarge(toUnread);
        toUnread.flush();
        writeLarge(toOther);
        toOther.flush();
        assertTrue(toUnread.mustBeReadFirst());
        unread.freezeTime();
        WriteWatch watch = new WriteWatch(unread.eventLoop(), new Timers(), toUnread, 60_000, 10_000, Assertions::fail);
        watch.look();
        toOther.close();
        assertEquals(0, rooms);
        unread.advanceTimeBy(10, TimeUnit.SECONDS);
        unread.runScheduledPendingTasks();
        assertEquals(1, rooms);
        watch.stop();
        other.close();
        unread.close();
    }

    @Test
    void whileItIsFullNobodyIsDeliveredAnything() {
        SlowSocket unread = slow();
        SocketOutput toUnread = outbox(unread);
        for (int i = 0; i < 3; i++) {
            writeLarge(toUnread);
        }
        toUnread.flush();
        SlowSocket read = slow();
        SocketOutput toRead = outbox(read);
        assertFalse(toRead.isWritable());
        assertFalse(toRead.isWritable());
        assertEquals(1, budget.waiting());
        assertEquals(0, rooms);
        toUnread.close();
        assertEquals(1, rooms);
        assertEquals(0, budget.waiting());
        assertTrue(toRead.isWritable());
        unread.close();
        read.finishAndReleaseAll();
    }

    /** A thousand of them with an octet every ten seconds kept a node from delivering anything. */
    @Test
    void whoTakesLittleWhileMemoryIsScarceIsStuck() {
        for (boolean little : new boolean[] {true, false}) {
            SlowSocket unread = slow();
            SocketOutput toUnread = outbox(unread);
            write(toUnread, 1);
            toUnread.flush();
            writeLarge(toUnread);
            writeLarge(toUnread);
            toUnread.flush();
            unread.freezeTime();
            AtomicInteger stuck = new AtomicInteger();
            WriteWatch watch =
                    new WriteWatch(unread.eventLoop(), new Timers(), toUnread, 60_000, 10_000, stuck::incrementAndGet);
            watch.look();
            unread.takes(little ? 1 : 3); // behind the first one stands the mark
            if (!little) {
                writeLarge(toUnread);
                toUnread.flush();
            }
            unread.advanceTimeBy(10, TimeUnit.SECONDS);
            unread.runScheduledPendingTasks();
            assertEquals(little ? 1 : 0, stuck.get());
            watch.stop();
            toUnread.close();
            unread.close();
        }
    }

    /** Methods that wait until a large message is written, say. */
    @Test
    void whatIsHeldBackCounts() {
        SlowSocket socket = slow();
        SocketOutput outbox = outbox(socket);
        outbox.heldBack(LARGE);
        assertEquals(LARGE, budget.bytes());
        assertFalse(outbox.mustBeReadFirst());
        outbox.heldBack(LARGE);
        assertTrue(outbox.mustBeReadFirst());
        assertTrue(outbox.isWritable(), "else it would be held back for ever");
        outbox.heldBack(-2 * LARGE);
        assertEquals(0, budget.bytes());
        assertFalse(outbox.mustBeReadFirst());
        outbox.heldBack(LARGE);
        outbox.close();
        outbox.heldBack(-LARGE);
        assertEquals(0, budget.bytes());
        socket.close();
    }
}
