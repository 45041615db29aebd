package io.tallymq.amqp.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.impl.AMQImpl;
import io.netty.buffer.Unpooled;
import io.tallymq.amqp.wire.BasicProperties.Property;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Content headers: section 4.2.6.1 of the specification and the properties of class basic. */
@SuppressWarnings("JavaUtilDate") // the RabbitMQ client speaks it
class BasicPropertiesTest {
    @Test
    void anotherTextLeavesTheOctetsOfTheRest() throws WireException {
        BasicProperties all = BasicProperties.builder()
                .text(BasicProperties.Property.CONTENT_TYPE, "t")
                .headers(FieldTable.builder().put("h", 1).build())
                .text(BasicProperties.Property.REPLY_TO, "short")
                .text(BasicProperties.Property.APP_ID, "a")
                .build();
        BasicProperties other = all.withText(BasicProperties.Property.REPLY_TO, "much longer than it was");
        assertEquals(
                all.toBuilder()
                        .text(BasicProperties.Property.REPLY_TO, "much longer than it was")
                        .build(),
                other);
        assertEquals(other, BasicProperties.decode(Unpooled.wrappedBuffer(other.raw())));
        assertThrows(IllegalArgumentException.class, () -> all.withText(BasicProperties.Property.TYPE, "is not there"));
    }

    private static final AMQP.BasicProperties THEIRS = new AMQP.BasicProperties.Builder()
            .contentType("text/plain")
            .contentEncoding("gzip")
            .headers(Map.of("x", 1))
            .deliveryMode(2)
            .priority(200)
            .correlationId("corr")
            .replyTo("reply")
            .expiration("60000")
            .messageId("id")
            .timestamp(new Date(1_700_000_000_000L))
            .type("type")
            .userId("guest")
            .appId("app")
            .clusterId("cluster")
            .build();

    /** From the property flags on, as the RabbitMQ client writes them. */
    private static byte[] theirOctets(AMQP.BasicProperties props) throws IOException {
        byte[] payload = props.toFrame(1, 0).getPayload();
        return Arrays.copyOfRange(payload, Frame.HEADER_FIXED_BYTES, payload.length);
    }

    private static BasicProperties decode(byte[] octets) throws WireException {
        return BasicProperties.decode(Unpooled.wrappedBuffer(octets));
    }

    @Test
    void allPropertiesOfTheRabbitMqClientAreRead() throws Exception {
        byte[] octets = theirOctets(THEIRS);
        BasicProperties props = decode(octets);
        assertArrayEquals(octets, props.raw());
        assertEquals("text/plain", props.contentType());
        assertEquals("gzip", props.contentEncoding());
        assertEquals(FieldTable.of(Map.of("x", 1)), props.headers());
        assertEquals(2, props.deliveryMode());
        assertEquals(200, props.priority());
        assertEquals("corr", props.correlationId());
        assertEquals("reply", props.replyTo());
        assertEquals("60000", props.expiration());
        assertEquals("id", props.messageId());
        assertEquals(1_700_000_000L, props.timestamp());
        assertEquals("type", props.type());
        assertEquals("guest", props.userId());
        assertEquals("app", props.appId());
        assertEquals("cluster", props.clusterId());
        assertArrayEquals(octets, props.toBuilder().build().raw());
    }

    @Test
    void theRabbitMqClientReadsWhatWeBuild() throws IOException {
        BasicProperties ours = BasicProperties.builder()
                .text(Property.MESSAGE_ID, "ä")
                .headers(FieldTable.of(Map.of("n", 5L)))
                .deliveryMode(1)
                .priority(255)
                .timestamp(9)
                .build();
        ByteArrayOutputStream header = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(header);
        out.writeShort(60);
        out.writeShort(0);
        out.writeLong(0);
        out.write(ours.raw());
        AMQP.BasicProperties theirs = (AMQP.BasicProperties)
                AMQImpl.readContentHeaderFrom(new DataInputStream(new ByteArrayInputStream(header.toByteArray())));
        assertEquals("ä", theirs.getMessageId());
        assertEquals(Map.of("n", 5L), theirs.getHeaders());
        assertEquals(1, theirs.getDeliveryMode());
        assertEquals(255, theirs.getPriority());
        assertEquals(new Date(9000), theirs.getTimestamp());
        assertNull(theirs.getUserId());
    }

    @Test
    void absentPropertiesAreAbsent() throws WireException {
        BasicProperties props = decode(new byte[2]);
        assertEquals(BasicProperties.EMPTY, props);
        for (Property property : Property.values()) {
            assertFalse(props.has(property));
        }
        assertNull(props.contentType());
        assertNull(props.expiration());
        assertEquals(0, props.deliveryMode());
        assertEquals(0, props.priority());
        assertEquals(0, props.timestamp());
        assertTrue(props.headers().isEmpty());
        assertEquals("BasicProperties[]", props.toString());
    }

    @Test
    void everySetOfPropertiesIsTheSameAfterARoundTrip() throws Exception {
        BasicProperties all = decode(theirOctets(THEIRS));
        List<Property> properties = List.of(Property.values());
        for (int set = 0; set < 1 << properties.size(); set++) {
            BasicProperties.Builder builder = all.toBuilder();
            for (int i = 0; i < properties.size(); i++) {
                if ((set & (1 << i)) == 0) {
                    builder.remove(properties.get(i));
                }
            }
            BasicProperties some = builder.build();
            BasicProperties again = decode(some.raw());
            assertEquals(some, again);
            for (int i = 0; i < properties.size(); i++) {
                assertEquals((set & (1 << i)) != 0, again.has(properties.get(i)));
            }
            assertEquals(again.has(Property.CLUSTER_ID) ? "cluster" : null, again.clusterId());
            assertEquals(again.has(Property.PRIORITY) ? 200 : 0, again.priority());
        }
    }

