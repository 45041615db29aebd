package io.tallymq.broker.message;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.tallymq.broker.message.MessageProperties.Property;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** 4.2.6.1: the property flags, then the properties in the order of their bits. */
class MessagePropertiesTest {
    private static final int HEADERS = 13;

    private static byte[] raw(Map<Integer, Object> byBit) {
        int flags = byBit.keySet().stream().mapToInt(bit -> 1 << bit).sum();
        ByteWriter w = new ByteWriter(64).uint16(flags);
        for (int bit = 15; bit >= 2; bit--) {
            Object v = byBit.get(bit);
            if (v instanceof Long n) {
                w.int64(n);
            } else if (v instanceof Integer n) {
                w.uint8(n);
            } else if (v instanceof byte[] b) {
                w.int32(b.length).raw(b, 0, b.length);
            } else if (v != null) {
                RawProperties.shortString(w, (String) v);
            }
        }
        return w.toBytes();
    }

    @Test
    void eachIsFoundWhateverStandsBeforeIt() {
        List<Integer> bits = List.of(15, 14, HEADERS, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2);
        Map<Property, Integer> properties = new TreeMap<>(Map.of(
                Property.CORRELATION_ID, 10,
                Property.REPLY_TO, 9,
                Property.EXPIRATION, 8,
                Property.MESSAGE_ID, 7,
                Property.TIMESTAMP, 6,
                Property.TYPE, 5,
                Property.USER_ID, 4,
                Property.APP_ID, 3));
        Random random = new Random(1);
        for (int round = 0; round < 2_000; round++) {
            Map<Integer, Object> present = new TreeMap<>();
            for (int bit : bits) {
                if (random.nextBoolean()) {
                    present.put(
                            bit,
                            switch (bit) {
                                case HEADERS -> new byte[random.nextInt(300)];
                                case 12, 11 -> random.nextInt(256);
                                case 6 -> random.nextLong();
                                default -> "v" + bit + "x".repeat(random.nextInt(200));
                            });
                }
            }
            byte[] raw = raw(present);
            properties.forEach((p, bit) -> {
                Object v = present.get(bit);
                String found = MessageProperties.text(raw, 0, raw.length, p);
                assertEquals(v == null ? null : v.toString(), found, p.name());
            });
            assertEquals(present.getOrDefault(11, -1), MessageProperties.priority(raw, 0, raw.length));
            int cut = random.nextInt(raw.length);
            assertDoesNotThrow(() -> MessageProperties.priority(raw, 0, cut));
            properties.keySet().forEach(p -> assertDoesNotThrow(() -> MessageProperties.text(raw, 0, cut, p)));
        }
    }

    @Test
    void nothingIsFoundInNothing() {
        assertNull(MessageProperties.text(new byte[0], 0, 0, Property.MESSAGE_ID));
        assertNull(MessageProperties.text(new byte[2], 0, 2, Property.MESSAGE_ID));
    }

    @Test
    void anExtensionKeepsItsKeys() {
        Extension e =
                new Extension(List.of("a", "", "\u00fc.b"), 300, 86_400_000, true, new Extension.Later(5, 0, "job"));
        byte[] extension = e.encode();
        ByteWriter w = new ByteWriter(64);
        MessageRecord.writeHeader(w, 0, 0, extension.length, 2, 3);
        w.raw(extension, 0, extension.length).raw(new byte[5], 0, 5);
        assertEquals(e, Extension.of(w.toBytes(), 0));
        assertEquals(0, Extension.NONE.encode().length);
    }
}
