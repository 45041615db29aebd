package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.access.AccessState;
import io.tallymq.broker.access.Rights;
import io.tallymq.broker.access.Rights.Act;
import io.tallymq.broker.change.AlterVhost;
import io.tallymq.broker.change.Change;
import io.tallymq.broker.change.ClearLimit;
import io.tallymq.broker.change.ClearPermission;
import io.tallymq.broker.change.ClearTopicPermission;
import io.tallymq.broker.change.DeleteUser;
import io.tallymq.broker.change.DeleteVhost;
import io.tallymq.broker.change.FirstUser;
import io.tallymq.broker.change.Rehash;
import io.tallymq.broker.change.SetGlobalParameter;
import io.tallymq.broker.change.SetLimit;
import io.tallymq.broker.change.SetLimits;
import io.tallymq.broker.change.SetPermission;
import io.tallymq.broker.change.SetTopicPermission;
import io.tallymq.broker.change.SetUser;
import io.tallymq.broker.change.SetVhost;
import io.tallymq.broker.command.Administer;
import io.tallymq.broker.command.ByUser;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.command.NoteAction;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.ScheduleMessage;
import io.tallymq.broker.command.SetPolicy;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.Extension.Later;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConnectionInfo;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.broker.spec.PasswordHash;
import io.tallymq.broker.spec.Permission;
import io.tallymq.broker.spec.PolicySpec;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.broker.spec.TopicPermission;
import io.tallymq.broker.spec.UserSpec;
import io.tallymq.broker.spec.VhostChange;
import io.tallymq.broker.spec.VhostSpec;
import io.tallymq.broker.view.AccessView;
import io.tallymq.broker.view.User;
import io.tallymq.broker.view.Vhost;
import io.tallymq.store.MemoryStore;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Users, virtual hosts and who may do what: what is there after each change, and after a restart. */
class AdministerTest {
    private static final PasswordHash HASH = new PasswordHash("rabbit_password_hashing_sha256", "c2FsdA==");

    private final MemoryStore store = new MemoryStore();
    private final OneNode node = new OneNode(store, MachineLimits.FORMAT_1);
    private long connections = 10;

    @BeforeEach
    void cluster() {
        node.raise(4);
        assertEquals(Reply.OK, change(new FirstUser("root", HASH, "/")));
    }

    private Reply change(Change c) {
        Reply reply = node.apply(new Administer("root", "127.0.0.1", c));
        restartIsTheSame();
        return reply;
    }

    /** Whoever comes back from the store knows all of it. */
    private void restartIsTheSame() {
        node.commit();
        long before = node.machine.digest();
        node.machine = new BrokerMachine(store, MachineLimits.FORMAT_1);
        assertEquals(before, node.machine.digest());
    }

    private static String text(Reply r) {
        return assertInstanceOf(Reply.Rejected.class, r).text();
    }

    private User user(String name) {
        return node.machine.access().user(name);
    }

    private Reply addUser(String name) {
        return change(new SetUser(name, new UserSpec(HASH, List.of())));
    }

    private Reply open(String user, String vhost) {
        ConnectionInfo i = OneNode.info();
        return node.apply(new OpenConnection(
                new ConnectionId("n1", connections++),
                new ConnectionInfo(i.name(), vhost, user, i.peer(), i.local(), i.negotiated(), Arguments.NONE)));
    }

    private Reply declare(String vhost, String name, Map<String, Object> arguments) {
        QueueSpec spec = new QueueSpec(true, false, false, new Arguments(new TreeMap<>(arguments)));
        return node.apply(new DeclareQueue(node.connection, vhost, name, spec, false));
    }

    @Test
    void theFirstUserMayDoEverythingAndIsTheOnlyFirst() {
        assertEquals(List.of("administrator"), user("root").spec().tags());
        assertEquals(Map.of("/", new Permission(".*", ".*", ".*")), user("root").permissions());
        assertEquals(Reply.IGNORED, change(new FirstUser("late", HASH, "/")));
        assertNull(user("late"));
    }

