package io.tallymq.node.proof.load;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.MessageProperties;
import java.util.Map;
import java.util.Random;

/** How a message gets to the queue out of which it has to come: at once, or late and by way of another queue. */
enum Detour {
    /** Straight on. */
    NONE,
    /** It expires in a queue that nobody consumes, and is a dead letter. */
    EXPIRES,
    /** Whoever consumes it rejects it, and it is a dead letter. */
    IS_REJECTED,
    /** It is scheduled: header x-delay. */
    WAITS;

    /** The longest delay, in milliseconds: shorter than a drain is quiet. */
    private static final int LONGEST = 1_500;

    private static final Detour[] ALL = values();

    /** One of those that are no straight way. */
    static Detour any(Random random) {
        return ALL[1 + random.nextInt(ALL.length - 1)];
    }

    /** The queue that it is published to, on its way to {@code queue}. */
    String by(String queue) {
        return switch (this) {
            case NONE, WAITS -> queue;
            case EXPIRES -> "expiring." + queue;
            case IS_REJECTED -> "rejecting." + queue;
        };
    }

    BasicProperties properties(Random random) {
        BasicProperties plain = MessageProperties.MINIMAL_PERSISTENT_BASIC;
        return this == WAITS
                ? plain.builder()
                        .headers(Map.of("x-delay", random.nextInt(LONGEST)))
                        .build()
                : plain;
    }

    /** What the queue on the way is declared with. */
    Map<String, Object> arguments(String queue) {
        Map<String, Object> letters = Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", queue);
        if (this == IS_REJECTED) {
            return letters;
        }
        return Map.of(
                "x-dead-letter-exchange",
                "",
                "x-dead-letter-routing-key",
                queue,
                "x-message-ttl",
                300,
                "x-queue-type",
                "quorum",
                "x-dead-letter-strategy",
                "at-least-once");
    }
}
