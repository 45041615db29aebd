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
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What receipts say is compared with what was answered and with what came. */
class ConfirmNamesTest {
    private final Deque<String> outcomes = new ArrayDeque<>();
    private final ConfirmLedger ledger = new ConfirmLedger();
    private final ConfirmNames names = new ConfirmNames("run");
    private final ObjectNode numbers = Output.object();
    /** What receipts say beside. */
    private final Map<String, Object> more = new TreeMap<>();

    /** Its receipts say what is next. */
    private Channel channel(String... next) throws Exception {
        outcomes.addAll(List.of(next));
        Channel channel = (Channel) Proxy.newProxyInstance(
                Channel.class.getClassLoader(), new Class<?>[] {Channel.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("basicGet")) {
                        String said = outcomes.remove();
                        Map<String, Object> headers = new TreeMap<>(more);
                        headers.put("x-outcome", said);
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

    /** The publisher went on to this number, and the receipt says that its last one is that. */
    private boolean forgotten(Fate fate, long published, long told) throws Exception {
        names.properties(0, published);
        more.put("x-last", told);
        return compared(fate, true, "forgotten");
    }

    @Test
    void ackedAndForgottenBehindTheWindow() throws Exception {
        assertTrue(forgotten(Fate.ACKED, 4_097, 4_097));
        assertEquals(1, numbers.path("receipts_forgotten").asInt());
    }

    @Test
    void ackedAndForgottenTooSoon() throws Exception {
        assertFalse(forgotten(Fate.ACKED, 4_096, 4_096));
        assertEquals(
                List.of(
                        "message 0, number 1 of its producer, is forgotten as its receipt says, too soon: the last one published is 4096"),
                names.examples());
        assertEquals(1, numbers.path("receipts_wrong").asInt());
    }

    @Test
    void unansweredAndForgottenTooSoon() throws Exception {
        assertFalse(forgotten(Fate.UNKNOWN, 7, 7));
    }

    /** A last number that nobody published proves nothing, and neither does a window that the broker does not know of. */
    @Test
    void forgottenBehindAWindowThatOneSideDoesNotKnow() throws Exception {
        assertFalse(forgotten(Fate.ACKED, 4_096, 1L << 40));
        assertFalse(forgotten(Fate.ACKED, 1L << 40, 4_096));
        assertEquals(2, numbers.path("receipts_wrong").asInt());
    }

    private boolean gone(long began, Long until) throws Exception {
        names.properties(0, 1);
        more.put("x-time", began);
        isKnown();
        more.put("x-last", -1L);
        if (until != null) {
            more.put("x-producers-forgotten-until", until);
        }
        int message = ledger.send();
        ledger.deliver(message, false);
        names.ask(channel("forgotten"), 0, 1, message, Fate.ACKED);
        return names.compare(ledger, numbers);
    }

    @Test
    void forgottenWithItsProducer() throws Exception {
        assertTrue(gone(1_000, 1_000L));
    }

    @Test
    void forgottenWithAProducerThoughNoneOfItsTimeIs() throws Exception {
        assertFalse(gone(1_000, 999L));
        assertEquals(1, numbers.path("receipts_wrong").asInt());
    }

    @Test
    void forgottenWithAProducerThoughNoneIs() throws Exception {
        assertFalse(gone(1_000, null));
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
