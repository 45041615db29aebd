package io.tallymq.amqp.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.ShutdownSignalException;
import io.tallymq.amqp.Row;
import io.tallymq.amqp.session.ClientCase;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** amq.settle with the real client: outcomes, delays, confirms, and what is refused. */
class SettleMessagesTest extends ClientCase {
    private String queue;
    private final CompletableFuture<ShutdownSignalException> ended = new CompletableFuture<>();

    @BeforeEach
    void begin() throws Exception {
        channel.addShutdownListener(ended::complete);
        channel.confirmSelect();
        queue = channel.queueDeclare("", false, false, false, Map.of()).getQueue();
    }

    private void publish(int n) throws Exception {
        for (int i = 0; i < n; i++) {
            channel.basicPublish("", queue, null, new byte[] {(byte) i});
        }
        assertTrue(channel.waitForConfirms(PATIENCE * 1000));
    }

    private long got(int body) throws Exception {
        GetResponse r = channel.basicGet(queue, false);
        assertNotNull(r);
        assertEquals(body, r.getBody()[0]);
        return r.getEnvelope().getDeliveryTag();
    }

    private void settle(Map<String, Object> headers, byte[] body) throws IOException {
        channel.basicPublish(
                "amq.settle",
                "",
                new AMQP.BasicProperties.Builder().headers(headers).build(),
                body);
    }

    private boolean settled(Map<String, Object> headers) throws Exception {
        settle(headers, new byte[0]);
        return channel.waitForConfirms(PATIENCE * 1000);
    }

    private void assertRefused(int code, String text) throws Exception {
        ShutdownSignalException e = ended.get(PATIENCE, TimeUnit.SECONDS);
        String reason = e.getReason().toString();
        assertTrue(reason.contains("reply-code=" + code), reason);
        assertTrue(reason.contains(text), reason);
    }

    @Test
    @Row({"name amq.settle", "header x-delivery-tag", "header x-outcome"})
    void anAckIsConfirmedAndItsMessageGone() throws Exception {
        publish(1);
        assertTrue(settled(Map.of("x-delivery-tag", got(0), "x-outcome", "ack")));
        channel.basicRecover(true);
        assertNull(channel.basicGet(queue, false));
    }

    @Test
    void theConfirmsOfOtherPublishesKeepTheirNumbers() throws Exception {
        publish(1);
        long tag = got(0);
        for (int i = 1; i <= 3; i++) {
            channel.basicPublish("", queue, null, new byte[] {(byte) i});
        }
        settle(Map.of("x-delivery-tag", Long.toString(tag), "x-outcome", "ack"), new byte[3 << 20]);
        channel.basicPublish("", queue, null, new byte[] {4});
        assertTrue(channel.waitForConfirms(PATIENCE * 1000));
        assertEquals(4, channel.messageCount(queue));
    }

    @Test
    @Row({"name amq.settle", "header x-outcome", "header x-delay"})
    void whatIsReleasedComesAgainAtOnceOrAfterItsDelay() throws Exception {
        publish(2);
        assertTrue(settled(Map.of("x-delivery-tag", (int) got(0), "x-outcome", "release")));
        long again = got(0);
        assertTrue(settled(Map.of("x-delivery-tag", again, "x-outcome", "reject", "x-delay", 3_600_000)));
        assertEquals(1, channel.messageCount(queue), "it rests");
        got(1);
        server.pass(3_600_000);
        GetResponse late = null;
        for (long end = System.nanoTime() + PATIENCE * 1_000_000_000L; late == null && System.nanoTime() < end; ) {
            late = channel.basicGet(queue, false);
        }
        assertNotNull(late);
        assertEquals(0, late.getBody()[0]);
        assertTrue(late.getEnvelope().isRedeliver());
    }

