package io.tallymq.node.proof.lanes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import io.tallymq.node.proof.history.MessageId;
import io.tallymq.node.proof.load.Letters.Letter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NamedLettersTest {
    private final Random random = new Random(1);
    private final NamedLetters letters =
            new NamedLetters("p", Naming.BY_NAME, new NamedLetters.Routes("", "straight", "x", "one+two", "small"), 1);

    private Letter publish(String publisher, long sequence) {
        return letters.next(new MessageId(publisher, sequence), random);
    }

    private void answered(Kind kind, String publisher, long sequence) {
        letters.answered(kind, new MessageId(publisher, sequence));
    }

    private static String name(Letter letter) {
        String name = letter.notes().get(Published.KEY);
        var headers = letter.properties().getHeaders();
        assertEquals(name, headers.get("x-producer-id") + "." + headers.get("x-publish-seq"));
        return name;
    }

    /** Of all that had no answer each is published again by the next publisher, or left to be made void. */
    @Test
    void whatHadNoAnswerIsDecided() {
        Set<String> open = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            open.add(name(publish("p.1", i)));
        }
        Set<String> decided = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            decided.add(name(publish("p.2", i)));
            answered(Kind.CONFIRMED, "p.2", i);
        }
        for (Long number = letters.toDecide(); number != null; number = letters.toDecide()) {
            decided.add(letters.name(number));
        }
        assertTrue(decided.containsAll(open));
    }

    @Test
    void whatIsNackedComesAFewTimesAndIsLeftThen() {
        String name = name(publish("p.1", 0));
        int times = 1;
        answered(Kind.NACKED, "p.1", 0);
        for (int i = 1; name(publish("p.1", i)).equals(name); i++) {
            answered(Kind.NACKED, "p.1", i);
            times++;
        }
        assertTrue(times > 2 && times < 10, times + " times");
        assertEquals(name, letters.name(letters.toVoid(random)));
    }

    /** A name has one way, after the first try, which may lead nowhere and is repeated then. */
    @Test
    void whatWentNowhereComesAgain() {
        List<String> nowhere = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            Letter letter = publish("p.1", i);
            String name = name(letter);
            assertFalse(nowhere.remove(name) && letter.mandatory(), "the second try of " + name + " has to arrive");
            if (letter.mandatory()) {
                assertEquals("nowhere", letter.routingKey());
                nowhere.add(name);
            }
            answered(Kind.CONFIRMED, "p.1", i);
        }
        assertTrue(nowhere.size() <= 1, nowhere + " did not come again");
    }

    @Test
    void oldNamesComeAgain() {
        Set<String> names = new HashSet<>();
        int again = 0;
        for (int i = 0; i < 20_000; i++) {
            again += names.add(name(publish("p.1", i))) ? 0 : 1;
            answered(Kind.CONFIRMED, "p.1", i);
        }
        assertTrue(again > 1_000, again + " came again");
        assertEquals(10, letters.latest(10).size());
    }

    /** The same id each time, to the exchange that remembers it, wherever it leads. */
    @Test
    void whatHasAnIdComesAgainByIt() {
        var ids = new NamedLetters(
                "p", Naming.byId("ids"), new NamedLetters.Routes("ids", "straight", "ids", "one+two", "small"), 1);
        Set<String> open = new HashSet<>();
        for (int i = 0; i < 60; i++) {
            Letter letter = ids.next(new MessageId("p.1", i), random);
            assertEquals("ids", letter.exchange());
            assertEquals(letter.notes().get(Published.KEY), letter.properties().getMessageId());
            open.add(letter.properties().getMessageId());
        }
        for (int i = 0; i < 60; i++) {
            open.remove(ids.next(new MessageId("p.2", i), random).properties().getMessageId());
        }
        for (Long number = ids.toDecide(); number != null; number = ids.toDecide()) {
            open.remove(ids.name(number));
        }
        assertEquals(Set.of(), open);
    }
}
