package io.tallymq.broker.reports;

import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageProperties;
import io.tallymq.broker.message.MessageProperties.Property;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.PropertiesBuilder;
import io.tallymq.broker.message.ReportEvent;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.message.Terms;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is told of one message.
 *
 * @param id its message_id; null: it has none
 * @param producer of its name; empty: it has none
 * @param seq of its name
 * @param queue that it left, or came into; empty for none
 * @param reason for people and programs; empty for none
 * @param queues where it is now, the first ones
 * @param allQueues how many these are
 * @param due when it comes, of one that waits for its time, milliseconds since the epoch; 0: it is there
 */
public record Report(
        String id,
        String producer,
        long seq,
        ReportEvent event,
        String queue,
        String reason,
        List<String> queues,
        int allQueues,
        long due) {

    /** Of what is told. */
    public static final int BYTES_PER_WORK = 512;
    /** Bytes of a property. */
    private static final int MOST_TEXT = 255;

    /** Of one that left a queue. */
    public static Report left(byte[] bytes, int at, ReportEvent event, String queue, String reason) {
        return of(bytes, at, event, queue, reason, List.of(), 0, 0);
    }

    /** Of the message whose record the bytes have at {@code at}. */
    public static Report of(
            byte[] bytes,
            int at,
            ReportEvent event,
            String queue,
            String reason,
            List<String> queues,
            int allQueues,
            long due) {
        return of(bytes, at, Extension.of(bytes, at).terms(), event, queue, reason, queues, allQueues, due);
    }

    /** The same if its terms are known. */
    public static Report of(
            byte[] bytes,
            int at,
            Terms terms,
            ReportEvent event,
            String queue,
            String reason,
            List<String> queues,
            int allQueues,
            long due) {
        String id = property(bytes, at, Property.MESSAGE_ID);
        return new Report(id, terms.producer(), terms.seq(), event, queue, reason, queues, allQueues, due);
    }

    /** Units of work of its bytes, about, beside the others. */
    public int work() {
        int bytes = queue.length() + reason.length();
        for (String q : queues) {
            bytes += q.length();
        }
        return bytes / BYTES_PER_WORK;
    }

    /** Its publisher names the queue that is told; null for none. */
    public static String replyTo(byte[] bytes, int at) {
        return property(bytes, at, Property.REPLY_TO);
    }

    private static String property(byte[] bytes, int at, Property p) {
        return MessageProperties.text(
                bytes, MessageRecord.propertiesOffset(bytes, at), MessageRecord.propertiesLength(bytes, at), p);
    }

    /** Writes the message that tells it: itself it is told of to nobody. Returns the bytes of its body. */
    public int write(ByteWriter w, int route, Stamp entry) {
        Map<String, Object> headers = new LinkedHashMap<>();
        headers.put("x-report-event", event.word());
        put(headers, "x-report-queue", queue);
        put(headers, "x-report-reason", reason);
        if (!producer
                .isEmpty()) { // under names of their own: who publishes a report again does not publish the message
            // again
            headers.put("x-report-producer-id", producer);
            headers.put("x-report-publish-seq", seq);
        }
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("content_type", "application/json");
        properties.put("headers", headers);
        properties.put("delivery_mode", 2L);
        if (id != null
                && id.getBytes(StandardCharsets.UTF_8).length
                        <= MOST_TEXT) { // what was no text has grown by being read
            properties.put("correlation_id", id);
        }
        properties.put("timestamp", entry.time() / 1000);
        properties.put("type", "report");
        byte[] encoded = PropertiesBuilder.build(properties);
        byte[] body = body(entry).getBytes(StandardCharsets.UTF_8);
        MessageRecord.writeHeader(w, 0, route, encoded.length, body.length);
        w.raw(encoded, 0, encoded.length).raw(body, 0, body.length);
        return body.length;
    }

    private static void put(Map<String, Object> headers, String name, String value) {
        if (!value.isEmpty()) {
            headers.put(name, value);
        }
    }

    private String body(Stamp entry) {
        JsonLine line = new JsonLine().text("event", event.word());
        if (id != null) {
            line.text("message_id", id);
        }
        if (!queue.isEmpty()) {
            line.text("queue", queue);
        }
        if (!reason.isEmpty()) {
            line.text("reason", reason);
        }
        if (event == ReportEvent.STORED && queue.isEmpty() || !queues.isEmpty()) {
            line.texts(event == ReportEvent.STORED ? "queues" : "to", queues);
        }
        if (allQueues > queues.size()) {
            line.number("queues_in_all", allQueues);
        }
        if (due > 0) {
            line.number("due", due);
        }
        if (!producer.isEmpty()) {
            line.text("producer", producer).number("seq", seq);
        }
        return line.number("term", entry.term())
                .number("index", entry.index())
                .number("time", entry.time())
                .end();
    }
}