    /** Tools may be quicker than the leader. */
    @Test
    void whoeverWasMadeBeforeTheFirstUserKeepsHisPassword() {
        MemoryStore other = new MemoryStore();
        OneNode early = new OneNode(other, MachineLimits.FORMAT_1);
        early.raise(4);
        PasswordHash own = new PasswordHash("rabbit_password_hashing_sha256", "b3du");
        early.apply(new Administer("root", "", new SetUser("root", new UserSpec(own, List.of("administrator")))));
        early.apply(new Administer("node", "", new FirstUser("root", HASH, "/")));
        User root = early.machine.access().user("root");
        assertEquals(own, root.spec().password());
        assertEquals(Map.of("/", new Permission(".*", ".*", ".*")), root.permissions());
        assertTrue(early.machine.access().isInitialised());
    }

    @Test
    void aClusterMayBeginWithAnotherVhost() {
        OneNode other = new OneNode(new MemoryStore(), MachineLimits.FORMAT_1);
        other.raise(4);
        other.apply(new Administer("n1", "", new FirstUser("ann", HASH, "shop")));
        assertEquals(List.of("/", "shop"), List.copyOf(other.machine.vhosts()));
        assertEquals(2, other.machine.access().user("ann").permissions().size());
        assertTrue(other.machine.exchanges().stream().anyMatch(x -> x.vhost().equals("shop")));
    }

    @Test
    void aUserKeepsWhatHeMayDoWhenHisPasswordChanges() {
        assertEquals(new Reply.Changed(true), addUser("ann"));
        change(new SetPermission("/", "ann", new Permission("", "^a", ".*")));
        assertEquals(
                new Reply.Changed(false),
                change(new SetUser("ann", new UserSpec(PasswordHash.NONE, List.of("monitoring")))));
        assertEquals(Map.of("/", new Permission("", "^a", ".*")), user("ann").permissions());
        assertEquals(PasswordHash.NONE, user("ann").spec().password());
        assertEquals(Reply.OK, change(new DeleteUser("ann")));
        addUser("ann");
        assertEquals(Map.of(), user("ann").permissions());
    }

    @Test
    void theLastAdministratorStaysAndCanLogIn() {
        UserSpec administrator = new UserSpec(HASH, List.of("administrator"));
        change(new SetUser("dumb", new UserSpec(PasswordHash.NONE, List.of("administrator"))));
        addUser("ann");
        long changes = node.machine.access().audit().size();
        assertTrue(text(change(new DeleteUser("root"))).contains("the last administrator who can log in"));
        assertTrue(text(change(new SetUser("root", new UserSpec(HASH, List.of("monitoring")))))
                .contains("keeps the tag administrator"));
        assertTrue(text(change(new SetUser("root", new UserSpec(PasswordHash.NONE, List.of("administrator")))))
                .contains("and a password"));
        assertEquals(administrator, user("root").spec());
        assertEquals(changes, node.machine.access().audit().size());
        assertEquals(new Reply.Changed(false), change(new SetUser("root", administrator)));
        assertEquals(Reply.OK, change(new DeleteUser("dumb")));
        assertEquals(new Reply.Changed(false), change(new SetUser("ann", administrator)));
        assertEquals(Reply.OK, change(new DeleteUser("root")));
        assertTrue(text(change(new DeleteUser("ann"))).contains("'ann' is the last"));
    }

    @Test
    void aPasswordIsKeptAnotherWayOnlyWhileItIsTheSame() {
        addUser("ann");
        PasswordHash better = new PasswordHash("pbkdf2", "eA==");
        assertEquals(Reply.IGNORED, change(new Rehash("ann", PasswordHash.NONE, better)));
        assertEquals(HASH, user("ann").spec().password());
        assertEquals(Reply.OK, change(new Rehash("ann", HASH, better)));
        assertEquals(better, user("ann").spec().password());
        assertEquals(2, node.machine.access().audit().size()); // it is nothing that an administrator did
    }

