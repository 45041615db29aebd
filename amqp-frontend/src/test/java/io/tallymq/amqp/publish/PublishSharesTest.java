package io.tallymq.amqp.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.amqp.config.PublishLimits;
import io.tallymq.amqp.publish.PublishBudget.Answer;
import org.junit.jupiter.api.Test;

/** Who has room for messages that are not complete, and others wait for it: he has to go on with them, and gets no more than a share. */
class PublishSharesTest {
    private static final int MIB = 1 << 20;
    private static final int MOST = 16;
    private static final int PATIENCE = 10;

    private final PublishBudget budget = new PublishBudget(new PublishLimits(MOST * MIB, PATIENCE));
    private long now;

    private static final class Client implements PublishBudget.Holding {
        private long gained;
        private boolean slow;
        private boolean tooMuch;

        @Override
        public void granted() {}

        @Override
        public long gained() {
            return gained;
        }

        @Override
        public void asked(boolean tooSlow) {
            slow = tooSlow;
        }

        @Override
        public void hasTooMuch() {
            tooMuch = true;
        }
    }

    private Client with(int parts) {
        Client client = new Client();
        for (int i = 0; i < parts; i++) {
            assertEquals(Answer.GRANTED, budget.take(client, MIB));
        }
        return client;
    }

    private Client waiting(int parts) {
        Client client = new Client();
        for (int i = 0; i < parts; i++) {
            assertEquals(Answer.WAIT, budget.take(client, MIB));
        }
        return client;
    }

    private void patienceEnds(Client waiting) {
        now += PATIENCE * 1_000_000L;
        budget.waitedLong(waiting, now);
    }

    /** One octet now and then. */
    @Test
    void whoIsTooSlowForWhatHeHasGoes() {
        Client slow = with(MOST);
        Client next = waiting(1);
        patienceEnds(next);
        assertFalse(slow.slow, "it is asked for the first time");
        slow.gained++;
        patienceEnds(next);
        assertTrue(slow.slow);
    }

    @Test
    void whoGoesOnStays() {
        Client busy = with(MOST);
        Client next = waiting(1);
        for (int i = 0; i < 5; i++) {
            patienceEnds(next);
            assertFalse(busy.slow);
            busy.gained += MIB;
        }
    }

    /** Of those of whom something comes as many go as are needed. */
    @Test
    void theLargestGoFirst() {
        Client smaller = with(7);
        Client larger = with(8);
        Client still = with(1);
        Client next = waiting(2);
        patienceEnds(next);
        smaller.gained++;
        larger.gained++;
        patienceEnds(next);
        assertTrue(larger.slow);
        assertFalse(smaller.slow);
        assertTrue(still.slow, "nothing came of it");
    }

    @Test
    void whileOthersWaitNobodyGetsMoreThanAShare() {
        Client large = with(MOST - 1);
        Client small = with(1);
        Client next = waiting(1);
        assertEquals(Answer.TOO_MUCH, budget.take(large, MIB));
        for (int i = 1; i < MOST / 4; i++) {
            assertEquals(Answer.GRANTED, budget.take(small, MIB));
        }
        assertEquals(Answer.TOO_MUCH, budget.take(small, MIB));
        assertTrue(budget.isWaiting(next));
    }

    /** Else one connection could make all others end that are within a message. */
    @Test
    void beyondTwiceTheBoundTheLargestGoes() {
        Client small = with(1);
        Client large = with(2 * MOST - 1);
        assertEquals(Answer.GRANTED, budget.take(small, MIB));
        assertTrue(large.tooMuch);
        assertFalse(small.tooMuch);
        budget.end(large);
        assertEquals(2 * MIB, budget.bytes());
    }
}
