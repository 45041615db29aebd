package io.tallymq.tally.amqp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.tally.amqp.ConfirmLedger.Fate;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What breaks a promise, and what does not. */
class ConfirmLedgerTest {
    private final ConfirmLedger ledger = new ConfirmLedger();
    private final int message = ledger.send();

    private void broken(String field, String example) {
        assertFalse(ledger.verdict().kept());
        assertFalse(ledger.verdict().proved());
        assertEquals(1, ledger.verdict().numbers().path(field).asInt());
        assertEquals(List.of(example), ledger.verdict().examples());
    }

    @Test
    void ackedAndDelivered() {
        ledger.say(message, Fate.ACKED);
        assertEquals(1, ledger.missing());
        ledger.deliver(message, true);
        assertEquals(0, ledger.missing());
        assertTrue(ledger.verdict().proved());
    }

    @Test
    void ackedAndLost() {
        ledger.say(message, Fate.ACKED);
        broken("acked_and_lost", "message 0 was acked, and never came");
    }

    @Test
    void nackedAndDelivered() {
        ledger.say(message, Fate.NACKED);
        ledger.deliver(message, false);
        broken("nacked_and_delivered", "message 0 was nacked, and came");
    }

    @Test
    void returnedThoughTheQueueShouldBeThere() {
        ledger.say(ledger.send(), Fate.ACKED);
        ledger.deliver(1, false);
        assertTrue(ledger.verdict().proved());
        ledger.say(message, Fate.RETURNED);
        ledger.say(message, Fate.ACKED);
        broken("returned", "message 0 came back: the queue was not there");
        ledger.deliver(message, false);
        broken("returned_and_delivered", "message 0 came back: the queue was not there");
    }

    @Test
    void twiceOnlyWithTheFlag() {
        ledger.say(message, Fate.ACKED);
        ledger.deliver(message, false);
        ledger.deliver(message, true);
        assertTrue(ledger.verdict().proved());
        ledger.deliver(message, false);
        broken("doubled_without_flag", "message 0 came twice, and was not flagged redelivered");
    }

    @Test
    void unknownMayComeOrNot() {
        ledger.say(ledger.send(), Fate.ACKED);
        ledger.deliver(1, false);
        assertTrue(ledger.verdict().proved());
        ledger.deliver(message, false);
        ledger.deliver(99, false);
        assertTrue(ledger.verdict().proved());
        assertEquals(1, ledger.verdict().numbers().path("unknown_and_delivered").asInt());
        assertEquals(1, ledger.verdict().numbers().path("foreign").asInt());
    }

    @Test
    void whereNothingWasAckedNothingIsProved() {
        assertFalse(ledger.verdict().proved());
        assertTrue(ledger.verdict().kept());
        ledger.say(message, Fate.NACKED);
        assertFalse(ledger.verdict().proved());
        assertTrue(ledger.verdict().kept());
        assertFalse(new ConfirmLedger().verdict().proved());
    }
}
