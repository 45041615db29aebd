package io.tallymq.amqp.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.impl.AMQImpl;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tallymq.amqp.wire.MethodTable.Row;
import io.tallymq.amqp.wire.MethodTable.Values;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class MethodCodecTest {
    private final MethodCodec codec = new MethodCodec();

    static List<Row> rows() {
        return MethodTable.rows();
    }

    @Test
    void everyMethodOfTheSpecificationIsThereAndNoOther() {
        Set<MethodId> seen = new HashSet<>();
        for (Row row : rows()) {
            MethodId id = MethodId.find(row.classId(), row.methodId());
            assertNotNull(id, row.name());
            assertEquals(row.name(), id.methodName());
            assertEquals(row.content(), id.hasContent(), row.name());
            seen.add(id);
        }
        assertEquals(Set.of(MethodId.values()), seen);
        assertEquals(MethodId.values().length, rows().size());
    }

    @ParameterizedTest
    @MethodSource("rows")
    void fieldsHaveTheirPlaceAndType(Row row) throws Exception {
        for (Values values : Values.values()) {
            Method method = decode(row.payload(values));
            assertEquals(row.classId(), method.classId());
            assertEquals(row.methodId(), method.methodId());
            assertEquals(row.name(), method.name());
            assertEquals(row.expected(values), components(method), row.name());
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    void encodingGivesTheSameOctets(Row row) throws Exception {
        for (Values values : Values.values()) {
            byte[] payload = row.payload(values);
            assertArrayEquals(payload, encode(decode(payload)), row.name() + " " + values);
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    void reservedFieldsAreDroppedAndWrittenAsZero(Row row) throws Exception {
        Method method = decode(row.payloadWithReserved(Values.HIGH));
        assertEquals(decode(row.payload(Values.HIGH)), method);
        assertArrayEquals(row.payload(Values.HIGH), encode(method));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void theRabbitMqClientReadsAndWritesTheSame(Row row) throws IOException {
        for (Values values : Values.values()) {
            byte[] payload = row.payload(values);
            com.rabbitmq.client.impl.Method theirs =
                    AMQImpl.readMethodFrom(new DataInputStream(new ByteArrayInputStream(payload)));
            assertEquals(row.name(), theirs.protocolMethodName());
            assertEquals(row.content(), theirs.hasContent());
            assertArrayEquals(payload, theirs.toFrame(0).getPayload(), row.name());
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    void truncationAtEveryOctetIsAFrameError(Row row) {
        for (Values values : Values.values()) {
            byte[] payload = row.payload(values);
            for (int length = 0; length < payload.length; length++) {
                byte[] cut = Arrays.copyOf(payload, length);
                WireException e = assertThrows(WireException.class, () -> decode(cut), row.name());
                assertEquals(ReplyCode.FRAME_ERROR, e.code());
                assertEquals(length < 4 ? 0 : row.methodId(), e.methodId());
                assertEquals(length < 4 ? 0 : row.classId(), e.classId());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    void octetsAfterTheArgumentsAreAFrameError(Row row) {
        byte[] payload = row.payload(Values.MIDDLE);
        byte[] longer = Arrays.copyOf(payload, payload.length + 1);
        WireException e = assertThrows(WireException.class, () -> decode(longer));
        assertEquals(ReplyCode.FRAME_ERROR, e.code());
        assertTrue(e.replyText().contains(row.name()), e.replyText());
    }

    @Test
    void unknownIdsAreNotImplemented() {
        Set<MethodId> found = new HashSet<>();
        for (int classId = 0; classId < 300; classId++) {
            for (int methodId = 0; methodId < 300; methodId++) {
                MethodId id = MethodId.find(classId, methodId);
                if (id != null) {
                    assertEquals(List.of(classId, methodId), List.of(id.classId(), id.methodId()));
                    found.add(id);
                }
            }
        }
        assertEquals(Set.of(MethodId.values()), found);
        assertNull(MethodId.find(0xFFFF, 0xFFFF));
        WireException e = assertThrows(WireException.class, () -> decode(new byte[] {0, 60, 0, 121}));
        assertEquals(ReplyCode.NOT_IMPLEMENTED, e.code());
        assertEquals("NOT_IMPLEMENTED - there is no method 121 in class 60", e.replyText());
        assertEquals(60, e.classId());
        assertEquals(121, e.methodId());
        assertThrows(WireException.class, () -> decode(new byte[] {-1, -1, -1, -1}));
    }

    @ParameterizedTest
    @EnumSource(Values.class)
    void namesOfMessagesAreShared(Values values) throws Exception {
        byte[] payload = rows().stream()
                .filter(row -> row.name().equals("basic.publish"))
                .findFirst()
                .orElseThrow()
                .payload(values);
        BasicMethod.Publish first = (BasicMethod.Publish) decode(payload);
        BasicMethod.Publish second = (BasicMethod.Publish) decode(payload);
        assertSame(first.exchange(), second.exchange());
        assertSame(first.routingKey(), second.routingKey());
    }

    @Test
    void namesThatAreNotUtf8AreAFrameError() {
        byte[] publish = {0, 60, 0, 40, 0, 0, 0, 1, (byte) 0xFF, 0};
        byte[] purge = {0, 50, 0, 30, 0, 0, 1, (byte) 0xC0, 0};
        for (byte[] payload : List.of(publish, purge)) {
            WireException e = assertThrows(WireException.class, () -> decode(payload));
            assertEquals(ReplyCode.FRAME_ERROR, e.code());
        }
    }

    @Test
    void closeTextsAreCutAndNamesAreNot() throws Exception {
        String tooLong = "ä".repeat(200);
        Method close = decode(encode(new ChannelMethod.Close(404, tooLong, 0, 0)));
        assertEquals("ä".repeat(127), ((ChannelMethod.Close) close).replyText());
        assertThrows(IllegalArgumentException.class, () -> encode(new QueueMethod.Purge(tooLong, false)));
    }

    @Test
    void secretsStayOutOfTexts() {
        LongString secret = LongString.of("hunter2");
        for (Method method : List.of(
                new ConnectionMethod.StartOk(FieldTable.EMPTY, "PLAIN", secret, "en_US"),
                new ConnectionMethod.SecureOk(secret),
                new ConnectionMethod.UpdateSecret(secret, "expires"))) {
            assertTrue(!method.toString().contains("hunter2"), method.toString());
        }
    }

    private Method decode(byte[] payload) throws WireException {
        return codec.decode(Unpooled.wrappedBuffer(payload));
    }

    static byte[] encode(Method method) {
        ByteBuf out = Unpooled.buffer();
        MethodCodec.encode(method, out);
        byte[] bytes = new byte[out.readableBytes()];
        out.readBytes(bytes);
        return bytes;
    }

    /** The components of a method, numbers as long, texts as String, nested records flattened. */
    private static List<Object> components(Object record) throws ReflectiveOperationException {
        List<Object> values = new ArrayList<>();
        for (RecordComponent component : record.getClass().getRecordComponents()) {
            Object value = component.getAccessor().invoke(record);
            if (value instanceof Integer number) {
                values.add(number.longValue());
            } else if (value instanceof ShortString || value instanceof LongString) {
                values.add(value.toString());
            } else if (value instanceof Record nested) {
                values.addAll(components(nested));
            } else {
                values.add(value);
            }
        }
        return values;
    }
}
