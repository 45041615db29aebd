package io.tallymq.amqp.publish;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.GetResponse;
import io.tallymq.amqp.Row;
import io.tallymq.amqp.session.ClientCase;
import io.tallymq.amqp.session.ErrorCodes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Class tx (90) with the real client: what is published and settled takes effect at tx.commit, as a whole, or not at all. */
class TransactionTest extends ClientCase {
    private Channel tx;
    private Channel other;
    private String a;
    private String b;

    @BeforeEach
    void begin() throws Exception {
        tx = connection.createChannel();
        other = connection.createChannel();
        a = other.queueDeclare().getQueue();
        b = other.queueDeclare().getQueue();
        tx.txSelect();
    }

    private void publish(String queue, int... bodies) throws IOException {
        for (int body : bodies) {
            tx.basicPublish("", queue, null, new byte[] {(byte) body});
        }
    }

    private int ready(String queue) throws IOException {
        return other.queueDeclarePassive(queue).getMessageCount();
    }

    private void fill(String queue, int... bodies) throws IOException {
        for (int body : bodies) {
            other.basicPublish("", queue, null, new byte[] {(byte) body});
        }
        assertEquals(bodies.length, ready(queue));
    }

    private long get(String queue) throws IOException {
        return tx.basicGet(queue, false).getEnvelope().getDeliveryTag();
    }

    @Test
    @Row({"tx.select", "tx.select-ok", "tx.commit", "tx.commit-ok"})
    void publishesAreThereAfterTheCommit() throws Exception {
        publish(a, 1, 2);
        publish(b, 3);
        assertEquals(0, ready(a));
        tx.txCommit();
        assertEquals(2, ready(a));
        assertEquals(1, ready(b));
        publish(a, 4);
        assertEquals(2, ready(a));
        tx.txCommit();
        assertEquals(3, ready(a));
        tx.txCommit();
        assertEquals(1, other.basicGet(a, true).getBody()[0]);
    }

    @Test
    @Row({"tx.rollback", "tx.rollback-ok"})
    void aRollbackUndoesPublishesAndAcks() throws Exception {
        fill(a, 1, 2, 3);
        long first = get(a);
        long second = get(a);
        tx.basicAck(first, false);
        tx.basicNack(second, false, true);
        publish(b, 9);
        assertEquals(1, ready(a));
        tx.txRollback();
        tx.txCommit();
        assertEquals(1, ready(a));
        assertEquals(0, ready(b));
        tx.basicAck(second, true);
        tx.txCommit();
        tx.close();
        assertEquals(1, ready(a));
    }

    @Test
    void acksAndPublishesAreOne() throws Exception {
        fill(a, 1, 2, 3);
        tx.basicAck(get(a), false);
        tx.basicReject(get(a), true);
        publish(b, 9);
        tx.txCommit();
        assertEquals(2, ready(a));
        assertEquals(1, ready(b));
        tx.close();
        GetResponse again = other.basicGet(a, true);
        assertEquals(2, again.getBody()[0]);
        assertTrue(again.getEnvelope().isRedeliver());
    }

    /** What the transaction settled stays its own, whatever becomes of it. */
    @Test
    @Row("basic.recover")
    void recoverPassesOverWhatWasSettled() throws Exception {
        fill(a, 1, 2, 3, 4);
        long first = get(a);
        long second = get(a);
        long third = get(a);
        get(a);
        tx.basicAck(second, false);
        tx.basicNack(third, false, false);
        tx.basicRecover(true);
        assertEquals(2, ready(a));
        tx.txRollback();
        tx.basicAck(second, false);
        tx.basicRecover(true);
        assertEquals(3, ready(a));
        tx.txCommit();
        assertEquals(3, ready(a));
        for (int body : new int[] {1, 3, 4}) {
            assertEquals(body, other.basicGet(a, true).getBody()[0]);
        }
        ErrorCodes.channelClosed(406, tx, () -> tx.basicAck(first, false));
    }

    @Test
    void recoverPassesOverWhatWasSettledTogether() throws Exception {
        fill(a, 1, 2, 3);
        get(a);
        long second = get(a);
        get(a);
        tx.basicAck(second, true);
        tx.basicRecover(true);
        assertEquals(1, ready(a));
        tx.txCommit();
        tx.close();
        assertEquals(1, ready(a));
        assertEquals(3, other.basicGet(a, true).getBody()[0]);
    }

