package io.tallymq.tally.amqp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.GetResponse;
import io.tallymq.tally.amqp.ConfirmLedger.Fate;
import io.tallymq.tally.output.Output;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What receipts say is compared with what was answered and with what came. */
class ConfirmNamesTest {
    private final Deque<String> outcomes = new ArrayDeque<>();
    private final ConfirmLedger ledger = new ConfirmLedger();
    private final ConfirmNames names = new ConfirmNames("run");
    private final ObjectNode numbers = Output.object();

    /** Its receipts say what is next. */
    private Channel channel(String... next) throws Exception {
        outcomes.addAll(List.of(next));
        Channel channel = (Channel) Proxy.newProxyInstance(
                Channel.class.getClassLoader(), new Class<?>[] {Channel.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("basicGet")) {
                        String said = outcomes.remove();
                        Map<String, Object> headers = Map.of("x-outcome", said);
                        return new GetResponse(
                                null,
                                new BasicProperties.Builder().headers(headers).build(),
                                said.getBytes(StandardCharsets.UTF_8),
                                0);
                    }
                    return method.getReturnType() == boolean.class ? Boolean.TRUE : null;
                });
        return channel;
    }

    private void isKnown() throws Exception {
        names.probe(channel("unroutable"));
        assertTrue(names.areKnown());
    }

    private boolean compared(Fate fate, boolean came, String outcome) throws Exception {
        isKnown();
        int message = ledger.send();
        ledger.say(message, fate);
        if (came) {
            ledger.deliver(message, false);
        }
        names.ask(channel(outcome), 0, 1, message, fate);
        return names.compare(ledger, numbers);
    }

    @Test
    void whereNobodyKnowsNamesNothingIsCompared() throws Exception {
        names.probe(channel("unseen"));
        assertFalse(names.areKnown());
        assertTrue(names.compare(ledger, numbers));
        assertTrue(numbers.isEmpty());
        assertFalse(names.properties(1, 1).getHeaders() != null
                && names.properties(1, 1).getHeaders().containsKey("x-producer-id"));
    }

    @Test
    void ackedAndStored() throws Exception {
        assertTrue(compared(Fate.ACKED, true, "stored"));
        assertEquals(1, numbers.path("receipts_stored").asInt());
    }

    @Test
    void ackedAndForgotten() throws Exception {
        assertTrue(compared(Fate.ACKED, true, "forgotten"));
        assertEquals(1, numbers.path("receipts_forgotten").asInt());
    }

    @Test
    void ackedAndUnseen() throws Exception {
        assertFalse(compared(Fate.ACKED, true, "unseen"));
        assertEquals(List.of("message 0 was acked, and its receipt says: unseen"), names.examples());
    }

    @Test
    void nackedAndStored() throws Exception {
        assertFalse(compared(Fate.NACKED, true, "stored"));
    }

    @Test
    void storedAndNowhere() throws Exception {
        assertFalse(compared(Fate.UNKNOWN, false, "stored"));
        assertEquals(List.of("message 0 is stored as its receipt says, and never came"), names.examples());
        assertEquals(1, numbers.path("receipts_wrong").asInt());
    }

    @Test
    void unansweredAndUnseen() throws Exception {
        assertTrue(compared(Fate.UNKNOWN, false, "unseen"));
    }

    @Test
    void whatIsPublishedAgainIsAskedForBefore() throws Exception {
        isKnown();
        names.again(channel("{\"last\":7,\"gaps\":[[0,0],[2,3],[6,6]]}"), 0, List.of(1L, 2L, 3L, 5L, 6L, 7L, 8L));
        names.compare(ledger, numbers);
        assertEquals(7, numbers.path("published_again").asInt());
        assertEquals(3, numbers.path("stored_before").asInt());
        assertEquals("tally-verify-run/7", names.properties(7, 1).getHeaders().get("x-producer-id"));
    }
}
