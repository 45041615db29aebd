package io.tallymq.amqp.receipts;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.PropertiesBuilder;
import io.tallymq.broker.message.Records;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.ChunkBody;
import java.util.LinkedHashMap;
import java.util.Map;

/** What basic.get gets from the name of a receipt or of a scheduled message: a message that is in no queue. Its body is JSON; what is short stands in its headers, too. */
public final class ToldMessage {
    private static final JsonMapper JSON = new JsonMapper();
    /** Of nothing that the broker knows: the client owes it no ack. */
    public static final long HOLDER = 0;

    private ToldMessage() {}

    /**
     * Makes one.
     *
     * @param type of what it tells
     * @param fields of that, by name
     */
    public static Reply.Got of(String vhost, String name, String type, Map<String, Object> fields) {
        Map<String, Object> headers = new LinkedHashMap<>();
        fields.forEach((k, v) -> {
            if (v instanceof String || v instanceof Long || v instanceof Boolean) {
                headers.put("x-" + k.replace('_', '-'), v);
            }
        });
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("content_type", "application/json");
        properties.put("headers", headers);
        properties.put("type", type);
        byte[] encoded = PropertiesBuilder.build(properties);
        byte[] body = json(fields);
        ByteWriter w = new ByteWriter(MessageRecord.HEADER + encoded.length + body.length);
        MessageRecord.writeHeader(w, 0, 0, encoded.length, body.length);
        w.raw(encoded, 0, encoded.length).raw(body, 0, body.length);
        Records alone = new Records(w.toBytes(), new int[1], new Route[] {new Route(vhost, "", name)}, 0);
        Chunk chunk = new Chunk(0, 0, 1, body.length, 0, false, 0, 0, 0);
        chunk.body(ChunkBody.of(alone));
        return new Reply.Got(HOLDER, new Delivery(HOLDER, chunk, 0, 1, false, 0, 0), 0);
    }

    private static byte[] json(Map<String, Object> fields) {
        try {
            return JSON.writeValueAsBytes(fields);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("strings, numbers, lists and maps have no JSON", e);
        }
    }
}
