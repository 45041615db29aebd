package io.tallymq.tally.amqp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import com.rabbitmq.client.AMQP.BasicProperties;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MovedHeadersTest {
    private static BasicProperties with(Map<String, Object> headers) {
        return new BasicProperties.Builder().messageId("m").headers(headers).build();
    }

    /** A broker that knows no names gives copies of one publish, in two queues, as they came: stored once, one would be lost. */
    @Test
    void aCopyHasNoName() {
        BasicProperties moved = MovedHeaders.of(
                with(Map.of("x-producer-id", "p", "x-publish-seq", 7L, "a", 1L, "CC", List.of("other"))));
        assertEquals(
                Map.of("x-produced-by", "p", "x-produced-no", 7L, "a", 1L, "x-original-cc", List.of("other")),
                moved.getHeaders());
        assertEquals("m", moved.getMessageId());
    }

    @Test
    void whatMeansNothingStays() {
        BasicProperties given = with(Map.of("a", 1L));
        assertSame(given, MovedHeaders.of(given));
        BasicProperties none = new BasicProperties.Builder().build();
        assertSame(none, MovedHeaders.of(none));
    }
}
