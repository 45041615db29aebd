package io.tallymq.amqp.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tallymq.amqp.wire.FieldValue;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class LaterHeadersTest {
    /** In milliseconds the first ones do not fit, and come out as times that nobody meant. */
    @Test
    void timestampsBeyondAllTimesAreNone() {
        for (long seconds : new long[] {Long.MIN_VALUE, -18_446_744_073_709_551L, -1, Long.MAX_VALUE}) {
            assertEquals(OptionalLong.empty(), LaterHeaders.millis(new FieldValue.Timestamp(seconds)), "" + seconds);
        }
        assertEquals(OptionalLong.of(1_000), LaterHeaders.millis(new FieldValue.Timestamp(1)));
    }
}