    @Test
    void whatIsNotCommittedGoesWithTheChannel() throws Exception {
        fill(a, 1, 2);
        tx.basicAck(get(a), false);
        publish(b, 9);
        tx.basicPublish("", b, null, new byte[3_000_000]);
        tx.close();
        assertEquals(2, ready(a));
        assertEquals(0, ready(b));
    }

    @Test
    void tagsAreOutstandingOnce() throws Exception {
        fill(a, 1, 2, 3, 4);
        long first = get(a);
        long second = get(a);
        long third = get(a);
        tx.basicAck(second, true);
        for (long tag : new long[] {first, second, 99}) {
            Channel c = connection.createChannel();
            c.txSelect();
            long own = c.basicGet(a, false).getEnvelope().getDeliveryTag();
            c.basicAck(own, false);
            String text = ErrorCodes.channelClosed(406, c, () -> c.basicAck(tag, tag == 99));
            assertEquals("PRECONDITION_FAILED - unknown delivery tag " + tag, text);
        }
        tx.basicAck(0, true);
        tx.txCommit();
        assertEquals(1, ready(a));
        String text = ErrorCodes.channelClosed(406, tx, () -> tx.basicAck(third, false));
        assertEquals("PRECONDITION_FAILED - unknown delivery tag " + third, text);
        assertEquals(1, ready(a));
    }

    @Test
    void aMissingExchangeEndsTheChannelAtThePublish() throws Exception {
        publish(a, 1);
        String text = ErrorCodes.channelClosed(404, tx, () -> tx.basicPublish("missing", "k", null, new byte[1]));
        assertEquals("NOT_FOUND - no exchange 'missing' in vhost '/'", text);
        assertEquals(0, ready(a));
    }

    @Test
    void anInternalExchangeEndsTheChannelAtThePublish() throws Exception {
        String inner = "inner" + a.substring(a.indexOf('-'));
        other.exchangeDeclare(inner, BuiltinExchangeType.FANOUT, false, true, true, null);
        other.exchangeDeclarePassive(inner);
        other.queueBind(a, inner, "");
        publish(a, 1);
        String text = ErrorCodes.channelClosed(403, tx, () -> tx.basicPublish(inner, "k", null, new byte[1]));
        assertEquals("ACCESS_REFUSED - cannot publish to internal exchange '" + inner + "' in vhost '/'", text);
        assertEquals(0, ready(a));
    }

    /** RabbitMQ commits a part of it; here it is all or nothing. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2_000_000})
    void aQueueWithoutRoomRefusesAllOfIt(int size) throws Exception {
        String full = other.queueDeclare(
                        "", false, true, false, Map.of("x-max-length", 2, "x-overflow", "reject-publish"))
                .getQueue();
        fill(a, 1);
        tx.basicAck(get(a), false);
        publish(b, 9);
        for (int i = 0; i < 3; i++) {
            tx.basicPublish("", full, null, new byte[size]);
        }
        String text = ErrorCodes.channelClosed(406, tx, () -> tx.txCommit());
        assertEquals(
                "PRECONDITION_FAILED - transaction refused, nothing of it happened: queue '" + full
                        + "' in vhost '/' has no room: its limit is 2 messages (x-max-length)",
                text);
        assertEquals(0, ready(b));
        assertEquals(0, ready(full));
        GetResponse again = other.basicGet(a, true);
        assertTrue(again.getEnvelope().isRedeliver(), "its client was sent it");
    }

    @Test
    void whatIsUnroutableComesBackBeforeCommitOk() throws Exception {
        List<Integer> returned = new ArrayList<>();
        tx.addReturnListener(r -> returned.add(r.getBody().length));
        tx.basicPublish("", "nowhere", true, null, new byte[5]);
        tx.basicPublish("", "nowhere", true, null, new byte[2_500_000]);
        publish(a, 1);
        other.queueDeclarePassive(a);
        assertEquals(List.of(), returned);
        tx.txCommit();
        assertEquals(List.of(5, 2_500_000), returned);
        assertEquals(1, ready(a));
    }

    /** More than one entry of the log takes: bodies go ahead, and nobody sees them before the commit. */
    @Test
    void aLargeTransactionIsOneAsWell() throws Exception {
        Random random = new Random(5);
        byte[] body = new byte[1_000];
        random.nextBytes(body);
        byte[] large = new byte[5_000_000];
        random.nextBytes(large);
        for (int i = 0; i < 2_000; i++) {
            tx.basicPublish("", a, null, body);
        }
        tx.basicPublish("", b, null, large);
        assertEquals(0, ready(a));
        tx.txCommit();
        assertEquals(2_000, ready(a));
        assertArrayEquals(large, other.basicGet(b, true).getBody());
        GetResponse last = null;
        for (int i = 0; i < 2_000; i++) {
            last = other.basicGet(a, true);
        }
        assertArrayEquals(body, last.getBody());
        assertNull(other.basicGet(a, true));
    }

