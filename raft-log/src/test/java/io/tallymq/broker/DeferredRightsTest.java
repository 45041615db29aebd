package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.change.Change;
import io.tallymq.broker.change.FirstUser;
import io.tallymq.broker.change.SetPermission;
import io.tallymq.broker.change.SetUser;
import io.tallymq.broker.command.Administer;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.Settle.Outcome;
import io.tallymq.broker.command.SettleWith;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.PasswordHash;
import io.tallymq.broker.spec.Permission;
import io.tallymq.broker.spec.UserSpec;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A token is for who may read its queue, at this moment; and each look for one counts. */
class DeferredRightsTest extends OneNodeTest {
    private static final PasswordHash HASH = new PasswordHash("rabbit_password_hashing_sha256", "c2FsdA==");

    @BeforeEach
    void deferred() {
        node.raise(BrokerMachine.LEVELS.max());
        node.declare("q");
        node.apply(OneNode.messages(1, 20, new Route("/", "", "q")));
        Delivery d = assertInstanceOf(Reply.Got.class, get("q")).delivery();
        var defer = new SettleWith.Defer("t", "", null);
        assertEquals(
                Reply.OK, node.apply(new SettleWith(d.holder(), Outcome.NACK_REQUEUE, d.firstSeq(), 0, null, defer)));
        change(new FirstUser("root", HASH, "/"));
        change(new SetUser("guest", new UserSpec(HASH, List.of()))); // the one who is connected
    }

    private void change(Change c) {
        assertFalse(node.apply(new Administer("root", "", c)) instanceof Reply.Rejected);
    }

    private Reply get(String queue) {
        return node.apply(new Get(node.connection, 1, "/", queue, false));
    }

    private void assertRefused() {
        for (int i = 0; i < 2; i++) {
            assertEquals(
                    403,
                    assertInstanceOf(Reply.Rejected.class, get("amq.deferred.t"))
                            .code());
        }
    }

    @Test
    void whatAUserMayIsThatOfThisMoment() {
        assertRefused();
        change(new SetPermission("/", "guest", new Permission("", "", "^r")));
        assertRefused();
        change(new SetPermission("/", "guest", new Permission("", "", "^q")));
        assertInstanceOf(Reply.Got.class, get("amq.deferred.t"));
    }

    @Test
    void eachLookCounts() {
        for (String token : List.of("t", "nobodys")) {
            node.commit();
            long before = node.machine.unwritten();
            get("amq.deferred." + token);
            assertTrue(node.machine.unwritten() > before, token);
        }
    }
}
