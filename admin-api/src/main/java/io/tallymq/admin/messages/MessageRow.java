package io.tallymq.admin.messages;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.request.Json;
import io.tallymq.broker.browse.Seen;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.MessageHeaders;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.view.Standing;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A message that was got, as JSON: all but its payload. */
final class MessageRow {
    private static final String HEADERS = "headers";
    private static final int CONTINUED = 1;
    /** In the order of their flags, from bit 15 on. */
    private static final List<String> NAMES = List.of(
            "content_type",
            "content_encoding",
            HEADERS,
            "delivery_mode",
            "priority",
            "correlation_id",
            "reply_to",
            "expiration",
            "message_id",
            "timestamp",
            "type",
            "user_id",
            "app_id",
            "cluster_id");

    private MessageRow() {}

    /** @param remaining messages that the queue has ready */
    static ObjectNode of(Delivery d, ChunkBody chunk, long remaining) {
        byte[] bytes = chunk.bytes();
        int at = chunk.at(d.from());
        Route route = chunk.route(d.from());
        ObjectNode row = Json.object()
                .put("payload_bytes", MessageRecord.bodyLength(bytes, at))
                .put("redelivered", d.redelivered())
                .put("exchange", route.exchange())
                .put("routing_key", route.routingKey())
                .put("message_count", remaining);
        int from = MessageRecord.propertiesOffset(bytes, at);
        int length = MessageRecord.propertiesLength(bytes, at);
        if (d.headers() == null) {
            row.set("properties", properties(d.attempts(), d.returns(), bytes, from, length));
        } else {
            byte[] laid = d.headers().over(bytes, from, length);
            row.set("properties", properties(d.attempts(), d.returns(), laid, 0, laid.length));
        }
        return row;
    }

    /** The same of a message that is only looked at. */
    static ObjectNode of(Seen m) {
        ObjectNode row = Json.object()
                .put("number", Long.toString(m.seq()))
                .put("state", m.part().state().name().toLowerCase(Locale.ROOT))
                .put("payload_bytes", m.bodyLength())
                .put("redelivered", m.part().sent())
                .put("exchange", m.route().exchange())
                .put("routing_key", m.route().routingKey())
                .put("published_at", m.chunk().publishedAt());
        addStanding(row, m.part());
        byte[] properties = m.properties();
        row.set("properties", properties(m.part().failures(), m.part().returns(), properties, 0, properties.length));
        return row;
    }

    private static void addStanding(ObjectNode row, Standing.Part part) {
        if (part.keeper() != null) {
            Standing.Keeper k = part.keeper();
            row.putObject("consumer")
                    .put("consumer_tag", k.tag())
                    .put("connection", k.info() == null ? null : k.info().name())
                    .put("node", k.connection().node())
                    .put("channel", k.channel());
        }
        if (part.text() != null) {
            row.put(part.state() == Standing.State.DEFERRED ? "token" : "dead_reason", part.text());
        }
        if (part.until() != 0) {
            row.put("until", part.until());
        }
    }

    private static ObjectNode properties(long attempts, long returns, byte[] bytes, int offset, int length) {
        ByteReader r = new ByteReader(bytes, offset, length);
        ObjectNode row = Json.object();
        int flags = r.uint16();
        for (int more = flags; (more & CONTINUED) != 0; ) {
            more = r.uint16();
        }
        Map<String, Object> headers = new TreeMap<>(MessageHeaders.decode(bytes, offset, length));
        if (attempts > 0) {
            headers.put("x-delivery-count", attempts);
        }
        if (returns > 0) {
            headers.put("x-acquired-count", returns);
        }
        for (int i = 0; i < NAMES.size(); i++) {
            if ((flags >> 15 - i & 1) != 0) {
                read(r, NAMES.get(i), row);
            }
        }
        if (row.has(HEADERS) || !headers.isEmpty()) {
            row.set(HEADERS, Json.arguments(new Arguments(headers)));
        }
        return row;
    }

    private static void read(ByteReader r, String name, ObjectNode row) {
        switch (name) {
            case HEADERS -> {
                r.skip(r.int32());
                row.putNull(HEADERS);
            }
            case "delivery_mode", "priority" -> row.put(name, r.uint8());
            case "timestamp" -> row.put(name, r.int64());
            default -> {
                int n = r.uint8();
                row.put(name, new String(r.array(), r.skip(n), n, StandardCharsets.UTF_8));
            }
        }
    }
}
