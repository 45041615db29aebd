package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.tallymq.broker.change.Change;
import io.tallymq.broker.change.FirstUser;
import io.tallymq.broker.change.SetPermission;
import io.tallymq.broker.change.SetTopicPermission;
import io.tallymq.broker.change.SetUser;
import io.tallymq.broker.command.Administer;
import io.tallymq.broker.command.ByUser;
import io.tallymq.broker.command.CallOff;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.CommitTx;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.ScheduleMessage;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteReader;
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
import io.tallymq.broker.spec.TopicPermission;
import io.tallymq.broker.spec.UserSpec;
import io.tallymq.store.MemoryStore;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who takes the place of a scheduled message, or calls it off, is somebody who might have published it. */
class ScheduleRightsTest {
    private static final PasswordHash HASH = new PasswordHash("rabbit_password_hashing_sha256", "c2FsdA==");
    private static final Later LATER = new Later(1_000, 0, "job");
    private static final Later NOW = new Later(-1, 0, "job");
    private static final String REFUSED =
            "write access to exchange 'a' in vhost '/' refused for user 'bob': the scheduled message with x-schedule-id 'job' goes there";

    private final OneNode node = new OneNode(new MemoryStore(0), MachineLimits.FORMAT_1);
    private final ConnectionId ann = new ConnectionId("n1", 2);
    private final ConnectionId bob = new ConnectionId("n1", 3);

    private void at(int level) {
        node.raise(level);
        change(new FirstUser("root", HASH, "/"));
        for (String exchange : List.of("a", "b")) {
            var spec = new ExchangeSpec("topic", true, false, false, Arguments.NONE);
            node.apply(new DeclareExchange("/", exchange, spec, false));
        }
        may(ann, "ann", "a|amq.schedule");
        may(bob, "bob", "b|amq.schedule");
        publish(ann, "a", LATER);
        assertEquals(1, node.machine.scheduled(null, 10).items().size());
        node.restart();
    }

    private void may(ConnectionId id, String user, String write) {
        change(new SetUser(user, new UserSpec(HASH, List.of())));
        change(new SetPermission("/", user, new Permission("", write, "")));
        ConnectionInfo i = OneNode.info();
        assertEquals(
                Reply.OK,
                node.apply(new OpenConnection(
                        id,
                        new ConnectionInfo(i.name(), "/", user, i.peer(), i.local(), i.negotiated(), Arguments.NONE))));
    }

    private void change(Change c) {
        assertFalse(node.apply(new Administer("root", "", c)) instanceof Reply.Rejected);
    }

    private static Publish message(ConnectionId by, String exchange, Later later) {
        byte[] more = new Extension(List.of(), 0, -1, false, later).encode();
        ByteWriter w = new ByteWriter();
        MessageRecord.writeHeader(w, 0, 0, more.length, 2, 1);
        w.raw(more, 0, more.length).uint16(0).uint8('x');
        ByteWriter from = new ByteWriter();
        from.varint(1).varint(by.number()).varint(1).varint(1).varint(1).varint(0);
        Origins origins = new Origins(new ByteReader(from.toBytes()), by.node());
        return new Publish(List.of(new Route("/", exchange, "k")), w.array(), 0, w.size(), 0, origins);
    }

    private void publish(ConnectionId by, String exchange, Later later) {
        node.refused.clear();
        node.apply(message(by, exchange, later));
    }

    private void assertWaits(String exchange) {
        node.restart();
        assertEquals(
                List.of(exchange),
                node.machine.scheduled(null, 10).items().stream()
                        .map(s -> s.exchange())
                        .toList());
    }

    @Test
    void anothersIsNotReplaced() {
        at(5);
        publish(bob, "b", LATER);
        assertEquals(List.of(REFUSED), List.copyOf(node.refused.values()));
        assertWaits("a");
    }

    @Test
    void norDoesAnythingTakeItsPlaceAtOnce() {
        at(5);
        publish(bob, "b", NOW);
        assertEquals(List.of(REFUSED), List.copyOf(node.refused.values()));
        assertWaits("a");
    }

    @Test
    void norIsItCalledOff() {
        at(5);
        publish(bob, "amq.schedule", NOW);
        assertEquals(List.of(REFUSED), List.copyOf(node.refused.values()));
        assertWaits("a");
    }

    @Test
    void norByATransaction() {
        at(5);
        Reply r = node.apply(new CommitTx(bob, 1, List.of(), message(bob, "b", LATER)));
        assertEquals(REFUSED, assertInstanceOf(Reply.Rejected.class, r).text());
        assertWaits("a");
    }

    @Test
    void ofTopicsTooEachHasHisOwn() {
        at(5);
        change(new SetPermission("/", "bob", new Permission("", "[ab]", "")));
        change(new SetTopicPermission("/", "bob", "a", new TopicPermission("^bob", "")));
        publish(bob, "b", LATER);
        assertEquals(1, node.refused.size());
        assertWaits("a");
    }

    @Test
    void whoMayPublishBothMovesIt() {
        at(5);
        change(new SetPermission("/", "bob", new Permission("", "[ab]", "")));
        publish(bob, "b", LATER);
        assertEquals(0, node.refused.size());
        assertWaits("b");
    }

    private Reply byHttp(String user, Command asked) {
        return node.apply(new ByUser(user, "192.0.2.1", asked));
    }

    private static ScheduleMessage made(String exchange) {
        ByteWriter w = new ByteWriter();
        MessageRecord.writeHeader(w, 0, 0, 0, 2, 1);
        w.uint16(0).uint8('x');
        return new ScheduleMessage(new Route("/", exchange, "k"), "job", 2_000, w.toBytes());
    }

    /** The node that was asked may have seen another one of this id. */
    @Test
    void norByHttp() {
        at(5);
        Reply replaced = byHttp("bob", made("b"));
        assertEquals(REFUSED, assertInstanceOf(Reply.Rejected.class, replaced).text());
        Reply calledOff = byHttp("bob", new CallOff("/", "job", 0, 0));
        assertEquals(REFUSED, assertInstanceOf(Reply.Rejected.class, calledOff).text());
        var waiting = node.machine.scheduled(null, 10).items().get(0);
        Reply byNumber = byHttp("bob", new CallOff("/", "", waiting.due(), waiting.number()));
        assertInstanceOf(Reply.Rejected.class, byNumber);
        assertWaits("a");
        assertEquals(new Reply.Scheduled(false), byHttp("ann", made("a")));
        assertEquals(Reply.OK, byHttp("ann", new CallOff("/", "job", 0, 0)));
        assertEquals(0, node.machine.scheduled(null, 10).items().size());
        assertEquals(
                404,
                assertInstanceOf(Reply.Rejected.class, byHttp("bob", new CallOff("/", "", 7, 7)))
                        .code());
    }

    @Test
    void itsOwnPublisherCallsItOff() {
        at(5);
        publish(ann, "amq.schedule", NOW);
        assertEquals(0, node.machine.scheduled(null, 10).items().size());
    }

    /** Logs that are there already say so. */
    @Test
    void belowTheLevelWhoeverKnowsTheIdReplacesIt() {
        at(4);
        publish(bob, "b", LATER);
        assertEquals(0, node.refused.size());
        assertWaits("b");
    }
}
