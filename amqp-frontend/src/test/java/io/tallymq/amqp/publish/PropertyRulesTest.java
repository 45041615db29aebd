package io.tallymq.amqp.publish;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tallymq.amqp.channel.AmqpError;
import io.tallymq.amqp.wire.BasicProperties;
import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageHeaders;
import io.tallymq.broker.message.Terms;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What was accepted before must not show in what is said of the next properties. */
class PropertyRulesTest {
    private static final int FRAME_MAX = 131_072;

    private static PropertyRules rules() {
        return new PropertyRules("ann", () -> false, FRAME_MAX, () -> null, () -> true);
    }

    private static byte[] named(Object producer, Object seq) {
        return BasicProperties.builder()
                .headers(FieldTable.builder()
                        .put("x-producer-id", producer)
                        .put("x-publish-seq", seq)
                        .build())
                .build()
                .raw();
    }

    private static AmqpError check(PropertyRules rules, byte[] raw) {
        return rules.check(Unpooled.wrappedBuffer(new byte[3], raw).skipBytes(3));
    }

    /** The machine's own bound for what it reads is above that. */
    @Test
    void publishesHaveAsManyElementsAsTheMachineCountsOn() {
        assertEquals(MessageHeaders.MOST_PUBLISHED_ELEMENTS, FieldTable.MAX_ELEMENTS);
    }

    /** A channel that publishes nothing more would have them as long as it lives. */
    @Test
    void largeOnesAreNotKeptForTheNext() {
        PropertyRules rules = rules();
        byte[] large = BasicProperties.builder()
                .headers(FieldTable.of(Map.of("BCC", List.of("secret"), "h", "x".repeat(100_000))))
                .build()
                .raw();
        assertNull(check(rules, large));
        assertTrue(rules.bytes() > 200_000, rules.bytes() + " bytes");
        assertEquals(List.of("secret"), rules.keys());
        rules.forgetLarge();
        assertTrue(rules.bytes() < 10, rules.bytes() + " bytes");
        assertNull(check(rules, BasicProperties.EMPTY.raw()));
        assertEquals(List.of(), rules.keys());
        assertEquals(0, rules.extension().length);
        byte[] small = named("p", 1L);
        assertNull(check(rules, small));
        rules.forgetLarge();
        assertArrayEquals(small, rules.kept());
    }

    @Test
    void aNumberIsReadAnew() {
        PropertyRules rules = rules();
        for (long seq : new long[] {1, 2, 127, 128, 1 << 14, Integer.MAX_VALUE, 1L << 40, Terms.MOST_SEQ, 0}) {
            byte[] raw = named("payments-1/3", seq);
            assertNull(check(rules, raw));
            assertArrayEquals(raw, rules.kept());
            assertArrayEquals(
                    Extension.NONE.with(Terms.named("payments-1/3", seq)).encode(), rules.extension(), "" + seq);
        }
    }

    @Test
    void whatIsNoNumberIsRefusedBehindOneThatIs() {
        for (Object bad : new Object[] {-1L, Terms.MOST_SEQ + 1, -1, "7"}) {
            PropertyRules rules = rules();
            assertNull(check(rules, named("p", bad instanceof Integer ? (Object) 7 : 7L)));
            AmqpError error = check(rules, named("p", bad));
            assertTrue(error.text().contains("invalid header 'x-publish-seq'"), error.text());
        }
    }

    @Test
    void whoKnowsTheOneBeforeSaysTheSame() {
        Random random = new Random(20261128);
        for (int run = 0; run < 2_000; run++) {
            PropertyRules rules = rules();
            byte[] raw = {};
            for (int i = 0; i < 8; i++) {
                raw = i > 0 && random.nextInt(3) == 0 ? changed(raw, random) : some(random);
                PropertyRules fresh = rules();
                AmqpError expected = check(fresh, raw);
                AmqpError error = check(rules, raw);
                String which = "run " + run + ", message " + i;
                assertEquals(expected == null ? null : expected.text(), error == null ? null : error.text(), which);
                if (error != null) {
                    break; // the channel ends, or the publish
                }
                assertArrayEquals(fresh.kept(), rules.kept(), which);
                assertArrayEquals(fresh.extension(), rules.extension(), which);
                assertArrayEquals(fresh.received().raw(), rules.received().raw(), which);
                assertEquals(fresh.keys(), rules.keys(), which);
                assertEquals(fresh.confirmsByAll(), rules.confirmsByAll(), which);
                assertEquals(fresh.trace(), rules.trace(), which);
                assertEquals(fresh.reportsTo(), rules.reportsTo(), which);
            }
        }
    }

    private static byte[] changed(byte[] raw, Random random) {
        byte[] other = raw.clone();
        if (other.length > 0) {
            other[other.length - 1 - random.nextInt(Math.min(other.length, 24))] ^= (byte) (1 << random.nextInt(8));
        }
        return other;
    }

    /** Named ones for the most part, few producers and lengths, so that many differ in one thing alone. */
    private static byte[] some(Random random) {
        FieldTable.Builder headers = FieldTable.builder();
        switch (random.nextInt(12)) {
            case 0 -> headers.put("x-trace", true);
            case 1 -> headers.put("CC", List.of("k" + random.nextInt(2)));
            case 2 -> headers.put("x-confirm", random.nextBoolean() ? "all" : "majority");
            case 3 -> headers.put("BCC", List.of("k"));
            case 4 -> headers.put("x-expect-last", (long) random.nextInt(3));
            case 8 -> headers.put("x-producer-epoch", (long) random.nextInt(3));
            case 5 -> headers.put("note", Map.of("x-publish-seq", (long) random.nextInt(3)));
            case 6 -> headers.put("note", lookalike(random));
            case 7 -> headers.put("x-min-queues", random.nextInt(2));
            default -> {}
        }
        if (random.nextInt(8) > 0) {
            headers.put("x-producer-id", "p" + random.nextInt(2));
            Object seq =
                    switch (random.nextInt(5)) {
                        case 0 -> random.nextInt(300) - 3;
                        case 1 -> (short) random.nextInt(300);
                        default -> random.nextInt(20) == 0 ? random.nextLong() : random.nextInt(300);
                    };
            headers.put("x-publish-seq", seq instanceof Integer n && random.nextBoolean() ? (Object) (long) n : seq);
        }
        BasicProperties.Builder properties = BasicProperties.builder().headers(headers.build());
        if (random.nextInt(6) == 0) {
            properties.text(BasicProperties.Property.EXPIRATION, "" + (1 + random.nextInt(2)));
        }
        if (random.nextInt(6) == 0) {
            properties.text(BasicProperties.Property.MESSAGE_ID, "m" + random.nextInt(2));
        }
        return properties.build().raw();
    }

    /** A text in which the octets of the field stand. */
    private static String lookalike(Random random) {
        ByteBuf octets =
                Unpooled.buffer().writeByte(13).writeBytes("x-publish-seq".getBytes(StandardCharsets.US_ASCII));
        octets.writeByte('l').writeLong(random.nextInt(100));
        return octets.toString(StandardCharsets.US_ASCII);
    }
}
