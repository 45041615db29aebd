package io.tallymq.broker;

import io.tallymq.broker.command.BindQueue;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.CommitTx;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.command.NodeUp;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.Raise;
import io.tallymq.broker.command.Subscribe;
import io.tallymq.broker.effect.Consumer;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.logs.Views;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.spec.BindingKey;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConnectionInfo;
import io.tallymq.broker.spec.ConsumerSpec;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.broker.spec.ReplyConsumer;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.store.MemoryStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A machine whose log has one node with one connection: each command is an entry. Keeps what was delivered. */
final class OneNode implements Effects {
    final ConnectionId connection = new ConnectionId("n1", 1);
    final List<Delivery> delivered = new ArrayList<>();
    final List<Integer> unroutable = new ArrayList<>();
    final List<Long> askedBack = new ArrayList<>();
    /** Messages of chunks that readers were told of. */
    final List<Integer> grown = new ArrayList<>();
    /** Holders whose clients took too long. */
    final List<Long> timedOut = new ArrayList<>();
    /** How many messages each of these lost. */
    final List<Long> lost = new ArrayList<>();
    /** Connections that operators want closed, and why. */
    final List<String> forced = new ArrayList<>();
    /** Which message went to which channel. */
    final List<String> replies = new ArrayList<>();

    /** Texts by the message's place in its batch. */
    final Map<Integer, String> refused = new TreeMap<>();

    BrokerMachine machine;
    /** Where the machine keeps itself; null if it is no such store. */
    MemoryStore memory;

    /** Each slice of a run of publishes is written, and a restored machine goes on with the rest of it. */
    boolean restartsWithin;

    private final MachineLimits limits;
    long index;
    /** Milliseconds that the time is ahead of the index. */
    long passed;

    OneNode(MessageStore store, MachineLimits limits) {
        this.limits = limits;
        memory = store instanceof MemoryStore m ? m : null;
        machine = new BrokerMachine(store, limits);
        apply(new NodeUp("n1", 1));
        apply(new OpenConnection(connection, info()));
    }

    /** The cluster's level rises. */
    void raise(int level) {
        apply(new Raise(level, 1));
    }

    static ConnectionInfo info() {
        ConnectionInfo.Endpoint e = new ConnectionInfo.Endpoint("127.0.0.1", 1);
        ConnectionInfo.Negotiated n = new ConnectionInfo.Negotiated(10, 4096, 60, "PLAIN", 1);
        return new ConnectionInfo("c", "/", "guest", e, e, n, Arguments.NONE);
    }

    void begin() {
        index++;
        machine.begin(new Stamp(1, index, index + passed), "n1", 1, index, index == 1);
    }

    Reply apply(Command c) {
        begin();
        Reply r = restartsWithin ? applyWithRestarts(c) : machine.apply(c, this);
        end();
        return r;
    }

    private Reply applyWithRestarts(Command c) {
        if (c instanceof CommitTx tx) {
            Reply admitted = machine.admit(tx, this);
            return admitted == Reply.OK ? publishWithRestarts(tx.publishes(), true) : admitted;
        }
        return c instanceof Publish p ? publishWithRestarts(p, false) : machine.apply(c, this);
    }

    private Reply publishWithRestarts(Publish whole, boolean admitted) {
        Publish p = whole;
        while (machine.publish(p, this)) {
            machine.commitWithin(0, 0);
            memory = memory.copy();
            machine = new BrokerMachine(memory, limits);
            Progress done = machine.progress(index);
            machine.resume(new Stamp(1, index, index + passed), "n1");
            if (admitted) {
                machine.resumeTransaction();
            }
            p = p.from(done.offset(), done.ordinal());
        }
        return Reply.OK;
    }

    /** An entry, each slice of which is written; returns the units of each. */
    List<Long> slices(Publish p) {
        List<Long> slices = new ArrayList<>();
        begin();
        for (boolean more = true; more; ) {
            more = machine.publish(p, this);
            slices.add(machine.unwritten());
            if (more) {
                machine.commitWithin(0, 0);
            }
        }
        end();
        commit();
        return slices;
    }

    void end() {
        machine.end();
        machine.applied(1, index, this);
    }

    void commit() {
        machine.commit(1, index);
    }