    /** Each that goes ahead is something that all nodes have in memory. */
    @Test
    void smallBodiesTravelWithTheCommit() throws Exception {
        tx.basicPublish("", a, null, new byte[520_000]);
        for (int i = 0; i < 3_000; i++) {
            tx.basicPublish("", a, null, new byte[1]);
        }
        tx.queueDeclarePassive(a);
        assertEquals(0, uploads());
        tx.txCommit();
        assertEquals(3_001, ready(a));
    }

    @Test
    void soManyBodiesGoAheadAtMost() throws Exception {
        tx.basicPublish("", a, null, new byte[520_000]);
        for (int i = 0; i < 6_000; i++) {
            tx.basicPublish("", a, null, new byte[30]);
        }
        tx.queueDeclarePassive(a);
        assertEquals(4_096, uploads());
        tx.txCommit();
        assertEquals(6_001, ready(a));
        assertEquals(0, uploads());
    }

    private int uploads() {
        return server.broker().read(v -> v.sizes().uploads());
    }

    @Test
    void tooLargeIsToldAtThePublish() throws Exception {
        String text = ErrorCodes.channelClosed(406, tx, () -> {
            for (int i = 0; i < 60_000; i++) {
                tx.basicPublish("", a, null, new byte[0]);
            }
        });
        assertEquals(
                "PRECONDITION_FAILED - transaction too large, it has more than 983040 bytes beside its bodies: commit more"
                        + " often",
                text);
        assertEquals(0, ready(a));
    }

    /** As many as a channel can be sent of streams they are not kept: the commit could not have them. */
    @Test
    void tooManyAcksAreToldAtTheAck() throws Exception {
        String why = closedWhileAcking(60_000, tag -> tx.basicAck(tag, false));
        assertEquals(
                "PRECONDITION_FAILED - transaction too large, it has more than 49152 acks: commit more often", why);
    }

    /** Of acks of several each takes the place of the one before, and all of them are kept. */
    @Test
    void soAreTooManyThatTakeEachOthersPlace() throws Exception {
        assertEquals(
                "PRECONDITION_FAILED - transaction too large, it has more than 49152 acks: commit more often",
                closedWhileAcking(60_000, tag -> tx.basicAck(tag, true)));
    }

    private interface Acking {
        void ack(long tag) throws IOException;
    }

    private String closedWhileAcking(int messages, Acking acking) throws Exception {
        CountDownLatch came = sendAll(messages);
        return ErrorCodes.channelClosed(406, tx, () -> {
            assertTrue(came.await(60, TimeUnit.SECONDS));
            for (long tag = 1; tag <= messages; tag++) {
                acking.ack(tag);
            }
        });
    }

    private CountDownLatch sendAll(int messages) throws IOException {
        for (int i = 0; i < messages; i++) {
            other.basicPublish("", a, null, new byte[0]);
        }
        CountDownLatch came = new CountDownLatch(messages);
        tx.basicConsume(a, false, (tag, message) -> came.countDown(), tag -> {});
        return came;
    }

    @Test
    void acksThatWaitForTheCommitCountAsMemory() throws Exception {
        assertTrue(sendAll(1_000).await(60, TimeUnit.SECONDS));
        for (long tag = 1; tag <= 1_000; tag++) {
            tx.basicAck(tag, false);
        }
        tx.queueDeclarePassive(a);
        assertEquals(3 * 256 * 112, server.server().publishBudget().bytes());
        tx.txCommit();
        assertEquals(0, server.server().publishBudget().bytes());
    }

    @Test
    @Row({"tx.select", "tx.commit", "tx.rollback", "confirm.select", "406"})
    void modesDoNotMix() throws Exception {
        String text = ErrorCodes.channelClosed(406, tx, () -> tx.confirmSelect());
        assertEquals("PRECONDITION_FAILED - cannot switch from tx to confirm mode", text);
        for (boolean commits : new boolean[] {true, false}) {
            Channel c = connection.createChannel();
            String why = ErrorCodes.channelClosed(406, c, () -> {
                if (commits) {
                    c.txCommit();
                } else {
                    c.txRollback();
                }
            });
            assertEquals("PRECONDITION_FAILED - channel is not transactional", why);
        }
        Channel twice = connection.createChannel();
        twice.txSelect();
        twice.txSelect();
        twice.txCommit();
    }
}
