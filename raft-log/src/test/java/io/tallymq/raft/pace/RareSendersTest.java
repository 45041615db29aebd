package io.tallymq.raft.pace;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RareSendersTest {
    private static final long MILLI = 1_000_000;

    private final RareSenders senders = new RareSenders();
    private final List<RareSenders.Sender> many =
            Stream.generate(RareSenders.Sender::new).limit(50).toList();
    private long now = 5_000 * MILLI;
    private long batch = 1;

    /** Fifty that send ten times a second, each in a batch of its own. */
    private void rareOnes(int rounds) {
        for (int i = 0; i < rounds; i++) {
            for (RareSenders.Sender each : many) {
                send(each);
                now += 2 * MILLI;
            }
        }
    }

    private void send(RareSenders.Sender sender) {
        senders.sealed();
        senders.sends(sender, ++batch, now);
    }

    @Test
    void manyWhoSendNowAndThenAreRare() {
        rareOnes(3);
        assertTrue(senders.areAll());
    }

    @Test
    void aFewAreNobodyToWaitFor() {
        for (int i = 0; i < 100; i++) {
            send(many.get(i % 15));
            now += 7 * MILLI;
        }
        assertFalse(senders.areAll());
        assertFalse(senders.isFrequentIn());
    }

    @Test
    void oneWhoSendsOftenIsEnoughToWaitForNobody() {
        rareOnes(3);
        RareSenders.Sender busy = new RareSenders.Sender();
        senders.sends(busy, batch, now);
        assertTrue(senders.areAll(), "nobody knows yet");
        now += 11 * MILLI;
        senders.sends(busy, ++batch, now);
        assertTrue(senders.isFrequentIn(), "with a wait of 8 ms and a round trip of 3 between");
        assertFalse(senders.areAll());
        send(many.get(0));
        assertTrue(senders.areAll(), "the next batch is without him");
    }

    @Test
    void whatOneSendsInOneBatchCountsOnce() {
        rareOnes(3);
        RareSenders.Sender worker = new RareSenders.Sender();
        for (int i = 0; i < 5; i++) {
            senders.sends(worker, batch, now);
        }
        assertTrue(senders.areAll());
    }

    @Test
    void afterSilenceNobodyIsWaitedFor() {
        rareOnes(3);
        now += 1_000 * MILLI;
        send(many.get(0));
        assertFalse(senders.areAll());
    }
}