    /** All is committed, and a machine that comes back from that goes on: what can be seen of it is the same. */
    void restart() {
        commit();
        Map<String, Object> before = Views.of(machine);
        memory = memory.copy();
        machine = new BrokerMachine(memory, limits);
        Views.assertSame(before, Views.of(machine), "restored behind entry " + index);
    }

    Reply declare(String queue) {
        return declare(queue, Map.of());
    }

    Reply declare(String queue, Map<String, Object> arguments) {
        QueueSpec spec = new QueueSpec(true, false, false, new Arguments(new TreeMap<>(arguments)));
        return apply(new DeclareQueue(connection, "/", queue, spec, false));
    }

    Reply bind(String exchange, String queue) {
        return bind(exchange, queue, "");
    }

    Reply bind(String exchange, String queue, String key) {
        return apply(new BindQueue(connection, "/", new BindingKey(exchange, queue, key, Arguments.NONE), true));
    }

    Reply consume(String queue, int prefetch) {
        return consume(1, queue, prefetch);
    }

    Reply consume(int channel, String queue, int prefetch) {
        return consume(channel, queue, prefetch, Map.of());
    }

    Reply consume(int channel, String queue, int prefetch, Map<String, Object> arguments) {
        Arguments a = new Arguments(new TreeMap<>(arguments));
        ConsumerSpec spec = new ConsumerSpec("t", false, false, prefetch, 2_000, a);
        return apply(new Subscribe(connection, channel, "/", queue, spec));
    }

    /** One entry of messages whose routes take turns. */
    static Publish messages(int count, int bodyBytes, Route... routes) {
        ByteWriter w = new ByteWriter(count * (bodyBytes + 12));
        for (int i = 0; i < count; i++) {
            MessageRecord.writeHeader(w, 0, i % routes.length, 2, bodyBytes);
            w.uint16(0);
            w.reserve(bodyBytes);
        }
        return new Publish(List.of(routes), w.array(), 0, w.size(), 0, Origins.NONE);
    }

    /** All that was told and not forgotten. */
    String told() {
        return delivered.stream().map(OneNode::text).toList() + " unroutable " + unroutable + " back " + askedBack
                + " grown " + grown + " late " + timedOut + lost + " replies " + replies + " refused " + refused;
    }

    static String text(Delivery d) {
        return d.holder() + ":" + d.chunk().queue() + "." + d.firstSeq() + "+" + d.count()
                + (d.redelivered() ? "r" : "") + d.attempts() + "/" + d.returns() + SomeHeaders.read(d.headers());
    }

    void forget() {
        delivered.clear();
        unroutable.clear();
        askedBack.clear();
        grown.clear();
        timedOut.clear();
        lost.clear();
        replies.clear();
        refused.clear();
    }

    BrokerView.QueueInfo queue(String name) {
        return machine.queues().stream()
                .filter(q -> q.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void deliver(Consumer consumer, Delivery delivery) {
        delivered.add(delivery);
    }

    @Override
    public void consumerCancelled(Consumer consumer) {}

    @Override
    public void grew(Consumer reader, Chunk chunk) {
        grown.add(chunk.count());
    }

    @Override
    public void timedOut(Consumer consumer, long timeout, long messages) {
        timedOut.add(consumer.number());
        lost.add(messages);
    }

    @Override
    public void giveBack(Consumer consumer) {
        askedBack.add(consumer.number());
    }

    @Override
    public void connectionForced(ConnectionId id, String reason) {
        forced.add(id.node() + ":" + id.number() + " " + reason);
    }

    @Override
    public void connectionClosed(ConnectionId id, String reason) {}

    @Override
    public void unroutable(int ordinal) {
        unroutable.add(ordinal);
    }

    @Override
    public void directReply(int ordinal, ReplyConsumer to, long upload, long shared) {
        String body = upload == 0 ? "" : " upload " + upload + " shared " + shared;
        ConnectionId id = to.connection();
        replies.add(ordinal + " to " + id.node() + ":" + id.number() + ":" + to.channel() + " " + to.token() + body);
    }

    @Override
    public void publishRefused(int ordinal, Reply.Rejected why) {
        refused.put(ordinal, why.text());
    }
}