    @Test
    void whatIsNotThereIsNotFoundAndWhatCanNotBeIsRefused() {
        assertEquals("user 'ann' not found", text(change(new DeleteUser("ann"))));
        assertEquals("vhost 'v' not found", text(change(new DeleteVhost("v"))));
        assertEquals("user 'ann' not found", text(change(new SetPermission("/", "ann", new Permission("", "", "")))));
        assertEquals("vhost 'v' not found", text(change(new SetPermission("v", "root", new Permission("", "", "")))));
        assertTrue(text(change(new SetPermission("/", "root", new Permission("(", "", ""))))
                .contains("configure: "));
        assertTrue(text(change(new SetVhost("", VhostSpec.PLAIN))).contains("name: 1 to 255 bytes"));
        assertTrue(text(change(new SetVhost("a\0b", VhostSpec.PLAIN))).contains("control characters"));
        assertTrue(text(change(new SetVhost("v", new VhostSpec("", List.of(), "bag", false))))
                .contains("'bag' is none of"));
        assertTrue(
                text(change(new SetLimit(true, "root", "max-queues", 1))).contains("max-channels and max-connections"));
        assertEquals("no global parameter 'x'", text(change(new io.tallymq.broker.change.ClearGlobalParameter("x"))));
        assertEquals(1, node.machine.access().audit().size());
    }

    @Test
    void aChangeIsInTheListOfChanges() {
        addUser("ann");
        var last = node.machine.access().audit().get(1);
        assertEquals(
                "root 127.0.0.1 user.set ann ",
                last.by() + " " + last.from() + " " + last.what() + " " + last.subject());
    }

    @Test
    void theListOfChangesIsBounded() {
        for (int i = 0; i < 1_005; i++) {
            node.apply(new Administer("root", "", new SetGlobalParameter("p", "" + i)));
        }
        restartIsTheSame();
        assertEquals(1_000, node.machine.access().audit().size());
        assertEquals(1_006, node.machine.access().audit().get(999).number());
    }

    /** Programs declare and delete queues by HTTP all day: who changed rights is still there. */
    @Test
    void queuesDoNotDriveRightsOutOfTheListOfChanges() {
        node.raise(5);
        addUser("ann");
        for (int i = 0; i < 1_005; i++) {
            node.apply(new ByUser(
                    "root",
                    "",
                    new DeclareExchange(
                            "/", "x" + i, new ExchangeSpec("fanout", true, false, false, Arguments.NONE), false)));
        }
        restartIsTheSame();
        var audit = node.machine.access().audit();
        assertEquals(502, audit.size());
        assertEquals("user.set", audit.get(1).what());
        assertEquals("exchange 'x505' in vhost '/'", audit.get(2).subject());
        assertEquals("exchange 'x1004' in vhost '/'", audit.get(501).subject());
    }

    /** What programs do all day stands there once, the last time; what people do each time; neither more than is kept at all. */
    @Test
    void whatWasDoneIsToldByWhomAndFromWhere() {
        node.raise(5);
        long version = node.machine.access().version();
        assertEquals(Reply.OK, did("ann", new NoteAction("leader.set", "node 'n2'", " in place of 'n1'", false)));
        did("ann", new NoteAction("leader.set", "node 'n2'", " in place of 'n3'", false));
        did("ann", new NoteAction("queue.get", "queue 'q' in vhost '/'", ": 5 messages", true));
        did("bob", new NoteAction("queue.get", "queue 'q' in vhost '/'", ": 7 messages", true));
        did("ann", new NoteAction("queue.get", "queue 'r' in vhost '/'", ": 8 messages", true));
        did("ann", new NoteAction("queue.get", "queue 'q' in vhost '/'", ": 6 messages", true));
        restartIsTheSame();
        assertEquals(
                List.of(
                        "ann 192.0.2.4 leader.set node 'n2' in place of 'n1'",
                        "ann 192.0.2.4 leader.set node 'n2' in place of 'n3'",
                        "bob 192.0.2.4 queue.get queue 'q' in vhost '/': 7 messages",
                        "ann 192.0.2.4 queue.get queue 'r' in vhost '/': 8 messages",
                        "ann 192.0.2.4 queue.get queue 'q' in vhost '/': 6 messages"),
                node.machine.access().audit().stream()
                        .skip(1)
                        .map(e -> e.by() + " " + e.from() + " " + e.what() + " " + e.subject())
                        .toList());
        assertEquals(version, node.machine.access().version(), "nobody looks again at what users may do");
        for (int i = 0; i < 1_005; i++) {
            did("ann", new NoteAction("backup.take", "node 'n" + i + "'", "", i % 2 == 0));
        }
        assertEquals(1_000, node.machine.access().audit().size());
    }

