package io.tallymq.broker;

import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.HeaderOverlay;
import io.tallymq.broker.message.MessageHeaders;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Headers that settles add, of names and texts. */
public final class SomeHeaders {
    private SomeHeaders() {}

    public static HeaderOverlay of(String... namesAndValues) {
        ByteWriter w = new ByteWriter();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            byte[] name = namesAndValues[i].getBytes(StandardCharsets.UTF_8);
            byte[] value = namesAndValues[i + 1].getBytes(StandardCharsets.UTF_8);
            w.uint8(name.length).raw(name, 0, name.length).uint8('S');
            w.int32(value.length).raw(value, 0, value.length);
        }
        return new HeaderOverlay(w.toBytes());
    }

    /** As a message without headers has them; of null there are none. */
    public static Map<String, Object> read(HeaderOverlay headers) {
        byte[] none = new byte[2];
        byte[] properties = headers == null ? none : headers.over(none, 0, none.length);
        return MessageHeaders.decode(properties, 0, properties.length);
    }
}
