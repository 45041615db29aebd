package io.tallymq.raft.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.Session;
import io.tallymq.broker.command.CloseChannel;
import io.tallymq.broker.command.ConsumeReplies;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.spec.DirectReplyTo;
import io.tallymq.raft.LocalBroker;
import io.tallymq.store.MemoryStore;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Direct replies on their way from the log to the session that waits for them. */
class AddressedReplyTest {
    private static final Session.PublishTarget TO = Client.to(DirectReplyTo.name("a"));
    private static final int MIB = 1 << 20;

    private final LocalBroker broker = new LocalBroker("n1", new MemoryStore());
    private Client requester;
    private Client responder;
    private long seq;

    @BeforeEach
    void open() {
        requester = new Client(broker).open();
        responder = new Client(broker).open();
        Client.expect(Reply.Ok.class, requester.call(new ConsumeReplies(requester.session.id(), 3, "a")));
    }

    @AfterEach
    void stop() {
        requester.close();
        responder.close();
        broker.close();
    }

    private void reply(byte[] body) {
        responder.on(s -> s.publish(1, ++seq, TO, Client.content(body)));
        responder.awaitHeard("confirmed 1 " + seq);
    }

    private void replyInParts(int lastPart) {
        responder.on(s -> {
            long upload = s.uploadPart(0, Client.content(new byte[MIB]));
            s.uploadPart(upload, Client.content(new byte[lastPart]));
            s.publishUpload(1, ++seq, TO, Client.content(""), upload, MIB + lastPart);
        });
        responder.awaitHeard("confirmed 1 " + seq);
    }

    private long dropped() {
        return broker.runtime().metrics().droppedReplies();
    }

    /** What the loop has to tell is told, and what it did about it is applied. */
    private void settle() {
        requester.on(s -> {});
        Client.await(broker.submit(new Probe(false)));
    }

    private byte[] load(long shared) {
        return Client.await(broker.loadShared(shared, 1));
    }

    @Test
    void itIsACopyOfTheMessageAlone() {
        broker.hold();
        responder.on(s -> {
            s.publish(1, ++seq, Client.to("nowhere"), Client.content(new byte[100_000]));
            s.publish(1, ++seq, TO, Client.content("hello"));
        });
        broker.release();
        requester.awaitHeard("reply 3 a hello");
        assertEquals(2 + 5, requester.direct.get(0).bytes().length, "not all of its batch stays in memory");
    }

    @Test
    void aStoredBodyStaysUntilItIsWritten() {
        replyInParts(5);
        requester.awaitHeard("reply 3 a stored " + (MIB + 5));
        long shared = requester.direct.get(0).shared();
        responder.close();
        settle();
        assertEquals(5, load(shared).length, "who sent it may go");
        requester.on(s -> requester.unwritten.get(0).run());
        settle();
        assertNull(load(shared));
        responder = new Client(broker).open();
    }

    @Test
    void aStoredBodyGoesWithTheConnection() {
        replyInParts(5);
        requester.awaitHeard("reply 3 a stored " + (MIB + 5));
        long shared = requester.direct.get(0).shared();
        Client.await(requester.start(new CloseChannel(requester.session.id(), 3, List.of())));
        assertNotNull(load(shared), "a channel's message that is being written is written to its end");
        requester.close();
        Client.await(broker.submit(new Probe(false)));
        assertNull(load(shared));
        requester = new Client(broker).open();
    }

    @Test
    void whatTheClientDoesNotTakeIsDroppedAndCounted() {
        for (int i = 0; i < 6; i++) {
            reply(new byte[MIB]);
        }
        settle();
        assertEquals(3, requester.direct.size(), "4 MiB with what each takes beside");
        assertEquals(3, dropped());
        requester.on(s -> requester.unwritten.get(0).run());
        reply(new byte[MIB]);
        reply(new byte[MIB]);
        settle();
        assertEquals(4, requester.direct.size());
        assertEquals(4, dropped());
    }

    @Test
    void theBodyOfADroppedOneGoes() {
        for (int i = 0; i < 4; i++) {
            reply(new byte[MIB - 1_000]);
        }
        replyInParts(5); // whose few octets in memory have room
        settle();
        long kept = requester.direct.get(4).shared();
        for (int i = 0; i < 20; i++) {
            reply(new byte[0]);
        }
        assertTrue(dropped() > 0, "it is full now");
        long before = dropped();
        replyInParts(5);
        assertEquals(before + 1, dropped());
        settle();
        settle();
        assertNotNull(load(kept));
        assertNull(load(kept + 1), "numbers are given in order");
    }

    /** What it is told does not wait for a client that reads slowly, so what waits is in the budget. */
    @Test
    void aMessageThatComesBackDoesNotHoldItUp() {
        requester.on(s -> {
            long upload = s.uploadPart(0, Client.content(new byte[MIB]));
            s.uploadPart(upload, Client.content("end"));
            Session.PublishTarget nowhere = new Session.PublishTarget("/", "", "nowhere", true);
            s.publishUpload(1, 1, nowhere, Client.content(""), upload, MIB + 3);
        });
        requester.awaitHeard("returning 1 1 nowhere " + (MIB + 3) + " bytes");
        reply(new byte[] {'x'});
        requester.awaitHeard("reply 3 a x");
        assertFalse(requester.heard().contains("confirmed 1 1"));
        requester.on(s -> requester.returned.run());
        requester.awaitHeard("confirmed 1 1");
    }

    @Test
    void theBudgetHasTwoBounds() {
        ReplyBudget b = new ReplyBudget(NodeReplies.ofHeap());
        assertTrue(b.take(10, 2 * ReplyBudget.MOST_STORED), "one is always taken");
        assertFalse(b.take(10, 1));
        assertTrue(b.take(10, 0));
        b.give(10, 2 * ReplyBudget.MOST_STORED);
        assertTrue(b.take(10, 1));
        assertFalse(b.take((int) ReplyBudget.MOST_BYTES, 0));
    }
}
