package io.tallymq.amqp.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.tallymq.amqp.wire.BasicMethod;
import io.tallymq.amqp.wire.Method;
import io.tallymq.amqp.wire.MethodCodec;
import io.tallymq.amqp.wire.WireException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Publisher confirms: what basic.ack and basic.nack say, given what the broker says. */
class ConfirmsTest {
    private final ChannelInboundHandlerAdapter handler = new ChannelInboundHandlerAdapter();
    private final EmbeddedChannel channel = new EmbeddedChannel(handler);
    private final ChannelHandlerContext ctx = channel.pipeline().context(handler);
    private final Outbox outbox = new Outbox(ctx, 1000);

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
        confirms.confirmed(1);
        confirms.confirmed(7);
        confirms.confirmed(7);
        confirms.confirmed(8);
        assertTrue(confirms.hasPending());
        confirms.confirmed(10);
        assertFalse(confirms.hasPending());
        assertEquals(List.of("ack 1", "ack 7*", "ack 8", "ack 10*"), written());
    }

    @Test
    void publishesBeforeSelectAndOfAnEarlierChannelAreNotConfirmed() throws WireException {
        Confirms confirms = confirms(500);
        publish(confirms, 3);
        confirms.confirmed(500);
        confirms.select();
        publish(confirms, 2);
        confirms.select();
        confirms.confirmed(503);
        confirms.confirmed(505);
        assertEquals(List.of("ack 2*"), written());
    }

    /** A nacked message is never acked by its own tag. */
    @Test
    void nackedTagsAreNotAcked() throws WireException {
        Confirms confirms = confirms(0);
        confirms.select();
        publish(confirms, 6);
        confirms.refused(1);
        confirms.confirmed(1);
        confirms.refused(3);
        confirms.refused(4);
        confirms.confirmed(4);
        confirms.confirmed(6);
        assertEquals(List.of("nack 1", "nack 3", "nack 4", "ack 2", "ack 6*"), written());
    }

    @Test
    void withoutConfirmModeNothingIsWritten() throws WireException {
        Confirms confirms = confirms(0);
        publish(confirms, 2);
        confirms.refused(1);
        confirms.confirmed(2);
        assertEquals(List.of(), written());
    }
}
