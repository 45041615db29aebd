package io.tallymq.node.proof.lanes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import io.tallymq.node.proof.history.MessageId;
import io.tallymq.node.proof.load.Letters.Letter;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KeyedLettersTest {
    private final KeyedLetters letters = new KeyedLetters("n1", "x", "behind", "itself");
    private final Random random = new Random(1);

    private String publish(String publisher, long sequence) {
        Letter letter = letters.next(new MessageId(publisher, sequence), random);
        assertEquals(letter.exchange().isEmpty() ? "itself" : "behind", letter.queue());
        String key = letter.notes().get(Published.KEY);
        assertEquals(key, letter.properties().getHeaders().get("x-deduplication-header"));
        return key + " " + letter.queue();
    }

    @Test
    void whatHadNoAnswerIsPublishedAgainByTheNextPublisher() {
        List<String> unanswered = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            String key = publish("p.1", i);
            if (i % 2 == 0) {
                letters.answered(Kind.CONFIRMED, new MessageId("p.1", i));
            } else {
                unanswered.add(key);
            }
        }
        List<String> again = new ArrayList<>();
        for (int i = 0; i < unanswered.size(); i++) {
            again.add(publish("p.2", i));
        }
        assertEquals(unanswered, again);
        assertFalse(unanswered.contains(publish("p.2", 10)));
    }

    @Test
    void whatWasNackedIsPublishedAgain() {
        String key = publish("p.1", 0);
        letters.answered(Kind.NACKED, new MessageId("p.1", 0));
        assertEquals(key, publish("p.1", 1));
    }

    @Test
    void someOfWhatWasConfirmedIsPublishedAgain() {
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            keys.add(publish("p.1", i));
            letters.answered(Kind.CONFIRMED, new MessageId("p.1", i));
        }
        long different = keys.stream().distinct().count();
        assertTrue(different > 100 && different < 200, different + " keys");
    }
}