    /** Alone it says of nobody that he did it, and below its level nothing is noted. */
    @Test
    void anActionIsNotedOnlyInTheNameOfAUser() {
        NoteAction note = new NoteAction("leader.set", "node 'n2'", "", false);
        assertTrue(text(did("ann", note)).contains("level"));
        node.raise(5);
        assertEquals(Reply.OK, node.apply(note));
        assertEquals(1, node.machine.access().audit().size());
    }

    private Reply did(String user, NoteAction note) {
        return node.apply(new ByUser(user, "192.0.2.4", note));
    }

    @Test
    void aNewVhostHasTheExchangesThatEveryOneHas() {
        assertEquals(new Reply.Changed(true), change(new SetVhost("v", new VhostSpec("d", List.of("t"), "", false))));
        assertEquals(new Reply.Changed(false), change(new SetVhost("v", VhostSpec.PLAIN)));
        long of = node.machine.exchanges().stream()
                .filter(x -> x.vhost().equals("v"))
                .count();
        long first = node.machine.exchanges().stream()
                .filter(x -> x.vhost().equals("/"))
                .count();
        assertEquals(first, of);
        assertInstanceOf(Reply.QueueDeclared.class, declare("v", "q", Map.of()));
        assertEquals("vhost 'w' not found", text(declare("w", "q", Map.of())));
        assertEquals("vhost w not found", text(open("root", "w")));
        assertEquals(Reply.OK, open("root", "v"));
    }

    /** Two nodes were asked at the same time, and each had seen the virtual host as it was before both. */
    @Test
    void changesOfAVhostThatAreUnderWayTogetherBothStand() {
        node.raise(5);
        assertEquals(
                new Reply.Changed(true),
                change(new AlterVhost("v", true, new VhostChange("d", List.of("t"), "quorum", null))));
        assertEquals(
                new VhostSpec("d", List.of("t"), "quorum", false), vhost("v").spec());
        change(new AlterVhost("v", false, VhostChange.protection(true)));
        assertEquals(
                new Reply.Changed(false),
                change(new AlterVhost("v", true, new VhostChange("another", null, null, null))));
        assertEquals(
                new VhostSpec("another", List.of("t"), "quorum", true),
                vhost("v").spec());
        change(new AlterVhost("v", true, new VhostChange(null, List.of(), "", null)));
        assertEquals(new VhostSpec("another", List.of(), "", true), vhost("v").spec());
        assertEquals("vhost.set", node.machine.access().audit().get(4).what());
    }

    @Test
    void whatIsSaidOfAVhostIsLookedAtAndOneThatIsGoneIsNotMadeByIt() {
        node.raise(5);
        assertEquals("vhost 'v' not found", text(change(new AlterVhost("v", false, VhostChange.protection(true)))));
        assertTrue(text(change(new AlterVhost("v", true, new VhostChange(null, null, "bag", null))))
                .contains("is none of"));
        assertNull(vhost("v"));
    }

    @Test
    void limitsOfAVhostAreTakenTogetherOrNotAtAll() {
        node.raise(5);
        change(new SetLimit(false, "/", Vhost.MAX_QUEUES, 3));
        assertTrue(text(change(new SetLimits("/", Map.of(Vhost.MAX_CONNECTIONS, 0L, "max-qeues", 5L))))
                .contains("max-qeues"));
        assertEquals(Map.of(Vhost.MAX_QUEUES, 3L), vhost("/").limits());
        assertEquals(new Reply.Changed(false), change(new SetLimits("/", Map.of(Vhost.MAX_CONNECTIONS, 7L))));
        assertEquals(Map.of(Vhost.MAX_CONNECTIONS, 7L), vhost("/").limits());
        assertEquals(
                "vhost / max-connections 7",
                node.machine.access().audit().get(2).subject());
        change(new SetLimits("/", Map.of(Vhost.MAX_CONNECTIONS, -1L)));
        assertEquals(Map.of(), vhost("/").limits());
        assertEquals(new Reply.Changed(true), change(new SetLimits("/", Map.of(Vhost.MAX_QUEUES, 1L))));
        assertEquals("vhost 'w' not found", text(change(new SetLimits("w", Map.of()))));
    }

    /** Programs of that level can't read them. */
    @Test
    void newerChangesAreRefusedBelowTheirLevel() {
        assertTrue(text(change(new AlterVhost("v", true, VhostChange.protection(true))))
                .contains("level"));
        assertTrue(
                text(change(new SetLimits("/", Map.of(Vhost.MAX_QUEUES, 1L)))).contains("level"));
        assertNull(vhost("v"));
        assertEquals(Map.of(), vhost("/").limits());
    }

