package io.tallymq.raft.log.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.format.Versions;
import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.link.LinkHandshake.Challenge;
import io.tallymq.raft.log.link.LinkHandshake.Hello;
import io.tallymq.raft.log.link.LinkHandshake.Purpose;
import io.tallymq.raft.log.link.LinkHandshake.RefusedException;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class LinkHandshakeTest {
    private static LinkHandshake node(String name, int min, int max) {
        return new LinkHandshake("c", new RaftNodeConfig.Peer(name, "127.0.0.1", 1, 2), "s", new Versions(min, max));
    }

    /** During a rolling upgrade an old and a new node understand each other, whoever dials. */
    @Test
    void theHighestVersionThatBothSpeakIsTaken() throws Exception {
        assertEquals(2, agree(node("a", 1, 2), node("b", 1, 3)));
        assertEquals(2, agree(node("a", 2, 4), node("b", 1, 2)));
        assertEquals(1, agree(node("a", 1, 1), node("b", 1, 1)));
    }

    private static int agree(LinkHandshake dialling, LinkHandshake accepting) throws IOException {
        Hello hello = dialling.hello("b", Purpose.BATCHES);
        Hello heard = accepting.accept(LinkHandshake.encode(hello));
        Challenge challenge = accepting.challenge(heard);
        accepting.check(heard, challenge, dialling.answer(hello, LinkHandshake.encode(challenge)));
        return challenge.version();
    }

    @Test
    void withoutACommonVersionTheReasonIsSaid() {
        byte[] hello = LinkHandshake.encode(node("a", 3, 4).hello("b", Purpose.BATCHES));
        RefusedException refused =
                assertThrows(RefusedException.class, () -> node("b", 1, 2).accept(hello));
        assertTrue(refused.getMessage().contains("version 3 to 4, this one 1 to 2"), refused.getMessage());
    }

    @Test
    void aCheckpointOfAGroupThatIsNotThereIsRefused() {
        Hello hello = node("a", 1, 1).hello("b", Purpose.CHECKPOINT);
        byte[] other = LinkHandshake.encode(new Hello(
                hello.versions(),
                hello.purpose(),
                3,
                hello.cluster(),
                hello.from(),
                hello.name(),
                hello.to(),
                hello.nonce()));
        RefusedException refused =
                assertThrows(RefusedException.class, () -> node("b", 1, 1).accept(other));
        assertTrue(refused.getMessage().startsWith("no such group"), refused.getMessage());
    }

    @Test
    void aVersionChangedOnTheWayIsNoticed() throws Exception {
        LinkHandshake a = node("a", 1, 3);
        LinkHandshake b = node("b", 1, 3);
        Hello hello = a.hello("b", Purpose.BATCHES);
        byte[] challenge = LinkHandshake.encode(b.challenge(b.accept(LinkHandshake.encode(hello))));
        challenge[1] = 1;
        assertThrows(RefusedException.class, () -> a.answer(hello, challenge));
    }
}
