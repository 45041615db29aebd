package io.tallymq.broker.logs;

import io.tallymq.broker.command.BindQueue;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.DeleteExchange;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.BindingKey;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ExchangeSpec;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The exchanges and bindings of {@link LogRun}, and the model of where messages go by them. */
final class ModelTopology {
    static final String[] FANOUTS = {"amq.fanout", "x1", "x2"};
    /** Where goes what an exchange has no binding for; those two are each other's. */
    private static final Map<String, String> ALTERNATES = new TreeMap<>(Map.of("x1", "x2", "x2", "x1"));

    private final Entries log;
    private final Replica replica;
    private final ModelQueues queues;
    /** The queues bound to each fanout exchange; of one that does not exist there is nothing. */
    private final Map<String, TreeSet<String>> bindings = new TreeMap<>(Map.of(FANOUTS[0], new TreeSet<>()));

    ModelTopology(Entries log, Replica replica, ModelQueues queues) {
        this.log = log;
        this.replica = replica;
        this.queues = queues;
    }

    static String fanout(Op op) {
        return FANOUTS[(op.a() + op.d()) % FANOUTS.length];
    }

    void declare(Op op, ConnectionId c) {
        String alternate = ALTERNATES.get(fanout(op));
        Arguments a = alternate == null
                ? Arguments.NONE
                : new Arguments(new TreeMap<>(Map.of("alternate-exchange", alternate)));
        ExchangeSpec spec = new ExchangeSpec("fanout", true, false, false, a);
        if (log.entry(c, new DeclareExchange("/", fanout(op), spec, false)) == Reply.OK) {
            bindings.putIfAbsent(fanout(op), new TreeSet<>());
        }
    }

    void delete(Op op, ConnectionId c) {
        boolean ifUnused = op.c() % 3 == 0;
        if (log.entry(c, new DeleteExchange("/", fanout(op), ifUnused)) == Reply.OK) {
            TreeSet<String> bound = bindings.remove(fanout(op));
            replica.check(!ifUnused || bound == null || bound.isEmpty(), "deleted although in use");
        }
    }

    void bind(Op op, ConnectionId c, boolean add) {
        BindingKey k = new BindingKey(fanout(op), LogRun.queueName(op.b()), "", Arguments.NONE);
        Reply r = log.entry(c, new BindQueue(c, "/", k, add));
        TreeSet<String> bound = bindings.get(k.source());
        if (r == Reply.OK && add) {
            bound.add(k.destination());
        } else if (r == Reply.OK && bound != null) {
            bound.remove(k.destination());
        }
    }

    boolean isThere(String exchange) {
        return bindings.containsKey(exchange);
    }

    /** The queues that a message goes to, if they are there. */
    Set<String> targets(Route r, List<String> copies) {
        Set<String> to = new TreeSet<>();
        if (r.exchange().isEmpty()) {
            to.add(r.routingKey());
            to.addAll(copies);
        } else {
            to.addAll(bindings.getOrDefault(r.exchange(), new TreeSet<>()));
            if (to.isEmpty() && isThere(r.exchange()) && ALTERNATES.containsKey(r.exchange())) {
                to.addAll(bindings.getOrDefault(ALTERNATES.get(r.exchange()), new TreeSet<>()));
            }
        }
        to.removeIf(q -> queues.find(q) == null);
        return to;
    }

    /** Queues have gone, and with them their bindings: there are as many as there are to be. */
    void check() {
        bindings.values().forEach(bound -> bound.removeIf(b -> queues.find(b) == null));
        long bound = bindings.values().stream().mapToLong(TreeSet::size).sum();
        replica.check(
                replica.machine.bindings().size() == bound,
                replica.machine.bindings() + " are bound, model " + bindings);
    }
}