    private Vhost vhost(String name) {
        return node.machine.access().vhost(name);
    }

    @Test
    void aVhostGoesWithAllThatIsInItInSmallSteps() {
        addUser("ann");
        change(new SetVhost("v", VhostSpec.PLAIN));
        change(new SetPermission("v", "ann", new Permission("", "", "")));
        change(new SetTopicPermission("v", "ann", "amq.topic", new TopicPermission("a", "b")));
        PolicySpec policy = new PolicySpec("q", "all", 0, new Arguments(Map.of("max-length", 7L)));
        node.apply(new SetPolicy("v", "p", false, policy));
        for (int i = 0; i < 300; i++) {
            declare("v", "q" + i, Map.of());
            declare("/", "q" + i, Map.of());
        }
        node.apply(
                new DeclareExchange("v", "x", new ExchangeSpec("fanout", true, false, false, Arguments.NONE), false));
        assertEquals(Reply.OK, change(new DeleteVhost("v")));
        assertFalse(node.machine.vhosts().contains("v"));
        assertTrue(text(change(new SetVhost("v", VhostSpec.PLAIN))).contains("being deleted"));
        assertEquals("vhost 'v' not found", text(declare("v", "q", Map.of())));
        assertFalse(new Rights(node.machine::access, "ann", "v").mayEnter());
        int entries = 0;
        while (node.machine.owes() && entries < 1_000) {
            node.apply(new Probe(false));
            restartIsTheSame();
            entries++;
        }
        assertTrue(entries > 3 && entries < 100, entries + " entries");
        assertNull(node.machine.access().vhost("v"));
        assertEquals(Map.of(), user("ann").permissions());
        assertEquals(Map.of(), user("ann").topicPermissions());
        assertEquals(300, node.machine.queues().size());
        assertTrue(node.machine.exchanges().stream().noneMatch(x -> x.vhost().equals("v")));
        assertEquals(List.of(), node.machine.policies(false));
        assertEquals(new Reply.Changed(true), change(new SetVhost("v", VhostSpec.PLAIN)));
        assertInstanceOf(Reply.QueueDeclared.class, declare("v", "q1", Map.of()));
    }

    /** Connections of a virtual host that goes may be open for a moment: what they publish for later would come out in a new one of its name. */
    @Test
    void nothingIsKeptForLaterInAVhostThatGoes() {
        change(new SetVhost("v", VhostSpec.PLAIN));
        long due = 1_000_000;
        ByteWriter plain = new ByteWriter();
        MessageRecord.writeHeader(plain, 0, 0, 2, 0);
        byte[] record = plain.uint16(0).toBytes();
        Route route = new Route("v", "", "q");
        ByteWriter w = new ByteWriter();
        byte[] more = new Extension(List.of(), 0, -1, false, new Later(due, 0, "")).encode();
        MessageRecord.writeHeader(w, 0, 0, more.length, 2, 0);
        w.raw(more, 0, more.length).uint16(0);
        Publish later = new Publish(List.of(route), w.array(), 0, w.size(), 0, Origins.NONE);
        node.apply(later);
        assertEquals(1, node.machine.schedule.size());
        change(new DeleteVhost("v"));
        do {
            node.apply(later);
            node.apply(new ScheduleMessage(route, "job", due, record));
            restartIsTheSame();
        } while (node.machine.owes());
        node.apply(later);
        assertEquals(0, node.machine.schedule.size());
    }

    /** Each user that changes is made anew, with all that he may do elsewhere. */
    @Test
    void manyUsersOfAVhostThatGoesAreTakenOutSomePerEntry() {
        node.apply(new Administer("root", "", new SetVhost("v", VhostSpec.PLAIN)));
        for (int i = 0; i < 200; i++) {
            String name = "u" + i;
            node.apply(new Administer("root", "", new SetUser(name, new UserSpec(HASH, List.of()))));
            node.apply(new Administer("root", "", new SetPermission("v", name, new Permission("", "", ""))));
        }
        node.apply(new Administer("root", "", new DeleteUser("u7")));
        node.apply(new Administer("root", "", new DeleteVhost("v")));
        long before = members();
        assertTrue(before > 100, before + " are left");
        while (node.machine.owes()) {
            node.apply(new Probe(false));
            restartIsTheSame();
            long now = members();
            assertTrue(before - now <= 50, (before - now) + " in one entry");
            before = now;
        }
        assertEquals(0, before);
        assertEquals(new Reply.Changed(true), change(new SetVhost("v", VhostSpec.PLAIN)));
        assertEquals(0, members());
    }

