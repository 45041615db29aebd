package io.tallymq.amqp.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tallymq.amqp.wire.BasicProperties;
import io.tallymq.amqp.wire.FieldTable;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What a message that defers may say. */
class DeferHeadersTest {
    private static BasicProperties asking(byte[] correlationId) throws Exception {
        ByteBuf b = Unpooled.buffer().writeShort(1 << 10 | 1 << 9);
        b.writeByte(correlationId.length).writeBytes(correlationId);
        b.writeByte(1).writeByte('q');
        return BasicProperties.decode(b);
    }

    /** It goes into a message of the broker's own, whose property has 255 bytes: as text each of these would be three. */
    @Test
    void aCorrelationIdThatIsNoTextIsRefused() throws Exception {
        byte[] octets = new byte[255];
        octets[0] = (byte) 0xff;
        assertEquals(
                "the property correlation-id has to be UTF-8 to come with the token that is told",
                DeferHeaders.problem(FieldTable.EMPTY, asking(octets)));
        assertNull(DeferHeaders.problem(
                FieldTable.EMPTY, asking("\u00fc".repeat(127).getBytes(StandardCharsets.UTF_8))));
    }

    /** They go from a queue's name wherever it is used: with them it would be another one for rights and reserved names. */
    @Test
    void aQueuesNameHasNoLineEnds() throws Exception {
        for (String name : new String[] {"amq.\rreceipts", "amq.receipts\n", "\r\n"}) {
            ByteBuf b = Unpooled.buffer().writeShort(1 << 9);
            b.writeByte(name.length()).writeBytes(name.getBytes(StandardCharsets.UTF_8));
            assertEquals(
                    "reply-to has to be a queue's name without line ends",
                    DeferHeaders.problem(FieldTable.EMPTY, BasicProperties.decode(b)));
        }
    }
}
