package io.tallymq.raft.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.effect.Backlog;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.raft.pace.PaceTuning;
import io.tallymq.raft.pace.Pacer;
import io.tallymq.raft.session.SessionEvent.Confirmed;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The order of what a session hears while confirms are held back. */
class TouchedSessionsTest {
    private static final long QUEUE = 7;
    private static final long MILLI = 1_000_000;
    private static final int MESSAGES = 10;
    private static final Reply.Rejected FULL = new Reply.Rejected(506, Reply.Reason.LIMIT, "full");

    private final List<String> heard = new ArrayList<>();
    private double busy = 1;
    private long now = 1;
    private final Pacer pacer = new Pacer(PaceTuning.DEFAULTS, () -> now, () -> busy);
    private final RuntimeMetrics metrics = new RuntimeMetrics();
    private final TouchedSessions sessions =
            new TouchedSessions(pacer, metrics, new Tracing("n1", 0, () -> now, metrics), Runnable::run);
    private final ClientSession session = session(1);

    private ClientSession session(long number) {
        Deaf listener = new Deaf() {
            @Override
            public void confirmed(int channel, long seq) {
                heard.add(number + " confirmed " + seq);
            }

            @Override
            public void refused(int channel, long seq, Reply.Rejected why) {
                heard.add(number + " refused " + seq);
            }
        };
        return new ClientSession(
                new ConnectionId("n1", number), listener, Runnable::run, null, NodeReplies.ofHeap(), s -> true);
    }

    private record Behind(long number, long ready, long acked) implements Backlog {
        @Override
        public String name() {
            return "q";
        }
    }

    /** A machine that is full, and a queue whose consumers settle fast and fall behind. */
    @BeforeEach
    void fill() {
        look();
        for (int i = 0; i < 100; i++) {
            now += MILLI;
            pacer.isBehind(new Behind(QUEUE, 1_000, 10L * i));
        }
    }

    private void look() {
        for (int i = 0; i < 40; i++) {
            pacer.isFull();
            pacer.tick();
        }
    }

    /** What the pacer does between an entry and the moment at which its sessions are told. */
    private void letAllGo() {
        busy = 0;
        look();
    }

    private void refuse(ClientSession s, long seq) {
        sessions.tell(s, new SessionEvent.Refused(1, seq, FULL));
    }

    private void hold(ClientSession s, long seq) {
        sessions.hold(QUEUE, s, MESSAGES, new Confirmed(1, seq), () -> heard.add("told " + seq));
    }

    @Test
    void aConfirmThatIsHeldBackComesBehindTheRefusalsOfItsBatch() {
        refuse(session, 5);
        hold(session, 10);
        letAllGo();
        assertEquals(List.of(), heard);
        sessions.dispatch();
        letAllGo();
        assertEquals(List.of("1 refused 5", "1 confirmed 10", "told 10"), heard);
    }

    @Test
    void anAnswerComesBehindTheConfirmsBeforeIt() {
        hold(session, 3);
        sessions.dispatch();
        assertEquals(List.of(), heard);
        ClientSession other = session(2);
        refuse(session, 5);
        hold(session, 10);
        hold(other, 4);
        sessions.answer(new PendingReply(0, session, r -> heard.add("1 answered"), null), Reply.OK);
        sessions.dispatch();
        assertEquals(
                List.of("1 confirmed 3", "told 3", "1 refused 5", "1 confirmed 10", "1 answered", "told 10"), heard);
        letAllGo();
        assertEquals(List.of("2 confirmed 4", "told 4"), heard.subList(6, heard.size()));
    }

    @Test
    void laterConfirmsWaitBehindTheFirstOne() {
        hold(session, 10);
        assertTrue(sessions.holds(session));
        sessions.dispatch();
        assertTrue(sessions.holds(session));
        letAllGo();
        assertFalse(sessions.holds(session));
    }
}