    private long members() {
        return node.machine.access().users().stream()
                .filter(u -> u.permissions().containsKey("v"))
                .count();
    }

    @Test
    void theFirstVhostMayGoAndDoesNotComeBack() {
        change(new SetVhost("v", VhostSpec.PLAIN));
        assertEquals(Reply.OK, change(new DeleteVhost("/")));
        while (node.machine.owes()) {
            node.apply(new Probe(false));
            restartIsTheSame();
        }
        assertEquals(List.of("v"), List.copyOf(node.machine.vhosts()));
        assertTrue(node.machine.exchanges().stream().allMatch(x -> x.vhost().equals("v")));
    }

    @Test
    void aProtectedVhostStays() {
        change(new SetVhost("v", new VhostSpec("", List.of(), "", true)));
        assertTrue(text(change(new DeleteVhost("v"))).contains("protected"));
    }

    @Test
    void aVhostHasSoManyQueuesAndConnectionsAtMost() {
        change(new SetLimit(false, "/", Vhost.MAX_QUEUES, 1));
        change(new SetLimit(false, "/", Vhost.MAX_CONNECTIONS, 2)); // one is there
        declare("/", "q", Map.of());
        assertEquals(
                "cannot declare queue 'r': queue limit in vhost '/' (1) is reached", text(declare("/", "r", Map.of())));
        assertInstanceOf(Reply.QueueDeclared.class, declare("/", "q", Map.of()));
        assertEquals(Reply.OK, open("root", "/"));
        restartIsTheSame();
        assertEquals(
                "access to vhost '/' refused for user 'root': connection limit (2) is reached",
                text(open("root", "/")));
        change(new ClearLimit(false, "/", null));
        assertEquals(Reply.OK, open("root", "/"));
        assertInstanceOf(Reply.QueueDeclared.class, declare("/", "r", Map.of()));
    }

    @Test
    void aUserHasSoManyConnectionsAtMost() {
        addUser("ann");
        change(new SetLimit(true, "ann", User.MAX_CONNECTIONS, 1));
        assertEquals(Reply.OK, open("ann", "/"));
        assertEquals("connection refused for user 'ann': user connection limit (1) is reached", text(open("ann", "/")));
        assertEquals(new Reply.Changed(false), change(new SetLimit(true, "ann", User.MAX_CONNECTIONS, -1)));
        assertEquals(Reply.OK, open("ann", "/"));
    }

    @Test
    void queuesWithoutATypeAreOfTheVhosts() {
        change(new SetVhost("/", new VhostSpec("", List.of(), "quorum", false)));
        declare("/", "q", Map.of());
        declare("/", "c", Map.of("x-queue-type", "classic"));
        assertEquals("quorum", node.queue("q").spec().arguments().get("x-queue-type"));
        assertEquals("classic", node.queue("c").spec().arguments().get("x-queue-type"));
        assertInstanceOf(Reply.QueueDeclared.class, declare("/", "q", Map.of()));
        QueueSpec exclusive = new QueueSpec(true, true, false, Arguments.NONE);
        node.apply(new DeclareQueue(node.connection, "/", "e", exclusive, false));
        assertEquals(Arguments.NONE, node.queue("e").spec().arguments());
    }

    @Test
    void rightsAreThoseOfThisMoment() {
        addUser("ann");
        Rights rights = new Rights(node.machine::access, "ann", "/");
        assertFalse(rights.mayEnter());
        change(new SetPermission("/", "ann", new Permission("", "^o", "^(o|amq\\.default)")));
        rights = new Rights(node.machine::access, "ann", "/");
        assertTrue(rights.mayEnter());
        assertFalse(rights.may(Act.CONFIGURE, "orders"));
        assertTrue(rights.may(Act.WRITE, "orders"));
        assertFalse(rights.may(Act.WRITE, "bills"));
        assertTrue(rights.may(Act.READ, ""));
        node.apply(new Administer("root", "", new ClearPermission("/", "ann")));
        assertFalse(rights.may(Act.WRITE, "orders"));
        assertFalse(rights.mayEnter());
        node.apply(new Administer("root", "", new DeleteUser("ann")));
        assertFalse(rights.isThere());
    }

