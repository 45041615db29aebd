package io.tallymq.amqp.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.tallymq.amqp.socket.OutboundBudget;
import io.tallymq.amqp.socket.ScarceMemory;
import io.tallymq.amqp.socket.SocketOutput;
import io.tallymq.amqp.wire.BasicMethod;
import io.tallymq.amqp.wire.Method;
import io.tallymq.amqp.wire.MethodCodec;
import io.tallymq.amqp.wire.WireException;
import io.tallymq.broker.effect.Reply;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Publisher confirms: what basic.ack and basic.nack say, given what the broker says. */
class ConfirmsTest {
    private final ChannelInboundHandlerAdapter handler = new ChannelInboundHandlerAdapter();
    private final EmbeddedChannel channel = new EmbeddedChannel(handler);
    private final ChannelHandlerContext ctx = channel.pipeline().context(handler);
    private final SocketOutput outbox = new SocketOutput(ctx, 1000, new OutboundBudget(1 << 20), () -> {});

    private Confirms confirms(long previous) {
        return new Confirms(new ChannelWriter(outbox, 1), previous);
    }

    private static void publish(Confirms confirms, int count) {
        for (int i = 0; i < count; i++) {
            confirms.next();
        }
    }

    private List<String> written() throws WireException {
        outbox.flush();
        List<String> methods = new ArrayList<>();
        ByteBuf out = channel.readOutbound();
        while (out != null) {
            while (out.isReadable()) {
                out.skipBytes(3);
                ByteBuf payload = out.readSlice(out.readInt());
                out.skipBytes(1);
                Method method = new MethodCodec().decode(payload);
                if (method instanceof BasicMethod.Ack ack) {
                    methods.add("ack " + ack.deliveryTag() + (ack.multiple() ? "*" : ""));
                } else {
                    methods.add("nack " + ((BasicMethod.Nack) method).deliveryTag());
                }
            }
            out.release();
            out = channel.readOutbound();
        }
        return methods;
    }

    @Test
    void severalAreConfirmedWithMultiple() throws WireException {
        Confirms confirms = confirms(0);
        confirms.select();
        publish(confirms, 10);
        confirms.applied(1);
        confirms.applied(7);
        confirms.applied(7);
        confirms.applied(8);
        assertTrue(confirms.hasPending());
        confirms.applied(10);
        assertFalse(confirms.hasPending());
        assertEquals(List.of("ack 1", "ack 7*", "ack 8", "ack 10*"), written());
    }

    @Test
    void publishesBeforeSelectAndOfAnEarlierChannelAreNotConfirmed() throws WireException {
        Confirms confirms = confirms(500);
        publish(confirms, 3);
        confirms.applied(500);
        confirms.select();
        publish(confirms, 2);
        confirms.select();
        confirms.applied(503);
        confirms.applied(505);
        assertEquals(List.of("ack 2*"), written());
    }

    /** A nacked message is never acked by its own tag. */
    @Test
    void nackedTagsAreNotAcked() throws WireException {
        Confirms confirms = confirms(0);
        confirms.select();
        publish(confirms, 6);
        assertFalse(confirms.refused(1, Reply.Reason.LIMIT));
        confirms.applied(1);
        assertFalse(confirms.refused(3, Reply.Reason.LIMIT));
        assertFalse(confirms.refused(4, Reply.Reason.LIMIT));
        confirms.applied(4);
        confirms.applied(6);
        assertEquals(List.of("nack 1", "nack 3", "nack 4", "ack 2", "ack 6*"), written());
    }

    @Test
    void withoutConfirmModeNothingIsWritten() throws WireException {
        Confirms confirms = confirms(0);
        publish(confirms, 2);
        assertFalse(confirms.refused(1, Reply.Reason.LIMIT));
        confirms.applied(2);
        assertEquals(List.of(), written());
    }

    /** Whatever the broker tells in whatever order, and whenever the channel ends: what was refused or is void is never acked. */
    @Test
    void nothingIsAckedThatWasRefusedOrCameBehindTheEnd() throws WireException {
        for (long seed = 0; seed < 2_000; seed++) {
            Random random = new Random(seed);
            long previous = random.nextInt(3) * 100L;
            Confirms confirms = confirms(previous);
            confirms.select();
            Set<Long> mustNot = new HashSet<>();
            long applied = previous;
            long firstVoid = Long.MAX_VALUE;
            for (int step = 0; step < 40; step++) {
                long open = confirms.last() - applied;
                switch (random.nextInt(6)) {
                    case 0, 1 -> publish(confirms, 1 + random.nextInt(4));
                    case 2 -> {
                        applied += open == 0 ? 0 : 1 + random.nextInt((int) open);
                        confirms.applied(applied);
                    }
                    case 3, 4 -> {
                        if (open > 0) {
                            applied++;
                            boolean ends = random.nextInt(4) == 0;
                            confirms.refused(applied, ends ? Reply.Reason.NOT_FOUND : Reply.Reason.LIMIT);
                            mustNot.add(applied - previous);
                            firstVoid = ends ? Math.min(firstVoid, applied) : firstVoid;
                        }
                    }
                    default -> {
                        if (random.nextInt(8) == 0) {
                            confirms.endBehind(applied);
                            firstVoid = Math.min(firstVoid, applied + 1);
                        }
                    }
                }
            }
            confirms.applied(confirms.last());
            check(seed, written(), mustNot, firstVoid - previous, confirms.last() - previous);
        }
    }

