package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.access.Presence;
import io.tallymq.broker.access.Rights;
import io.tallymq.broker.access.Rights.Act;
import io.tallymq.broker.change.Change;
import io.tallymq.broker.change.DeleteUser;
import io.tallymq.broker.change.DeleteVhost;
import io.tallymq.broker.change.FirstUser;
import io.tallymq.broker.change.Rehash;
import io.tallymq.broker.change.SetLimit;
import io.tallymq.broker.change.SetPermission;
import io.tallymq.broker.change.SetUser;
import io.tallymq.broker.change.SetVhost;
import io.tallymq.broker.command.Administer;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.spec.PasswordHash;
import io.tallymq.broker.spec.Permission;
import io.tallymq.broker.spec.UserSpec;
import io.tallymq.broker.spec.VhostSpec;
import io.tallymq.broker.view.User;
import io.tallymq.broker.view.Vhost;
import io.tallymq.store.MemoryStore;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A user or virtual host that is deleted and made again by the same name is another one, and who was here before is told from who has its name now. */
class MadeAnewTest {
    private static final PasswordHash HASH = new PasswordHash("rabbit_password_hashing_sha256", "c2FsdA==");
    private static final PasswordHash BETTER = new PasswordHash("tallymq_pbkdf2_sha256", "c2FsdA==");
    private static final Permission ALL = new Permission(".*", ".*", ".*");

    private final MemoryStore store = new MemoryStore();
    private final OneNode node = new OneNode(store, MachineLimits.FORMAT_1);

    private void cluster(int level) {
        node.raise(level);
        change(new FirstUser("root", HASH, "/"));
        change(new SetUser("ann", new UserSpec(HASH, List.of())));
        change(new SetVhost("v", VhostSpec.PLAIN));
        change(new SetPermission("v", "ann", ALL));
    }

    private void change(Change c) {
        Reply reply = node.apply(new Administer("root", "127.0.0.1", c));
        assertFalse(reply instanceof Reply.Rejected, reply::toString);
        restartIsTheSame();
    }

    private void restartIsTheSame() {
        node.commit();
        long before = node.machine.digest();
        node.machine = new BrokerMachine(store, MachineLimits.FORMAT_1);
        assertEquals(before, node.machine.digest());
    }

    private User ann() {
        return node.machine.access().user("ann");
    }

    private Vhost vhost() {
        return node.machine.access().vhost("v");
    }

    private Rights here() {
        return new Rights(() -> node.machine.access(), "ann", "v", Presence.of(node.machine.access(), "ann"));
    }

    private void goes() {
        change(new DeleteVhost("v"));
        while (node.machine.owes()) {
            node.apply(new Probe(false));
            restartIsTheSame();
        }
    }

    @Test
    void aUserThatIsMadeAnewIsAnotherOne() {
        cluster(5);
        Rights before = here();
        assertTrue(before.mayEnter());
        long made = ann().made();
        assertNotEquals(0, made);
        change(new SetUser("ann", new UserSpec(HASH, List.of("monitoring"))));
        change(new SetLimit(true, "ann", User.MAX_CHANNELS, 7));
        change(new Rehash("ann", HASH, BETTER));
        change(new SetPermission("/", "ann", ALL));
        assertEquals(made, ann().made());
        assertTrue(before.isThere());
        assertTrue(before.may(Act.READ, "q"));

        change(new DeleteUser("ann"));
        change(new SetUser("ann", new UserSpec(HASH, List.of())));
        change(new SetPermission("v", "ann", ALL));
        assertNotEquals(made, ann().made());
        assertFalse(before.isThere());
        assertFalse(before.may(Act.READ, "q"));
        assertFalse(before.mayEnter());
        assertTrue(here().may(Act.READ, "q"));
        assertTrue(new Rights(() -> node.machine.access(), "ann", "v").may(Act.READ, "q")); // a name's
    }

    @Test
    void aVhostThatIsMadeAnewIsAnotherOne() {
        cluster(5);
        Rights before = here();
        assertTrue(before.isVhostThere());
        long made = vhost().made();
        assertNotEquals(0, made);
        change(new SetVhost("v", new VhostSpec("described", List.of(), "", false)));
        change(new SetLimit(false, "v", Vhost.MAX_QUEUES, 7));
        assertEquals(made, vhost().made());
        assertTrue(before.isVhostThere());

        goes();
        assertFalse(before.isVhostThere());
        change(new SetVhost("v", VhostSpec.PLAIN));
        change(new SetPermission("v", "ann", ALL));
        assertNotEquals(made, vhost().made());
        assertFalse(before.isVhostThere());
        assertFalse(before.mayEnter());
        assertFalse(before.may(Act.READ, "q"));
        assertTrue(before.isThere());
        assertTrue(here().may(Act.READ, "q"));
    }

    /** Records are what they were: older programs read them. */
    @Test
    void belowTheLevelNobodyKeepsIt() {
        cluster(4);
        assertEquals(0, ann().made());
        assertEquals(0, vhost().made());
        Rights before = here();
        assertTrue(before.mayEnter());
        node.raise(5);
        change(new SetUser("ann", new UserSpec(HASH, List.of("monitoring"))));
        assertTrue(before.mayEnter());
        change(new DeleteUser("ann"));
        change(new SetUser("ann", new UserSpec(HASH, List.of())));
        assertFalse(before.isThere());
    }

    /** Before the cluster has users its configured one may do everything; he is a user then, and the same. */
    @Test
    void whoIsMadeAUserWhileHeIsHereIsTheSame() {
        node.raise(5);
        Rights here = new Rights(() -> node.machine.access(), "root", "/", Presence.of(node.machine.access(), "root"));
        assertTrue(here.mayEnter());
        change(new FirstUser("root", HASH, "/"));
        assertTrue(here.isThere());
        assertTrue(here.may(Act.READ, "q"));
        change(new SetUser("boss", new UserSpec(HASH, List.of("administrator"))));
        change(new DeleteUser("root"));
        change(new SetUser("root", new UserSpec(HASH, List.of())));
        assertFalse(here.isThere());
    }
}
