package io.tallymq.broker.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.settings.ArgumentRoom;
import io.tallymq.broker.spec.BindingKey;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.broker.spec.RoutingTarget;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.view.DigestWalk;
import io.tallymq.store.MemoryStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A topology over a store in memory, with queues that are only names and numbers. All in vhost "/". */
final class TopologyFixture {
    static final String VHOST = "/";

    record TestQueue(long number, String vhost, String name) implements RoutingTarget {}

    final MemoryStore store;
    private final int level;
    final TreeMap<String, TestQueue> queues = new TreeMap<>();
    final Topology topology;
    private long lastNumber;
    private long commits;

    TopologyFixture() {
        this(new MemoryStore(), 5);
    }

    private TopologyFixture(MemoryStore store, int level) {
        this.store = store;
        this.level = level;
        this.topology = new Topology(
                store,
                (vhost, name) -> vhost.equals(VHOST) ? queues.get(name) : null,
                () -> ++lastNumber,
                n -> {},
                new ArgumentRoom(StateLimits.DEFAULTS, () -> level),
                () -> level,
                MachineLimits.FORMAT_1);
    }

    static TopologyFixture fresh() {
        return fresh(5);
    }

    /** Of a state of that level. */
    static TopologyFixture fresh(int level) {
        TopologyFixture f = new TopologyFixture(new MemoryStore(), level);
        f.topology.restore(List.of("/"));
        return f;
    }

    /** What another node, or this one after a restart, makes of what is stored. */
    TopologyFixture restored() {
        store.commit(new MessageStore.Applied(1, ++commits, 0, 1));
        TopologyFixture f = new TopologyFixture(store.copy(), level);
        f.queues.putAll(queues);
        f.lastNumber = lastNumber;
        f.topology.restore(List.of("/"));
        return f;
    }

    TestQueue queue(String name) {
        TestQueue q = new TestQueue(++lastNumber, VHOST, name);
        queues.put(name, q);
        return q;
    }

    void deleteQueue(String name) {
        topology.queueDeleted(queues.remove(name));
    }

    static ExchangeSpec spec(String type) {
        return new ExchangeSpec(type, true, false, false, Arguments.NONE);
    }

    static ExchangeSpec autoDelete(String type) {
        return new ExchangeSpec(type, true, true, false, Arguments.NONE);
    }

    static Arguments arguments(String name, Object value) {
        TreeMap<String, Object> m = new TreeMap<>();
        m.put(name, value);
        return new Arguments(m);
    }

    static Arguments arguments(Map<String, Object> values) {
        return new Arguments(values);
    }

    void declare(String name, ExchangeSpec spec) {
        assertEquals(Reply.OK, topology.declareExchange(VHOST, name, spec, false));
    }

    void declare(String name, String type) {
        declare(name, spec(type));
    }

    boolean exists(String exchange) {
        return topology.declareExchange(VHOST, exchange, spec("direct"), true) == Reply.OK;
    }

    void bind(String source, String queue, String key) {
        bind(source, queue, key, Arguments.NONE);
    }

    void bind(String source, String queue, String key, Arguments a) {
        assertEquals(
                Reply.OK, topology.bindQueue(VHOST, new BindingKey(source, queue, key, a), queues.get(queue), true));
    }

    void unbind(String source, String queue, String key) {
        assertEquals(
                Reply.OK,
                topology.bindQueue(
                        VHOST, new BindingKey(source, queue, key, Arguments.NONE), queues.get(queue), false));
    }

    void bindExchange(String source, String destination, String key) {
        assertEquals(
                Reply.OK, topology.bindExchange(VHOST, new BindingKey(source, destination, key, Arguments.NONE), true));
    }

    void unbindExchange(String source, String destination, String key) {
        assertEquals(
                Reply.OK,
                topology.bindExchange(VHOST, new BindingKey(source, destination, key, Arguments.NONE), false));
    }

    Resolved resolve(String exchange, String key) {
        return topology.routes().resolve(new Route(VHOST, exchange, key));
    }

    /** Names of the queues that a message without headers reaches. */
    List<String> route(String exchange, String key) {
        return route(exchange, key, new byte[2]);
    }

    List<String> route(String exchange, String key, byte[] properties) {
        return route(exchange, key, properties, List.of(), 0);
    }

    /** @param more keys of CC and BCC */
    List<String> route(String exchange, String key, byte[] properties, List<String> more, long chance) {
        Resolved r = resolve(exchange, key);
        assertEquals(null, r.refusal());
        byte[] extension = new Extension(more, 0, -1).encode();
        ByteWriter w = new ByteWriter(64);
        MessageRecord.writeHeader(w, 0, 0, extension.length, properties.length, 0);
        w.raw(extension, 0, extension.length).raw(properties, 0, properties.length);
        RoutingTarget[] targets = r.needsMessage() || !more.isEmpty()
                ? topology.routes()
                        .match(new Route(VHOST, exchange, key), new RoutedMessage().of(w.toBytes(), 0, chance))
                : r.targets();
        List<String> names = new ArrayList<>();
        for (RoutingTarget t : targets) {
            names.add(t.name());
        }
        return names;
    }

    long digest() {
        StateDigest d = new StateDigest();
        topology.digest(d, null, new DigestWalk.Units(Long.MAX_VALUE));
        return d.value();
    }

    static void assertRejected(int code, String text, Reply reply) {
        Reply.Rejected r = (Reply.Rejected) reply;
        assertEquals(text, r.text());
        assertEquals(code, r.code());
    }
}
