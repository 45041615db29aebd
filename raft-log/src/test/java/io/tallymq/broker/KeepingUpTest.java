package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.Settle.Outcome;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.Extension.Later;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.ExchangeSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Under load an entry has some hundred publishes, and there are less than a hundred entries a second: what becomes of these, dead letters and messages whose time
 * comes, goes as fast as it comes. What comes all at once is spread.
 */
class KeepingUpTest extends OneNodeTest {
    /** Publishes of an entry. */
    private static final int AN_ENTRY = 600;

    private static final int ENTRIES = 100;
    /** Milliseconds from one entry to the next. */
    private static final int PAUSE = 11;
    /** Letters that an entry moves that has nothing to keep up with. */
    private static final int FEW = 16;
    /** Letters that one entry moves at most. */
    private static final int MOST = 2_048;

    @BeforeEach
    void raised() {
        node.raise(5);
        node.declare("dead");
    }

    private void dying(String queue, String to, Object... arguments) {
        Map<String, Object> a = new TreeMap<>();
        for (int i = 0; i < arguments.length; i += 2) {
            a.put((String) arguments[i], arguments[i + 1]);
        }
        a.put("x-dead-letter-exchange", "");
        a.put("x-dead-letter-routing-key", to);
        node.declare(queue, a);
    }

    private void publish(int count, String queue) {
        node.passed += PAUSE - 1;
        node.apply(OneNode.messages(count, 10, new Route("/", "", queue)));
        node.commit();
    }

    private void pause(long millis) {
        node.passed += millis - 1;
        node.apply(new Probe(false));
        node.commit();
    }

    private long letters(String queue) {
        return node.queue(queue).deadLetters().messages();
    }

    private long moved(String queue) {
        return node.queue(queue).counters().deaths().deadLettered();
    }

    @Test
    void whatALimitDropsGoesOnAsFastAsItComes() {
        dying("q", "dead", "x-max-length", 1_000L);
        for (int i = 0; i < ENTRIES; i++) {
            publish(AN_ENTRY, "q");
            assertTrue(letters("q") <= AN_ENTRY, letters("q") + " wait behind entry " + i);
        }
        assertEquals(1_000, node.queue("q").ready());
        assertEquals((long) AN_ENTRY * ENTRIES - 1_000, node.queue("dead").ready() + letters("q"));
    }

    @Test
    void whatExpiresGoesOnAsFastAsItComes() {
        dying("q", "dead", "x-message-ttl", 50L);
        for (int i = 0; i < ENTRIES; i++) {
            publish(AN_ENTRY, "q");
            assertTrue(letters("q") <= AN_ENTRY, letters("q") + " wait behind entry " + i);
            assertTrue(node.queue("q").ready() <= 6 * AN_ENTRY, node.queue("q").ready() + " are ready");
        }
    }

    /** The publishers have stopped, and somebody else publishes to another queue. */
    @Test
    void whatExpiresOfAQueueThatNobodyPublishesToGoesOnAsFastAsItComes() {
        dying("q", "dead", "x-message-ttl", 1_000L);
        node.declare("other");
        for (int i = 0; i < 90; i++) {
            publish(AN_ENTRY, "q");
        }
        for (int i = 0; i < 90; i++) {
            publish(1, "other");
            assertTrue(letters("q") <= AN_ENTRY, letters("q") + " wait behind entry " + i);
        }
        pause(PAUSE);
        pause(PAUSE);
        assertEquals(90L * AN_ENTRY, node.queue("dead").ready());
    }

    /** A pause before the next try, twice: each message dies three times. */
    @Test
    void lettersThatDieAgainGoOnAsFastAsTheyCome() {
        dying("q", "r", "x-max-length", 100L);
        dying("r", "s", "x-message-ttl", 100L);
        dying("s", "dead", "x-message-ttl", 100L);
        for (int i = 0; i < ENTRIES; i++) {
            publish(AN_ENTRY, "q");
            long all = letters("q") + letters("r") + letters("s");
            assertTrue(all <= 3 * AN_ENTRY, all + " wait behind entry " + i);
        }
        assertTrue(node.queue("dead").ready() > AN_ENTRY * (ENTRIES / 2), "some got through");
    }

    @Test
    void whatAConsumerRejectsGoesOnAsFastAsItComes() {
        dying("q", "dead");
        for (int i = 0; i < ENTRIES; i++) {
            publish(AN_ENTRY, "q");
        }
        node.consume("q", AN_ENTRY);
        for (int i = 0; i < ENTRIES; i++) {
            List<Delivery> some = List.copyOf(node.delivered);
            node.delivered.clear();
            for (Delivery d : some) {
                node.begin();
                node.machine.apply(
                        new Settle(
                                d.holder(), Outcome.DISCARD, new long[] {d.firstSeq(), d.firstSeq() + d.count() - 1}),
                        node);
                node.end();
            }
            assertTrue(letters("q") <= AN_ENTRY, letters("q") + " wait behind entry " + i);
        }
        assertEquals((long) AN_ENTRY * ENTRIES, node.queue("dead").ready() + letters("q"));
    }