    /** Publishes that wait for all members are acked when these have them, never by an ack of others; who does not wait is not held up. */
    @Test
    void whatWaitsForAllMembersIsAckedWhenTheyHaveIt() throws WireException {
        Confirms confirms = confirms(100);
        confirms.select();
        publish(confirms, 6);
        confirms.hold(102, 102);
        confirms.hold(105, 105);
        assertEquals(-1, confirms.awaits(), "nothing is applied");
        confirms.applied(103);
        assertEquals(103, confirms.awaits());
        assertEquals(4, confirms.pending());
        confirms.applied(106);
        assertEquals(2, confirms.pending());
        confirms.release(103);
        confirms.release(103);
        assertEquals(106, confirms.awaits());
        confirms.release(106);
        assertEquals(-1, confirms.awaits());
        assertEquals(0, confirms.size());
        publish(confirms, 2);
        confirms.applied(108);
        assertEquals(List.of("ack 1", "ack 3", "ack 4", "ack 6", "ack 2", "ack 5", "ack 8*"), written());
    }

    /** The broker tells that they wait when confirm.select has come meanwhile: they have no tag. */
    @Test
    void whatWasPublishedBeforeSelectIsNotHeld() throws WireException {
        Confirms confirms = confirms(0);
        publish(confirms, 3);
        confirms.select();
        publish(confirms, 1);
        confirms.hold(1, 2);
        confirms.hold(4, 4);
        confirms.applied(4);
        confirms.release(4);
        assertEquals(List.of("ack 1"), written());
    }

    @Test
    void heldOnesOfAnEndedChannelAreNeverAcked() throws WireException {
        for (long seed = 0; seed < 2_000; seed++) {
            Random random = new Random(seed);
            Confirms confirms = confirms(0);
            confirms.select();
            Set<Long> held = new HashSet<>();
            Set<Long> nacked = new HashSet<>();
            Set<Long> acked = new HashSet<>();
            long applied = 0;
            long reached = 0;
            for (int step = 0; step < 60; step++) {
                long open = confirms.last() - applied;
                switch (random.nextInt(5)) {
                    case 0 -> publish(confirms, 1 + random.nextInt(4));
                    case 1 -> {
                        long seq = confirms.last();
                        if (open > 0 && !nacked.contains(seq)) {
                            confirms.hold(seq, seq);
                            held.add(seq);
                        }
                    }
                    case 2 -> {
                        applied += open == 0 ? 0 : 1 + random.nextInt((int) open);
                        confirms.applied(applied);
                    }
                    case 3 -> {
                        if (open > 0) {
                            applied++;
                            confirms.refused(applied, Reply.Reason.LIMIT);
                            nacked.add(applied);
                        }
                    }
                    default -> {
                        reached = Math.max(reached, confirms.awaits());
                        confirms.release(reached);
                    }
                }
                for (String answer : written()) {
                    long tag = Long.parseLong(answer.replaceAll("[a-z* ]", ""));
                    for (long t = answer.endsWith("*") ? 1 : tag; answer.startsWith("ack") && t <= tag; t++) {
                        String what = "seed " + seed + ": " + answer + " says that of " + t;
                        assertTrue(!held.contains(t) || nacked.contains(t) || t <= reached, what);
                        assertTrue(t != tag || acked.add(t) && !nacked.contains(t), what);
                    }
                }
            }
            confirms.end();
            confirms.release(Long.MAX_VALUE);
            assertEquals(List.of(), written());
        }
    }

    private static void check(long seed, List<String> written, Set<Long> mustNot, long firstVoid, long last) {
        Set<Long> answered = new HashSet<>();
        long below = 0;
        for (String answer : written) {
            boolean ack = answer.startsWith("ack");
            long tag = Long.parseLong(answer.replaceAll("[a-z* ]", ""));
            assertTrue(tag < firstVoid, "seed " + seed + ": " + answer + " at or behind the end " + firstVoid);
            assertEquals(!ack, mustNot.contains(tag), "seed " + seed + ": " + answer);
            for (long t = answer.endsWith("*") ? below + 1 : tag; t <= tag; t++) {
                assertTrue(answered.add(t) || ack && t < tag, "seed " + seed + ": " + t + " is answered twice");
            }
            below = ack ? tag : below;
        }
        for (long t = 1; t <= last && t < firstVoid; t++) {
            assertTrue(answered.contains(t), "seed " + seed + ": " + t + " has no answer");
        }
    }

    /** Memory for what goes to clients may be short: then nothing is written, and what was refused is not acked with what comes behind it. */
    @Test
    void aPublishWhoseNackCouldNotBeWrittenIsNotAcked() throws WireException {
        Confirms confirms = confirms(0);
        confirms.select();
        publish(confirms, 3);
        confirms.hold(1, 3);
        ScarceMemory memory = new ScarceMemory();
        channel.config().setAllocator(memory);
        memory.out(true);
        assertThrows(OutOfMemoryError.class, () -> confirms.refused(3, Reply.Reason.LIMIT));
        memory.out(false);
        confirms.applied(3);
        confirms.release(3);
        assertEquals(List.of("ack 2*"), written());
    }
}
