package io.tallymq.amqp.settle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.Delivery;
import io.tallymq.amqp.Row;
import io.tallymq.amqp.session.ClientCase;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What clients have of streams and do not settle takes memory of the node, and has an end. */
class TagBudgetTest extends ClientCase {
    private static final int MESSAGES = 1_000;
    private static final int FEW = TagBudget.FEW;
    private static final Map<String, Object> HALF = Map.of("x-stream-offset", "first", "x-stream-filter", "a");

    private final String stream = unique("s");
    private TagBudget budget;
    /** What nobody has, and counts. */
    private int others;

    private Connection own;
    private Channel reading;

    /** Every other of the messages is one that the filter lets through: a run each. */
    @BeforeEach
    void fill() throws Exception {
        budget = server.server().tagBudget();
        channel.queueDeclare(stream, true, false, false, Map.of("x-queue-type", "stream"));
        channel.confirmSelect();
        for (int i = 0; i < MESSAGES; i++) {
            channel.basicPublish(
                    "", stream, headers(Map.of("x-stream-filter-value", i % 2 == 0 ? "a" : "b")), new byte[0]);
        }
        assertTrue(channel.waitForConfirms(PATIENCE * 1000));
        own = server.connect();
        reading = own.createChannel();
        reading.basicQos(MESSAGES);
    }

    @AfterEach
    void giveBack() {
        own.abort();
        awaitRuns(others);
        others(0);
    }

    private void others(int runs) {
        budget.changed(runs - others);
        others = runs;
    }

    private static Delivery take(BlockingQueue<Delivery> came, int messages) throws InterruptedException {
        Delivery last = null;
        for (int i = 0; i < messages; i++) {
            last = next(came);
        }
        return last;
    }

    private static void nothingComes(BlockingQueue<Delivery> came) throws InterruptedException {
        assertNull(came.poll(300, TimeUnit.MILLISECONDS)); // while it is as it should be that can't fail
    }

    private void awaitRuns(long runs) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE);
        while (budget.runs() != runs) {
            assertTrue(System.nanoTime() < end, () -> budget.runs() + " runs");
            Thread.onSpinWait();
        }
    }

    @Test
    @Row("consumer x-stream-filter")
    void whoSettlesNothingGetsNoMoreOnceThereAreTooMany() throws Exception {
        others(TagBudget.MOST);
        BlockingQueue<Delivery> came = consume(reading, stream, HALF);
        Delivery last = take(came, FEW);
        nothingComes(came);
        reading.basicAck(last.getEnvelope().getDeliveryTag() - 100, false);
        take(came, 1);
        nothingComes(came);
        reading.basicAck(last.getEnvelope().getDeliveryTag(), true);
        take(came, MESSAGES / 2 - FEW - 1);
    }

    @Test
    void itGoesOnWhenOthersHaveSettled() throws Exception {
        others(TagBudget.MOST);
        BlockingQueue<Delivery> came = consume(reading, stream, HALF);
        take(came, FEW);
        nothingComes(came);
        others(0);
        take(came, MESSAGES / 2 - FEW);
        assertEquals(256, budget.runs());
    }

    /** Else it would wait for what it can't settle itself. */
    @Test
    void whoHasNothingGetsAMessage() throws Exception {
        others(TagBudget.MOST);
        take(consume(reading, stream, HALF), FEW);
        BlockingQueue<Delivery> second = consume(reading, stream, HALF);
        for (int i = 0; i < 10; i++) {
            reading.basicAck(take(second, 1).getEnvelope().getDeliveryTag(), false);
        }
    }

    @Test
    void aChannelHasAnEndOfItsOwn() {
        UnackedTags tags = new UnackedTags(new TagBudget());
        Holding reader = new Holding(1, true);
        for (int i = 0; i < TagBudget.MOST_OF_CHANNEL; i++) {
            assertEquals(TagBudget.MOST_OF_CHANNEL - i, tags.room());
            tags.add(reader, 1 + i, 2L * i, 1);
        }
        assertEquals(0, tags.room());
        tags.settle(5, (holder, first, last) -> {});
        assertEquals(1, tags.room());
    }
}
