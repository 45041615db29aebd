package io.tallymq.broker.routing;

import io.tallymq.broker.Broker;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.settings.ArgumentRoom;
import io.tallymq.broker.spec.BindingKey;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.broker.spec.PolicyInEffect;
import io.tallymq.broker.spec.RoutingTarget;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.broker.view.DigestWalk;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.IntSupplier;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * All exchanges and bindings: what may be declared, and what is bound to what. Everything but {@link #restore} and the
 * views costs what it touches, never the size of the topology. Not durable exchanges live as long as the replicated
 * state: a node that restarts finds them, as it finds everything else.
 *
 * <p>Called from the applying thread; the views also within {@link Broker#read}.
 */
public final class Topology {
    private final MessageStore store;
    private final BiFunction<String, String, RoutingTarget> queueLookup;
    private final TreeMap<String, TreeMap<String, Exchange>> vhosts = new TreeMap<>();
    /** Those that are and are to be. */
    private final TreeSet<String> open = new TreeSet<>();

    private final DefaultExchanges defaults;
    private final TopologyRows rows;
    private final TreeMap<Long, Exchange> byNumber = new TreeMap<>();
    private final BindingGraph graph;

    private final Routes routes;
    private final ArgumentRoom room;
    private final LongSupplier newNumber;
    private final LongConsumer onGone;
    private final StateLimits limits;
    private final IntSupplier level;
    private long changes;

    /**
     * Makes an empty one.
     *
     * @param queueLookup vhost and name to the queue, or null
     * @param newNumber numbers never given before
     * @param room for arguments
     * @param level of the state
     */
    public Topology(
            MessageStore store,
            BiFunction<String, String, RoutingTarget> queueLookup,
            LongSupplier newNumber,
            LongConsumer onGone,
            ArgumentRoom room,
            IntSupplier level,
            MachineLimits limits) {
        this.room = room;
        this.onGone = onGone;
        this.store = store;
        this.queueLookup = queueLookup;
        this.newNumber = newNumber;
        this.limits = limits.state();
        this.level = level;
        this.defaults = new DefaultExchanges(queueLookup);
        this.routes = new Routes(this::find, open::contains, defaults, level);
        this.rows = new TopologyRows(vhosts, defaults.traffic());
        this.graph = new BindingGraph(store, room, level, limits.work().atOnce());
    }

    /**
     * Reads what is stored; the queues are there already. In a new store it declares what every vhost begins with.
     *
     * @param names of the virtual hosts that there are
     */
    public void restore(List<String> names) {
        open.addAll(names);
        Map<PolicyInEffect, PolicyInEffect> known = new LinkedHashMap<>(); // many exchanges have the same
        store.scan(Keys.of(Keys.EXCHANGE), (k, v) -> {
            Exchange x = TopologyRecords.exchange(v);
            if (x.policy() != null) {
                x.goBy(known.computeIfAbsent(x.policy(), p -> p));
            }
            put(x);
        });
        names.stream().filter(v -> exchangesOf(v).isEmpty()).forEach(this::addVhost);
        store.scan(Keys.of(Keys.BINDING), (k, v) -> restore(k, TopologyRecords.binding(v)));
    }

    private void restore(byte[] storedKey, TopologyRecords.StoredBinding b) {
        String destination = b.key().destination();
        RoutingTarget queue = b.toQueue() ? queueLookup.apply(b.vhost(), destination) : null;
        Exchange source = find(b.vhost(), b.key().source());
        Exchange exchange = b.toQueue() ? null : find(b.vhost(), destination);
        boolean lostSource = source == null || source.number() != b.sourceNumber();
        boolean lostQueue = queue == null || queue.number() != b.destinationNumber();
        boolean lostExchange = exchange == null || exchange.number() != b.destinationNumber();
        if (lostSource || lostQueue && lostExchange) {
            graph.isDead(storedKey);
            return;
        }
        graph.attach(
                b.toQueue() ? Binding.toQueue(b.key(), source, queue) : Binding.toExchange(b.key(), source, exchange));
    }

    /** A new virtual host begins with the exchanges that AMQP and its users expect. */
    public void addVhost(String vhost) {
        open.add(vhost);
        ExchangeRules.PREDECLARED.forEach((name, spec) -> create(vhost, name, spec));
    }

    /** Why one more virtual host's exchanges find no room; null when they do. */
    public Reply.Rejected vhostRefusal() {
        return byNumber.size() + ExchangeRules.PREDECLARED.size() <= limits.of(StateLimit.EXCHANGES)
                ? null
                : Reply.limit(limits, StateLimit.EXCHANGES);
    }

    /** It is deleted: nothing is published there any more, not for later either, so that what is taken out stays out. */
    public void vhostGoes(String vhost) {
        open.remove(vhost);
        routes.forget();
    }

    /** Of a virtual host that goes: any exchange it has, or null. */
    public Exchange anyOf(String vhost) {
        TreeMap<String, Exchange> exchanges = vhosts.get(vhost);
        return exchanges == null || exchanges.isEmpty()
                ? null
                : exchanges.firstEntry().getValue();
    }

    /** Of a virtual host that goes: the exchange goes, whatever it is, with its bindings. */
    public void take(Exchange x) {
        remove(x);
    }

    /** Nothing is in it any more. */
    public void removeVhost(String vhost) {
        vhosts.remove(vhost);
        defaults.removeVhost(vhost);
    }

    /** Why there can't be such an exchange, whatever there is already; null when there can. */
    public static Reply.Rejected refusal(String vhost, String name, ExchangeSpec spec) {
        Reply.Rejected unknownType = ExchangeType.refusal(spec.type());
        return unknownType != null ? unknownType : ExchangeRules.argumentRefusal(vhost, name, spec);
    }

    /** exchange.declare. Passive: only whether it exists, other fields are not looked at. */
    public Reply declareExchange(String vhost, String name, ExchangeSpec spec, boolean passive) {
        Reply.Rejected unknownType = passive ? null : ExchangeType.refusal(spec.type());
        if (unknownType != null) {
            return unknownType;
        }
        if (name.equals(ExchangeRules.DEFAULT_EXCHANGE)) {
            return ExchangeRules.onDefaultExchange();
        }
        Exchange current = find(vhost, name);
        if (passive) {
            Reply there = current != null && current.spec().internal() ? Reply.INTERNAL : Reply.OK;
            return current == null ? ExchangeRules.notFound(vhost, name) : there;
        }
        if (!hasVhost(vhost)) {
            return Reply.notAllowed("vhost '" + vhost + "' not found");
        }
        Reply.Rejected refusal = current == null
                ? ExchangeRules.creationRefusal(vhost, name, LavinArguments.known(spec, level.getAsInt()))
                : ExchangeRules.inequivalence(current, spec, level.getAsInt());
        if (refusal != null) {
            return refusal;
        }
        if (current == null && byNumber.size() >= limits.of(StateLimit.EXCHANGES)) {
            return Reply.limit(limits, StateLimit.EXCHANGES);
        }
        refusal = current == null ? room.refusal(spec.arguments()) : null;
        if (refusal != null) {
            return refusal;
        }
        if (current == null) {
            create(vhost, name, LavinArguments.meant(spec, level.getAsInt()));
        }
        return Reply.OK;
    }

    private void create(String vhost, String name, ExchangeSpec spec) {
        Exchange x = new Exchange(newNumber.getAsLong(), vhost, name, spec);
        put(x);
        changes++;
        store.put(TopologyRecords.key(x), TopologyRecords.value(x));
        routes.forget();
    }

    private void put(Exchange x) {
        exchangesOf(x.vhost()).put(x.name(), x);
        byNumber.put(x.number(), x);
        room.came(x.spec().arguments());
    }

    /** It goes by other policies from now on, null for none. */
    public void goBy(Exchange x, PolicyInEffect policy) {
        x.goBy(policy);
        store.put(TopologyRecords.key(x), TopologyRecords.value(x));
        routes.forget();
    }

    /** The exchange of this name, or null; the default exchange is none. */
    public Exchange exchange(String vhost, String name) {
        return find(vhost, name);
    }

    public boolean hasVhost(String vhost) {
        return open.contains(vhost);
    }

    /** The exchange with the lowest number behind this one, or null. */
    public Exchange behind(long number) {
        Map.Entry<Long, Exchange> next = byNumber.higherEntry(number);
        return next == null ? null : next.getValue();
    }

    /** exchange.delete; a missing exchange is fine. Bindings from it and to it go too. */
    public Reply deleteExchange(String vhost, String name, boolean ifUnused) {
        if (name.equals(ExchangeRules.DEFAULT_EXCHANGE)) {
            return ExchangeRules.onDefaultExchange();
        }
        if (name.startsWith(ExchangeRules.RESERVED_PREFIX)) {
            return Reply.accessRefused("deletion of system " + ExchangeRules.resource(vhost, name) + " not allowed");
        }
        Exchange x = find(vhost, name);
        if (x == null) {
            return Reply.OK;
        }
        if (ifUnused && x.live() > 0) {
            return Reply.precondition(Reply.Reason.IN_USE, ExchangeRules.resource(vhost, name) + " in use");
        }
        remove(x);
        return Reply.OK;
    }

    /** exchange.bind and exchange.unbind. Adding what is there and removing what is not are fine. */
    public Reply bindExchange(String vhost, BindingKey b, boolean add) {
        if (b.source().equals(ExchangeRules.DEFAULT_EXCHANGE)
                || b.destination().equals(ExchangeRules.DEFAULT_EXCHANGE)) {
            return ExchangeRules.onDefaultExchange();
        }
        Exchange source = find(vhost, b.source());
        Exchange destination = find(vhost, b.destination());
        if (source == null || destination == null) {
            return add ? ExchangeRules.notFound(vhost, source == null ? b.source() : b.destination()) : Reply.OK;
        }
        return bind(Binding.toExchange(b, source, destination), add);
    }

    /**
     * queue.bind and queue.unbind. Adding what is there and removing what is not are fine.
     *
     * @param queue the destination, on which the caller has checked exclusivity; null when there is no such queue
     */
    public Reply bindQueue(String vhost, BindingKey b, RoutingTarget queue, boolean add) {
        if (b.source().equals(ExchangeRules.DEFAULT_EXCHANGE)) {
            return ExchangeRules.onDefaultExchange();
        }
        Exchange source = find(vhost, b.source());
        if (source == null) {
            return add ? ExchangeRules.notFound(vhost, b.source()) : Reply.OK;
        }
        if (queue == null) {
            return add ? Reply.notFound("no queue '" + b.destination() + "' in vhost '" + vhost + "'") : Reply.OK;
        }
        return bind(Binding.toQueue(b, source, queue), add);
    }

    /** Whether the queue has this binding. */
    public boolean isBound(String vhost, BindingKey b, RoutingTarget queue) {
        Exchange source = find(vhost, b.source());
        return source != null && source.find(Binding.toQueue(b, source, queue)) != null;
    }

    /** Whether the exchange that the binding names has it. */
    public boolean isBound(String vhost, BindingKey b) {
        Exchange source = find(vhost, b.source());
        Exchange destination = find(vhost, b.destination());
        return source != null && destination != null && source.find(Binding.toExchange(b, source, destination)) != null;
    }

    private Reply bind(Binding b, boolean add) {
        Exchange source = b.source();
        if (add) {
            Reply.Rejected refusal = source.type().refusalOf(b.key(), level.getAsInt());
            if (refusal != null) {
                return refusal;
            }
            boolean isFull = graph.used() >= limits.of(StateLimit.BINDINGS);
            refusal = isFull ? Reply.limit(limits, StateLimit.BINDINGS) : room.refusal(b.cost());
            if (refusal != null && source.find(b) == null) {
                return refusal;
            }
            if (graph.attach(b)) {
                routes.forget();
                store.put(TopologyRecords.key(b), TopologyRecords.value(b));
            }
            return Reply.OK;
        }
        Binding current = source.find(b);
        if (current != null) {
            graph.detach(current);
            routes.forget();
            if (isAbandoned(source)) {
                remove(source);
            }
        }
        return Reply.OK;
    }

    /** Every queue that goes has to be named here, bound or not. Auto-delete exchanges that lose their last binding go too. */
    public void queueDeleted(RoutingTarget q) {
        routes.forget();
        TreeSet<Binding> bindings = graph.remove(q);
        if (bindings == null) {
            return;
        }
        bindings.forEach(graph::kill);
        for (Binding b : bindings) {
            if (isAbandoned(b.source())) {
                remove(b.source());
            }
        }
        graph.sweepAtOnce();
    }

    /** An exchange that is auto-delete goes with the last binding from it (exchange.declare, auto-delete). */
    private static boolean isAbandoned(Exchange x) {
        return x.spec().autoDelete() && x.live() == 0;
    }

    /** Removes the exchange with its bindings, and whatever auto-delete exchanges thereby lose their last one. */
    private void remove(Exchange first) {
        ArrayDeque<Exchange> doomed = new ArrayDeque<>();
        doomed.add(first);
        while (!doomed.isEmpty()) {
            Exchange x = doomed.poll();
            if (!leaves(x)) {
                continue;
            }
            byNumber.remove(x.number());
            changes++;
            room.went(x.spec().arguments());
            store.delete(TopologyRecords.key(x));
            x.goes(routes.rings());
            onGone.accept(x.number());
            x.outgoing().forEach(graph::kill);
            for (Binding b : x.incoming()) {
                graph.kill(b);
                if (isAbandoned(b.source())) {
                    doomed.add(b.source());
                }
            }
        }
        routes.forget();
        graph.sweepAtOnce();
    }

    /** False if it has gone before, maybe with all of its vhost: a binding that is not taken out yet may still know it. */
    private boolean leaves(Exchange x) {
        TreeMap<String, Exchange> its = vhosts.get(x.vhost());
        return its != null && its.remove(x.name(), x);
    }

    /** Whether {@link #sweep} has anything to do. */
    public boolean owes() {
        return graph.owes();
    }

    /** Dead bindings. */
    public int owed() {
        return graph.owed();
    }

    /** The entry's commands are done: takes so many dead bindings out of memory and store. What is left is found dead again after a restart. */
    public void sweep(int most) {
        graph.sweep(most);
    }

    /** Where messages go. */
    public Routes routes() {
        return routes;
    }

    /** What routes lead to may be another thing from now on. */
    public void forgetRoutes() {
        routes.forget();
    }

    private Exchange find(String vhost, String name) {
        TreeMap<String, Exchange> exchanges = vhosts.get(vhost);
        return exchanges == null ? null : exchanges.get(name);
    }

    private Map<String, Exchange> exchangesOf(String vhost) {
        return vhosts.computeIfAbsent(vhost, v -> new TreeMap<>());
    }

    /** What there is to see of an exchange; empty when there is none of that name. */
    public Optional<BrokerView.ExchangeView> exchangeView(String vhost, String name) {
        return rows.exchange(vhost, name);
    }

    /** By vhost and name, the default exchange included. */
    public BrokerView.Step<BrokerView.ExchangeView> exchanges(BrokerView.Place from, int most) {
        return rows.exchanges(from, most);
    }

    /** By vhost, source, destination and key; without the default exchange's, of which every queue has one. */
    public BrokerView.Step<BrokerView.BindingView> bindings(BrokerView.Place from, int most) {
        return rows.bindings(from, most);
    }

    public boolean hasExchange(long number) {
        return byNumber.containsKey(number);
    }

    /** How often an exchange or a binding came or went since this replica's start; without bindings of queues that go with a connection. */
    public long changes() {
        return changes + graph.changes();
    }

    /** How many exchanges were declared. */
    public int exchangeCount() {
        return byNumber.size();
    }

    /** How many bindings there are; without the default exchange's. */
    public int bindingCount() {
        return graph.count();
    }

    /** As {@link DigestWalk.Part}; an exchange with its bindings is a whole. */
    public Object digest(StateDigest d, Object from, DigestWalk.Units units) {
        return rows.digest(d, from, units);
    }
}
