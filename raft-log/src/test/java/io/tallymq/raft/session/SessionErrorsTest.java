package io.tallymq.raft.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.SessionListener;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Route;
import io.tallymq.raft.LocalBroker;
import io.tallymq.store.MemoryStore;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A listener that throws loses an event: its session hears of its end and of nothing else. */
class SessionErrorsTest {
    private static final Reply.Rejected FULL = new Reply.Rejected(506, Reply.Reason.LIMIT, "full");
    /** A refusal of this publish does not get through. */
    private static final long LOST = 2;

    private final List<String> heard = new ArrayList<>();
    private final LocalBroker broker = new LocalBroker("n1", new MemoryStore());
    private boolean closeFails;
    private Runnable written;
    private final ClientSession session = (ClientSession) broker.connect("/", new Failing(), SessionErrorsTest::loop);

    private final class Failing extends Deaf {
        @Override
        public void confirmed(int channel, long seq) {
            heard.add("confirmed " + seq);
        }

        @Override
        public void returnedInParts(int channel, long seq, ReturnedParts message, Runnable done) {
            heard.add("returned " + seq);
            written = done;
        }

        @Override
        public void refused(int channel, long seq, Reply.Rejected why) {
            heard.add("refused " + seq);
            if (seq == LOST) {
                throw new OutOfMemoryError("no memory for sockets");
            }
        }

        @Override
        public void timedOut(int channel, long consumer, long timeout, long messages) {
            heard.add("timed out " + consumer);
        }

        @Override
        public void deliverable() {
            heard.add("deliverable");
        }

        @Override
        public void closed(String reason) {
            heard.add("closed");
            if (closeFails) {
                throw new OutOfMemoryError("no memory for sockets");
            }
        }

        @Override
        public void eventsEnd() {
            heard.add("end");
        }
    }

    /** As an event loop, which goes on with the next task whatever becomes of one. */
    private static void loop(Runnable task) {
        try {
            task.run();
        } catch (Error e) {
            assertTrue(e instanceof OutOfMemoryError);
        }
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    private void post(SessionEvent... row) {
        session.post(new ArrayList<>(List.of(row)));
    }

    private static SessionEvent confirmed(long seq) {
        return new SessionEvent.Confirmed(1, seq);
    }

    private static SessionEvent refused(long seq) {
        return new SessionEvent.Refused(1, seq, FULL);
    }

    private SessionEvent returned(long seq) {
        Route route = new Route("/", "", "nowhere");
        return new ReturnedUpload(
                session,
                1,
                seq,
                1,
                new SessionListener.ReturnedParts(SessionListener.Reason.NO_ROUTE, route, new byte[2], 1, 1));
    }

    @Test
    void nothingIsToldBehindAnEventThatIsLost() {
        post(confirmed(1), refused(LOST), confirmed(3));
        post(confirmed(9));
        assertEquals(List.of("confirmed 1", "refused 2", "closed"), heard);
    }

    /** Others may have by now what the consumer was given before, and its channel has not written it yet: it has not heard. */
    @Test
    void nothingIsHandedOutWhileATimeoutWaitsForAMessageThatGoesBack() {
        post(returned(1));
        assertTrue(session.mayDeliver());
        post(confirmed(2), new SessionEvent.TimedOut(2, 7, 1_000, 1));
        assertFalse(session.mayDeliver());
        heard.clear();
        written.run();
        assertTrue(session.mayDeliver());
        assertEquals(List.of("confirmed 2", "timed out 7", "end", "deliverable", "end"), heard);
    }

    @Test
    void noneOfTheRowsThatWaitedForAMessageIsToldBehindIt() {
        post(returned(1));
        post(refused(LOST), confirmed(3));
        post(confirmed(4));
        heard.clear();
        written.run();
        post(confirmed(9));
        assertEquals(List.of("refused 2", "closed"), heard);
    }

    @Test
    void theSessionEndsThoughItsListenerCanNotBeToldSo() {
        assertTrue(session.mayDeliver());
        closeFails = true;
        post(refused(LOST), confirmed(3));
        assertEquals(List.of("refused 2", "closed"), heard);
        assertFalse(session.mayDeliver());
    }
}