    @Test
    @Row("header x-outcome")
    void whatIsDeadLetteredGoesOn() throws Exception {
        String dead = channel.queueDeclare().getQueue();
        queue = channel.queueDeclare(
                        "",
                        false,
                        false,
                        false,
                        Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", dead))
                .getQueue();
        publish(1);
        assertTrue(settled(Map.of("x-delivery-tag", got(0), "x-outcome", "dead-letter")));
        GetResponse letter = null;
        for (long end = System.nanoTime() + PATIENCE * 1_000_000_000L; letter == null && System.nanoTime() < end; ) {
            letter = channel.basicGet(dead, true);
        }
        assertNotNull(letter);
        assertEquals(
                "rejected",
                letter.getProps().getHeaders().get("x-last-death-reason").toString());
    }

    @Test
    void whatIsNotHeldAnyMoreIsNacked() throws Exception {
        publish(1);
        long tag = got(0);
        channel.queueDelete(queue);
        assertFalse(settled(Map.of("x-delivery-tag", tag, "x-outcome", "ack")));
        assertTrue(channel.isOpen());
    }

    @Test
    void aTagIsSettledOnce() throws Exception {
        publish(1);
        long tag = got(0);
        channel.basicAck(tag, false);
        settle(Map.of("x-delivery-tag", tag, "x-outcome", "ack"), new byte[0]);
        assertRefused(406, "PRECONDITION_FAILED - unknown delivery tag " + tag);
    }

    @Test
    void anAckBehindItIsUnknown() throws Exception {
        publish(1);
        long tag = got(0);
        settle(Map.of("x-delivery-tag", tag, "x-outcome", "release"), new byte[0]);
        channel.basicAck(tag, false);
        assertRefused(406, "PRECONDITION_FAILED - unknown delivery tag " + tag);
    }

    @ParameterizedTest
    @Row({"header x-delivery-tag", "header x-outcome", "header x-delay"})
    @ValueSource(
            strings = {
                "x-outcome=ack:x-delivery-tag",
                "x-delivery-tag=none,x-outcome=ack:x-delivery-tag",
                "x-delivery-tag=1:x-outcome",
                "x-delivery-tag=1,x-outcome=eat:x-outcome",
                "x-delivery-tag=1,x-outcome=ack,x-delay=5:x-delay",
                "x-delivery-tag=1,x-outcome=release,x-delay=315619200001:x-delay",
                "x-delivery-tag=1,x-outcome=release,x-deliver-at=5:x-deliver-at",
                "x-delivery-tag=1,x-outcome=ack,x-token=t:x-token",
                "x-delivery-tag=1,x-outcome=defer:x-token",
                "x-delivery-tag=1,x-outcome=defer,x-token=:x-token",
                "x-delivery-tag=1,x-outcome=defer,x-token=a\nb:x-token",
                "x-delivery-tag=-1,x-outcome=ack:unknown delivery tag",
                "x-delivery-tag=7,x-outcome=ack:unknown delivery tag"
            })
    void wrongHeadersAreRefused(String bad) throws Exception {
        publish(1);
        got(0);
        settle(headers(bad), new byte[0]);
        assertRefused(406, bad.substring(bad.indexOf(':') + 1));
        try (Channel other = connection.createChannel()) {
            assertNotNull(other.basicGet(queue, true), "it was not settled");
        }
    }

    private static Map<String, Object> headers(String text) {
        Map<String, Object> headers = new java.util.TreeMap<>();
        for (String pair : text.substring(0, text.indexOf(':')).split(",")) {
            headers.put(pair.substring(0, pair.indexOf('=')), pair.substring(pair.indexOf('=') + 1));
        }
        return headers;
    }

    @Test
    void aTransactionHasNoneOfIt() throws Exception {
        Channel tx = connection.createChannel();
        tx.addShutdownListener(ended::complete);
        tx.txSelect();
        tx.basicPublish("amq.settle", "", null, new byte[0]);
        ShutdownSignalException e = ended.get(PATIENCE, TimeUnit.SECONDS);
        assertTrue(
                e.getReason().toString().contains("reply-code=540"),
                e.getReason().toString());
    }
}
