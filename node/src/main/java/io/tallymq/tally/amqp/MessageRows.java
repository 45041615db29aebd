package io.tallymq.tally.amqp;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.rabbitmq.client.GetResponse;
import io.tallymq.tally.context.StrictText;
import io.tallymq.tally.output.Output;
import java.util.Arrays;
import java.util.Base64;

/** Messages that came by AMQP as JSON, by the names of the HTTP API. */
final class MessageRows {
    private MessageRows() {}

    /** @param most so many bytes of the body are shown, all of it at most */
    static ObjectNode of(GetResponse m, int most) {
        ObjectNode row = Output.object()
                .put("payload_bytes", m.getBody().length)
                .put("redelivered", m.getEnvelope().isRedeliver())
                .put("exchange", m.getEnvelope().getExchange())
                .put("routing_key", m.getEnvelope().getRoutingKey())
                .put("message_count", m.getMessageCount());
        row.set("properties", AmqpProperties.json(m.getProps()));
        return payload(row, Arrays.copyOf(m.getBody(), most));
    }

    /** Adds the body: as text if it is UTF-8. */
    static ObjectNode payload(ObjectNode row, byte[] body) {
        String text = StrictText.text(body);
        return row.put("payload", text == null ? Base64.getEncoder().encodeToString(body) : text)
                .put("payload_encoding", text == null ? "base64" : "string");
    }
}