    @Test
    void whatWaitsForItsTimeComesInTime() {
        node.declare("q");
        byte[] more = new Extension(List.of(), 0, -1, false, new Later(100, 0, "")).encode();
        for (int i = 0; i < ENTRIES; i++) {
            ByteWriter w = new ByteWriter();
            for (int n = 0; n < AN_ENTRY; n++) {
                MessageRecord.writeHeader(w, 0, 0, more.length, 2, 1);
                w.raw(more, 0, more.length).uint16(0).uint8('x');
            }
            node.passed += PAUSE - 1;
            node.apply(new Publish(List.of(new Route("/", "", "q")), w.toBytes(), 0, w.size(), 0, Origins.NONE));
            node.commit();
            long waiting = node.machine.used(StateLimit.SCHEDULED);
            assertTrue(waiting <= (100 / PAUSE + 1) * AN_ENTRY, waiting + " wait behind entry " + i);
        }
        assertEquals(AN_ENTRY * (ENTRIES - 100 / PAUSE - 1), node.queue("q").ready());
    }

    /** However long what others do takes: a million that expire in one moment are no reason for it to take long in each entry. */
    @Test
    void whatExpiresAllAtOnceIsSpread() {
        dying("q", "dead", "x-message-ttl", 1_000L);
        node.declare("other");
        node.begin();
        for (int i = 0; i < 50; i++) {
            node.machine.apply(OneNode.messages(1_000, 10, new Route("/", "", "q")), node);
        }
        node.end();
        pause(900);
        pause(200);
        assertTrue(moved("q") <= MOST, moved("q") + " letters of one entry");
        long before = moved("q");
        int slow = 0;
        for (int i = 0; i < 300; i++) {
            publish(1, "other");
            slow += moved("q") - before > FEW ? 1 : 0;
            before = moved("q");
        }
        assertTrue(slow <= 10, slow + " entries of 300 moved more than " + FEW);
        assertTrue(letters("q") > 9_000, letters("q") + " wait");
    }

    @Test
    void whatComesDueAllAtOnceIsSpread() {
        node.declare("q");
        byte[] more = new Extension(List.of(), 0, -1, false, new Later(1_000, 0, "")).encode();
        ByteWriter w = new ByteWriter();
        for (int n = 0; n < 20_000; n++) {
            MessageRecord.writeHeader(w, 0, 0, more.length, 2, 1);
            w.raw(more, 0, more.length).uint16(0).uint8('x');
        }
        node.apply(new Publish(List.of(new Route("/", "", "q")), w.toBytes(), 0, w.size(), 0, Origins.NONE));
        node.commit();
        pause(2_000);
        assertEquals(MOST, node.queue("q").ready(), MOST / 10);
        assertTrue(node.machine.isBehind());
        int ready = (int) node.queue("q").ready();
        pause(PAUSE);
        assertTrue(node.queue("q").ready() <= ready + FEW);
        assertFalse(node.machine.isBehind(), "nobody has to slow down for what came at once");
    }

    /** What one entry may not move is told: who publishes slows down. */
    @Test
    void anEntryKeepsUpWithinItsLimit() {
        ExchangeSpec fanout = new ExchangeSpec("fanout", true, false, false, Arguments.NONE);
        node.apply(new DeclareExchange("/", "x", fanout, false));
        for (int i = 0; i < 10; i++) {
            dying("q" + i, "dead", "x-max-length", 1L);
            node.bind("x", "q" + i);
        }
        node.apply(OneNode.messages(AN_ENTRY, 10, new Route("/", "x", "")));
        long out = node.queue("dead").ready();
        assertEquals(MOST, out, MOST / 10);
        assertTrue(node.machine.isBehind());
        node.apply(OneNode.messages(100, 10, new Route("/", "x", "")));
        assertEquals(out + 2 * 1_000, node.queue("dead").ready(), 200, "it catches up");
        assertFalse(node.machine.isBehind());
    }

    /** Each entry goes on where the one before had to leave off. */
    @Test
    void queuesHaveTheirTurns() {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            names.add("q" + i);
            dying("q" + i, "dead", "x-max-length", 1L);
        }
        Route[] routes = names.stream().map(q -> new Route("/", "", q)).toArray(Route[]::new);
        node.apply(OneNode.messages(20_000, 10, routes));
        long before = moved("q99");
        for (int i = 0; i < 60; i++) {
            pause(PAUSE);
        }
        assertTrue(moved("q99") > before, "the last queue has had a turn of its own");
        long[] left = names.stream().mapToLong(this::moved).sorted().toArray();
        assertTrue(left[99] - left[0] <= 32, "moved of the first " + left[99] + ", of the last " + left[0]);
    }
}
