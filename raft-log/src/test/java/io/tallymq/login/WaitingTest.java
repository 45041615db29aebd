package io.tallymq.login;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Who is looked at next, and who has no place. */
class WaitingTest {
    private static final int MOST = 6;
    private static final int MOST_OF_ONE = 4;

    private final AtomicLong now = new AtomicLong();
    private final Penalties penalties = new Penalties(now::get, Penalties.MOST_NANOS);
    private final Waiting waiting = new Waiting(MOST, MOST_OF_ONE, penalties);

    private static InetAddress address(int last) {
        try {
            return InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) last});
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private static Comparison.Key key(String user, String password) {
        return new Comparison.Key(user, ByteBuffer.wrap(LoginsTest.octets(password)), true);
    }

    private static Comparison.Waiter waiter(InetAddress from) {
        return new Comparison.Waiter(from, 0, new CompletableFuture<>());
    }

    /** Whether he waits; whoever makes room for him is not looked at. */
    private boolean enters(InetAddress from, String user, String password) {
        Comparison.Waiter w = waiter(from);
        return !waiting.enter(key(user, password), LoginsTest.octets(password), w)
                .contains(w);
    }

    /** Users in the order in which they are compared, until none may be. */
    private List<String> turns() {
        List<String> users = new ArrayList<>();
        for (Comparison c = waiting.next(); c != null; c = waiting.next()) {
            waiting.end(c);
            users.add(c.user());
        }
        return users;
    }

    @Test
    void addressesTakeTurns() {
        enters(address(1), "a1", "x");
        enters(address(1), "a2", "x");
        enters(address(1), "a3", "x");
        enters(address(2), "b1", "x");
        enters(address(3), "c1", "x");
        enters(address(3), "c2", "x");
        assertEquals(List.of("a1", "b1", "c1", "a2", "c2", "a3"), turns());
        assertEquals(0, waiting.logins());
    }

    /** However many guesses an address has sent, the next one has to wait as long as if it had been sent alone. */
    @Test
    void whileAnAddressPaysNothingOfItIsCompared() {
        enters(address(1), "a1", "x");
        enters(address(1), "a2", "x");
        enters(address(2), "b1", "x");
        penalties.failed(address(1), "a0");
        assertEquals(0, waiting.pause());
        assertEquals(List.of("b1"), turns());
        assertEquals(Penalties.FIRST_NANOS, waiting.pause());
        now.addAndGet(Penalties.FIRST_NANOS);
        Comparison first = waiting.next();
        assertEquals("a1", first.user());
        waiting.end(first);
        penalties.failed(address(1), "a1");
        assertNull(waiting.next());
        assertEquals(2 * Penalties.FIRST_NANOS, waiting.pause());
        now.addAndGet(2 * Penalties.FIRST_NANOS);
        assertEquals(List.of("a2"), turns());
        assertEquals(-1, waiting.pause());
    }

    /** One application behind a router has an old password and tries again for ever: the others there need not wait for its turns. */
    @Test
    void whoFailedComesBehindWhoDidNot() {
        penalties.failed(address(1), "old");
        now.addAndGet(Penalties.FIRST_NANOS);
        enters(address(1), "old", "x");
        enters(address(1), "old", "y");
        enters(address(1), "new", "z");
        assertEquals(List.of("new", "old", "old"), turns());
        now.addAndGet(Penalties.FORGET_NANOS + 1);
        enters(address(1), "old", "x");
        enters(address(1), "new", "z");
        assertEquals(List.of("old", "new"), turns());
    }

    /** An address that pays keeps what it has guessed waiting for minutes, and who comes with the same for it may be gone at once, and come again. */
    @Test
    void whoShowsTheSameIsOneOfSoMany() {
        penalties.failed(address(1), "a");
        for (int i = 0; i < Waiting.MOST_LOGINS; i++) {
            assertTrue(enters(address(1), "a", "x"), i + " wait");
        }
        assertFalse(enters(address(1), "a", "x"));
        assertTrue(enters(address(1), "b", "x"), "who has a place has one");
        assertEquals(Waiting.MOST_LOGINS + 1, waiting.logins());
        now.addAndGet(Penalties.FIRST_NANOS);
        assertEquals(List.of("b", "a"), turns());
        assertEquals(0, waiting.logins());
        assertTrue(enters(address(1), "a", "x"));
    }

    /** A name may have some thousand letters, and each of those has its own. */
    @Test
    void whoShowsTheSameKeepsSoManyOctets() {
        int octets = 8 << 10;
        var key = key("a", "x");
        int waited = 0;
        List<Comparison.Waiter> turnedAway = List.of();
        while (turnedAway.isEmpty() && waited < Waiting.MOST_LOGINS) {
            var w = new Comparison.Waiter(address(1), octets, new CompletableFuture<>());
            turnedAway = waiting.enter(key, LoginsTest.octets("x"), w);
            waited++;
        }
        assertEquals(Waiting.MOST_OCTETS / octets + 1, waited);
        assertTrue(enters(address(1), "b", "x"), "who has a place has one");
        assertEquals(List.of("a", "b"), turns());
        assertTrue(waiting.enter(key, LoginsTest.octets("x"), turnedAway.get(0)).isEmpty());
    }

    @Test
    void whoShowsTheSameTakesNoPlace() {
        for (int i = 0; i < 10 * MOST; i++) {
            assertTrue(enters(address(1), "app", "pw"));
        }
        assertEquals(10 * MOST, waiting.logins());
        for (int i = 1; i < MOST_OF_ONE; i++) {
            assertTrue(enters(address(1), "app", "other" + i));
        }
        assertFalse(enters(address(1), "app", "one too many"));
        assertTrue(enters(address(1), "app", "pw"));
        Comparison first = waiting.next();
        assertTrue(enters(address(2), "app", "pw")); // while it is being compared
        assertEquals(10 * MOST + 2, waiting.end(first).size());
        assertEquals(MOST_OF_ONE - 1, waiting.logins());
    }

    /** Who knows what others show could else keep them waiting for his own turn. */
    @Test
    void whoJoinsSomebodyThatIsHeldNeedNotWaitForHim() {
        penalties.failed(address(1), "x");
        enters(address(1), "app", "pw");
        assertNull(waiting.next());
        assertTrue(enters(address(1), "app", "pw"));
        assertNull(waiting.next());
        assertTrue(enters(address(2), "app", "pw"));
        Comparison c = waiting.next();
        assertEquals("app", c.user());
        assertEquals(3, waiting.end(c).size());
        now.addAndGet(Penalties.FIRST_NANOS);
        assertNull(waiting.next());
    }

    @Test
    void whoJoinsSomebodyInALongLineNeedNotWaitForIt() {
        enters(address(1), "a1", "x");
        enters(address(1), "a2", "x");
        enters(address(1), "app", "pw");
        enters(address(2), "app", "pw");
        assertEquals(List.of("a1", "app", "a2"), turns());
    }

    /** Few addresses fill all places with what is held for minutes: one of theirs makes room for who comes from elsewhere. */
    @Test
    void theLongestLineMakesRoom() {
        List<Comparison.Waiter> last = new ArrayList<>();
        for (int i = 0; i < MOST_OF_ONE; i++) {
            Comparison.Waiter w = waiter(address(1));
            assertEquals(List.of(), waiting.enter(key("a" + i, "x"), LoginsTest.octets("x"), w));
            last.add(w);
        }
        enters(address(2), "b1", "x");
        enters(address(2), "b2", "x");
        Comparison.Waiter newcomer = waiter(address(3));
        List<Comparison.Waiter> driven = waiting.enter(key("c1", "x"), LoginsTest.octets("x"), newcomer);
        assertEquals(1, driven.size());
        assertSame(last.get(MOST_OF_ONE - 1), driven.get(0));
        assertFalse(enters(address(2), "b3", "x")); // as many as the longest then
        assertFalse(enters(address(1), "a5", "x"));
        assertEquals(List.of("a0", "b1", "c1", "a1", "b2", "a2"), turns());
    }

    /** Else a guess that is turned away at once would be known to be wrong, and cost nothing. */
    @Test
    void whereAGuessHasNoPlaceARightPasswordIsNotLookedAtEither() {
        for (int i = 0; i < MOST_OF_ONE; i++) {
            enters(address(1), "a" + i, "x");
        }
        assertFalse(waiting.hasRoom(address(1)));
        assertFalse(waiting.isClosedTo(address(1))); // nobody has guessed
        penalties.failed(address(1), "a0");
        assertTrue(waiting.isClosedTo(address(1)));
        assertFalse(waiting.isClosedTo(address(2)));
        enters(address(2), "b1", "x");
        enters(address(3), "c1", "x");
        assertTrue(waiting.hasRoom(address(2)));
        now.addAndGet(Penalties.FORGET_NANOS + 1);
        assertTrue(waiting.isClosedTo(address(1))); // all places are taken
    }

    @Test
    void whoWaitsAtTheEndIsTold() {
        enters(address(1), "a1", "x");
        enters(address(1), "a1", "x");
        Comparison begun = waiting.next();
        enters(address(2), "b1", "x");
        assertEquals(1, waiting.close().size());
        assertFalse(enters(address(2), "b1", "x"));
        assertNull(waiting.next());
        assertEquals(2, waiting.end(begun).size());
        assertEquals(0, waiting.logins());
    }
}