    @Test
    void truncationAtEveryOctetIsAFrameError() throws IOException {
        byte[] octets = theirOctets(THEIRS);
        for (int length = 0; length < octets.length; length++) {
            byte[] cut = Arrays.copyOf(octets, length);
            assertEquals(
                    ReplyCode.FRAME_ERROR,
                    assertThrows(WireException.class, () -> decode(cut)).code());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0001", // more flags to follow
                "0002", // a flag that belongs to no property
                "000000", // an octet too many
                "200000000001", // a table longer than the frame
                "2000ffffffff", // a table with a negative length
                "200000000003016b55", // a table with an unknown type
                "8000", // no text
            })
    void malformedPropertiesAreFrameErrors(String hex) {
        byte[] octets = HexFormat.of().parseHex(hex);
        assertEquals(
                ReplyCode.FRAME_ERROR,
                assertThrows(WireException.class, () -> decode(octets)).code());
    }

    @Test
    void aHeaderIsSetInPlaceOfTheOldOne() throws Exception {
        BasicProperties props = decode(theirOctets(THEIRS));
        BasicProperties once = props.withHeader("x-delivery-count", 1L);
        BasicProperties twice = once.withHeader("x-delivery-count", 2L);
        assertEquals(
                FieldTable.builder().put("x", 1).put("x-delivery-count", 2L).build(),
                decode(twice.raw()).headers());
        assertEquals(once.raw().length, twice.raw().length);
        assertEquals("cluster", twice.clusterId());
        assertEquals("gzip", twice.contentEncoding());
        assertEquals(2, twice.deliveryMode());
        assertEquals(props, twice.withoutHeader("x-delivery-count"));
        assertSame(props, props.withoutHeader("absent"));
    }

    @Test
    void aHeaderIsSetWhereThereWereNone() throws WireException {
        BasicProperties props = BasicProperties.builder()
                .text(Property.CONTENT_TYPE, "a")
                .deliveryMode(2)
                .build();
        BasicProperties with = decode(props.withHeader("k", "v").raw());
        assertEquals("v", with.headers().getString("k"));
        assertEquals("a", with.contentType());
        assertEquals(2, with.deliveryMode());
        assertEquals(1, BasicProperties.EMPTY.withHeader("k", 1).headers().size());
        assertThrows(IllegalArgumentException.class, () -> props.withHeader("k", new Object()));
    }

    @Test
    void theOtherHeadersKeepTheirOctets() throws WireException {
        // A long written as L, a truth written as 2, a name that is there twice: decoding and encoding changes them.
        String others = "016b4c0000000000000001" + "016e7402" + "016b56";
        byte[] octets = HexFormat.of().parseHex("2000" + "00000012" + others);
        String expected = "2000" + "00000016" + others + "01616209";
        assertEquals(
                expected,
                HexFormat.of()
                        .formatHex(decode(octets).withHeader("a", (byte) 9).raw()));
        assertEquals(
                "2000" + "00000004" + "016e7402",
                HexFormat.of().formatHex(decode(octets).withoutHeader("k").raw()));
    }

    @Test
    void headersAreReplacedAsAWhole() throws Exception {
        BasicProperties props = decode(theirOctets(THEIRS));
        FieldTable headers = FieldTable.of(Map.of("x-death", List.of(Map.of("count", 1L))));
        assertEquals(headers, decode(props.withHeaders(headers).raw()).headers());
        assertEquals("text/plain", props.withHeaders(headers).contentType());
    }

    @Test
    void randomHeadersSurviveChanges() throws WireException {
        Random random = new Random(3);
        for (long seed = 0; seed < 500; seed++) {
            FieldTable headers = new RandomTables(seed).table();
            BasicProperties props = BasicProperties.builder()
                    .headers(headers)
                    .priority(random.nextInt(256))
                    .build();
            assertEquals(headers, decode(props.raw()).headers());
            BasicProperties changed = props.withHeader("\u0001key", seed);
            assertEquals(headers.size() + 1, decode(changed.raw()).headers().size());
            assertEquals(headers, changed.withoutHeader("\u0001key").headers());
            assertEquals(props.priority(), changed.priority());
        }
    }

    @Test
    void textsThatAreNotUtf8ArePassedOn() throws WireException {
        byte[] octets = HexFormat.of().parseHex("8000" + "01ff");
        BasicProperties props = decode(octets);
        assertEquals("\uFFFD", props.contentType());
        assertArrayEquals(octets, props.raw());
    }

    @Test
    void buildersRefuseWhatDoesNotFit() {
        BasicProperties.Builder builder = BasicProperties.builder();
        assertThrows(IllegalArgumentException.class, () -> builder.priority(256));
        assertThrows(IllegalArgumentException.class, () -> builder.deliveryMode(-1));
        assertThrows(IllegalArgumentException.class, () -> builder.text(Property.HEADERS, "x"));
        BasicProperties.Builder tooLong = BasicProperties.builder().text(Property.TYPE, "x".repeat(256));
        assertThrows(IllegalArgumentException.class, tooLong::build);
    }
}