    /** A number of the state would not do: both have seen as many changes. */
    @Test
    void whatWasAllowedIsAskedAnewAfterAnotherStateWasInstalled() {
        AccessState before = new AccessState(new MemoryStore(), () -> 0);
        AccessState installed = new AccessState(new MemoryStore(), () -> 0);
        AtomicReference<AccessView> view = new AtomicReference<>(before);
        Rights rights = new Rights(view::get, "ann", "/");
        long version = rights.version();
        assertEquals(version, rights.version());
        view.set(installed);
        assertNotEquals(version, rights.version());
    }

    @Test
    void topicPermissionsLookAtTheRoutingKeyAndTakeNamesLiterally() {
        addUser(".*");
        addUser("ann");
        change(new SetTopicPermission("/", "ann", "amq.topic", new TopicPermission("^{username}\\.", "")));
        change(new SetTopicPermission("/", ".*", "amq.topic", new TopicPermission("^{username}\\.", "")));
        Rights ann = new Rights(node.machine::access, "ann", "/");
        Rights sly = new Rights(node.machine::access, ".*", "/");
        assertTrue(ann.mayOnTopic(Act.WRITE, "amq.topic", "ann.x"));
        assertFalse(ann.mayOnTopic(Act.WRITE, "amq.topic", "bob.x"));
        assertFalse(ann.mayOnTopic(Act.READ, "amq.topic", "ann.x"));
        assertTrue(ann.mayOnTopic(Act.READ, "other", "ann.x"));
        assertFalse(sly.mayOnTopic(Act.WRITE, "amq.topic", "bob.x"));
        assertTrue(sly.mayOnTopic(Act.WRITE, "amq.topic", ".*.x"));
        change(new ClearTopicPermission("/", "ann", null));
        assertEquals(Map.of(), user("ann").topicPermissions());
    }

    private Reply topic(int number) {
        var permission = new TopicPermission("^a", "^b");
        String user = "u" + number / AccessState.MOST_TOPIC_PERMISSIONS;
        String exchange = "x" + number % AccessState.MOST_TOPIC_PERMISSIONS;
        return node.apply(new Administer("root", "", new SetTopicPermission("/", user, exchange, permission)));
    }

    /** Each user may have a hundred in each virtual host: all together would be ten millions, with two expressions each. */
    @Test
    void topicPermissionsOfAllAreSoMany() {
        int most = 100_000;
        for (int i = 0; i <= most / AccessState.MOST_TOPIC_PERMISSIONS + 1; i++) {
            node.apply(new Administer("root", "", new SetUser("u" + i, new UserSpec(HASH, List.of()))));
        }
        for (int i = 0; i < most; i++) {
            assertInstanceOf(Reply.Changed.class, topic(i));
        }
        assertInstanceOf(Reply.Changed.class, topic(most), "as ever below level 5");
        node.raise(5);
        assertTrue(text(topic(most + 1)).contains("limit topic permissions"), text(topic(most + 1)));
        assertInstanceOf(Reply.Changed.class, topic(0), "another one in the place of one");
        change(new ClearTopicPermission("/", "u0", "x0"));
        assertInstanceOf(Reply.Rejected.class, topic(0), "there was one too many");
        change(new DeleteUser("u1"));
        for (int i = 0; i < AccessState.MOST_TOPIC_PERMISSIONS; i++) {
            assertInstanceOf(Reply.Changed.class, topic(most + 1 + i));
            if (i == 1) {
                restartIsTheSame();
            }
        }
    }

    @Test
    void belowItsLevelNothingIsAdministered() {
        OneNode old = new OneNode(new MemoryStore(), MachineLimits.FORMAT_1);
        old.raise(3);
        assertEquals(540, ((Reply.Rejected) old.apply(new Administer("a", "", new FirstUser("a", HASH, "/")))).code());
        assertFalse(old.machine.access().isInitialised());
        assertTrue(new Rights(old.machine::access, "guest", "/").may(Act.CONFIGURE, "q"));
    }
}
