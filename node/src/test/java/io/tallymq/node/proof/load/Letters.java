package io.tallymq.node.proof.load;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.MessageProperties;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.MessageId;
import java.util.Map;
import java.util.Random;

/** What a publisher publishes, and where. */
public interface Letters {
    /**
     * One message without its body.
     *
     * @param queue out of which it should come
     * @param notes for the history
     */
    record Letter(
            String exchange,
            String routingKey,
            String queue,
            boolean mandatory,
            BasicProperties properties,
            Map<String, String> notes) {
        /** To a queue by its name, with headers. */
        public static Letter to(String queue, Map<String, Object> headers, Map<String, String> notes) {
            return new Letter("", queue, queue, false, with(headers), notes);
        }

        /** Properties of a persistent message with these headers. */
        public static BasicProperties with(Map<String, Object> headers) {
            BasicProperties plain = MessageProperties.MINIMAL_PERSISTENT_BASIC;
            return headers.isEmpty() ? plain : plain.builder().headers(headers).build();
        }
    }

    /** The next one; the publisher of {@code id} is another one whenever it had to connect again. */
    Letter next(MessageId id, Random random);

    /** The broker has answered, CONFIRMED or NACKED. Another thread's call. */
    default void answered(Kind kind, MessageId id) {}
}
