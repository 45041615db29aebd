package io.tallymq.broker;

import io.tallymq.broker.command.BindQueue;
import io.tallymq.broker.command.BodyPart;
import io.tallymq.broker.command.Cancel;
import io.tallymq.broker.command.ClearPolicy;
import io.tallymq.broker.command.CloseChannel;
import io.tallymq.broker.command.CloseConnection;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.CommitTx;
import io.tallymq.broker.command.Credit;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.command.DeleteExchange;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.NodeLost;
import io.tallymq.broker.command.NodeUp;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.PurgeQueue;
import io.tallymq.broker.command.Raise;
import io.tallymq.broker.command.Recover;
import io.tallymq.broker.command.Sent;
import io.tallymq.broker.command.SetPolicy;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.SettleWith;
import io.tallymq.broker.command.Subscribe;
import io.tallymq.broker.command.TakeBack;
import io.tallymq.broker.command.TakeMatching;
import io.tallymq.broker.effect.Backlog;
import io.tallymq.broker.effect.Consumer;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.life.Admission;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.HeaderOverlay;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.queue.QueueArguments;
import io.tallymq.broker.settings.PolicyTable;
import io.tallymq.broker.settings.QueueSettings;
import io.tallymq.broker.spec.BindingKey;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConnectionInfo;
import io.tallymq.broker.spec.ConsumerSpec;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.broker.spec.PolicyInEffect;
import io.tallymq.broker.spec.PolicySpec;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.broker.spec.ReplyConsumer;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.store.MemoryStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.LongStream;

/**
 * Carries out a log of {@link Op}s on a machine, keeps a simple model of who holds what beside it, and fails when the two
 * disagree: no message lost or made up, order per queue, credit never exceeded.
 */
final class LogRun implements Effects {
    private static final String[] NODES = {"n1", "n2"};
    private static final int QUEUES = 4;
    private static final String[] FANOUTS = {"amq.fanout", "x1", "x2"};
    /** Where goes what an exchange has no binding for; those two are each other's. */
    private static final Map<String, String> ALTERNATES = new TreeMap<>(Map.of("x1", "x2", "x2", "x1"));

    /** A message of the model. */
    record Msg(long id, long bodyLength, int priority) {}

    private static final int LANE = 55;

    /** A queue of the model: its live messages by number. */
    static final class ModelQueue {
        final String name;
        final TreeMap<Long, Msg> live = new TreeMap<>();
        final TreeMap<Long, Long> heldBy = new TreeMap<>();
        /** The number of the next message of each lane. */
        final TreeMap<Integer, Long> next = new TreeMap<>();
        /** Failed attempts of what went back after its client had it, by number. */
        final TreeMap<Long, Integer> attempts = new TreeMap<>();

        /** How often clients gave them back, whatever they said. */
        final TreeMap<Long, Integer> returns = new TreeMap<>();
        /** Tokens of what was put aside, by number. */
        final TreeMap<Long, String> deferred = new TreeMap<>();
        /** Headers that settles added, by number. */
        final TreeMap<Long, Map<String, Object>> headers = new TreeMap<>();

        ConnectionId owner;

        final boolean quorum;
        /** 0: all messages are alike. */
        final int highest;

        final QueueSpec spec;
        QueueSettings settings;
        /** Messages that went for want of room, as far as they are taken out of {@link #live}. */
        long overflowed;

        ModelQueue(String name, QueueSpec spec, int level) {
            this.name = name;
            this.quorum = QueueArguments.isQuorum(spec);
            this.spec = spec;
            goBy(null);
            this.highest = level < 2 ? 0 : quorum ? 31 : (int) Math.max(0, settings.maxPriority());
        }

        void goBy(PolicyInEffect policy) {
            Arguments a = policy == null
                    ? spec.arguments()
                    : PolicyTable.effective(QueueArguments.owner(spec), spec.arguments(), policy.definition());
            settings = QueueSettings.of(a);
        }

        /** Whether it refuses a message, beside so many others that are still to come. */
        boolean isFull(long messages, long bytes, long bodyLength) {
            long free = live.keySet().stream()
                    .filter(this::isFree)
                    .mapToLong(s -> live.get(s).bodyLength)
                    .sum();
            return settings.refuses()
                    && (settings.maxLength() >= 0
                                    && live.size() - heldBy.size() - deferred.size() + messages >= settings.maxLength()
                            || settings.maxBytes() >= 0 && free + bytes + bodyLength > settings.maxBytes());
        }

        boolean isFree(long seq) {
            return !heldBy.containsKey(seq) && !deferred.containsKey(seq);
        }

        void arrive(Msg m) {
            int said = m.priority < 0 ? quorum ? 4 : 0 : m.priority;
            int lane = highest - Math.min(said, highest);
            live.put(next.merge(lane, 1L, Long::sum) - 1 + ((long) lane << LANE), m);
        }

        /** The lowest number that nobody has, or -1: that is who comes next. */
        long head() {
            return live.keySet().stream().filter(this::isFree).findFirst().orElse(-1L);
        }

        /** Of what nobody has, the oldest of the lowest priority go. */
        void overflowed(long now) {
            for (; overflowed < now; overflowed++) {
                Long oldest = live.keySet().stream()
                        .filter(this::isFree)
                        .min(Comparator.comparingLong((Long seq) -> -(seq >> LANE))
                                .thenComparing(Comparator.naturalOrder()))
                        .orElseThrow();
                live.remove(oldest);
            }
        }

        void wentBack(long seq, Settle.Outcome how) {
            if (how == Settle.Outcome.NACK_REQUEUE) {
                attempts.merge(seq, 0, Integer::sum);
            } else if (how == Settle.Outcome.REJECT_REQUEUE) {
                attempts.merge(seq, 1, Integer::sum);
            }
            if (how == Settle.Outcome.NACK_REQUEUE || how == Settle.Outcome.REJECT_REQUEUE) {
                returns.merge(seq, 1, Integer::sum);
            }
        }
    }

    /** A consumer of the model. */
    record ModelConsumer(long number, ModelQueue queue, ConnectionId connection, int channel, ConsumerSpec spec) {}

    /** A delivery that is not settled. */
    record Outstanding(long holder, ModelQueue queue, long first, long last) {}

    private MemoryStore store;
    BrokerMachine machine;
    final List<String> transcript = new ArrayList<>();
    /** Each slice of a run of publishes is written, and a restored machine goes on. */
    boolean restartWithinEntries;

    /** What a restart finds of the store. */
    UnaryOperator<MemoryStore> restarts = MemoryStore::copy;

    int interruptions;
    private final boolean commitAlways;
    private final MachineLimits limits;
    private final Map<String, Long> epochs = new LinkedHashMap<>();
    private final Map<String, Long> seqs = new LinkedHashMap<>();
    private final List<ConnectionId> connections = new ArrayList<>();
    private final LogReplies replies = new LogReplies(this::entry);
    private final Map<Long, ModelQueue> queues = new LinkedHashMap<>();
    private final Map<Long, ModelConsumer> consumers = new LinkedHashMap<>();
    private final Map<Long, Long> given = new LinkedHashMap<>();
    private final Map<Long, Long> room = new LinkedHashMap<>();
    /** Behind the highest number that each holder let go of and that its client may have been sent. */
    private final Map<Long, TreeMap<Long, Long>> past = new LinkedHashMap<>();

    private final List<Outstanding> outstanding = new ArrayList<>();
    private final List<Delivery> unread = new ArrayList<>();
    /** The queues bound to each fanout exchange; of one that does not exist there is nothing. */
    private final Map<String, TreeSet<String>> bindings = new TreeMap<>(Map.of(FANOUTS[0], new TreeSet<>()));

    private long index;
    private long connectionNumber;
    private long uploadNumber;
    private long messageId;

    LogRun(MemoryStore store, boolean commitAlways) {
        this(store, commitAlways, MachineLimits.FORMAT_1);
    }

    LogRun(MemoryStore store, boolean commitAlways, MachineLimits limits) {
        this.limits = limits;
        this.store = store;
        this.machine = new BrokerMachine(store, limits);
        this.commitAlways = commitAlways;
    }

    void run(List<Op> ops) {
        for (Op op : ops) {
            step(op);
        }
        commit();
    }

    /** Removes everything; what is left in the store then is a leak. */
    void removeAll() {
        nodeUp(NODES[0]);
        nodeUp(NODES[1]);
        open(NODES[0]);
        ConnectionId c = connections.get(0);
        for (ModelQueue q : List.copyOf(queues.values())) {
            entry(c, new DeleteQueue(c, "/", q.name, false, false));
        }
        for (String name : set) {
            entry(c, new ClearPolicy("/", name, name.equals(OPERATORS)));
        }
        for (String exchange : FANOUTS) {
            entry(c, new DeleteExchange("/", exchange, false));
        }
        entry(c, new CloseConnection(c, List.of()));
        commit();
        for (int n = 0; machine.owes(); n++) {
            check(n < 10_000, "it never takes out what is owed");
            entry(c, new Probe(false));
            if (n % 7 == 0) {
                restart();
            }
        }
        commit();
        for (int type = Keys.CONNECTION; type <= Keys.DEFERRED; type++) {
            if (type != Keys.EXCHANGE) {
                int t = type;
                store.scan(
                        Keys.of((byte) type), (k, v) -> check(false, "left in the store: " + t + Arrays.toString(k)));
            }
        }
    }

    void step(Op op) {
        switch (op.kind()) {
            case NODE_UP -> nodeUp(NODES[op.a() % 2]);
            case NODE_LOST -> nodeLost(NODES[op.a() % 2], NODES[(op.a() + 1) % 2]);
            case OPEN -> {
                open(NODES[op.a() % 2]);
                reconcile(); // a policy may have come through meanwhile
            }
            case COMMIT -> commit();
            case RAISE -> {
                raise(NODES[op.a() % 2]);
                reconcile();
            }
            default -> {
                if (!connections.isEmpty()) {
                    onConnection(op, connections.get(op.a() % connections.size()));
                }
            }
        }
        if (commitAlways) {
            commit();
        }
    }

    private void onConnection(Op op, ConnectionId c) {
        switch (op.kind()) {
            case CLOSE -> {
                connections.remove(c);
                entry(c, new CloseConnection(c, gone(c, -1, o -> (o.first + op.d()) % 3 > 0)));
            }
            case CLOSE_CHANNEL -> {
                List<Sent> sent = gone(c, op.b() % 3, o -> (o.first + op.d()) % 3 > 0);
                entry(c, new CloseChannel(c, op.b() % 3, sent));
            }
            case DECLARE_QUEUE -> declare(op, c);
            case DELETE_QUEUE -> entry(c, new DeleteQueue(c, "/", queueName(op.b()), op.c() % 2 == 0, op.d() % 2 == 0));
            case PURGE -> purge(op, c);
            case DECLARE_EXCHANGE -> declareExchange(op, c);
            case DELETE_EXCHANGE -> deleteExchange(op, c);
            case BIND -> bind(op, c, true);
            case UNBIND -> bind(op, c, false);
            case PUBLISH -> publish(op, c);
            case UPLOAD -> upload(op, c);
            case TRANSACTION -> transaction(op, c);
            case POLICY -> policy(op, c);
            case SUBSCRIBE -> subscribe(op, c);
            case CANCEL -> cancel(op, c);
            case CREDIT -> credit(op, c);
            case GET -> get(op, c);
            case SETTLE -> settle(op, c);
            case TAKE_BACK -> takeBack(op, c);
            case TAKE_MATCHING -> takeMatching(op, c);
            case REPLIES -> replies.step(op, c, ++uploadNumber);
            case RECOVER -> {
                // what is given back may be handed out again within the command: forget the old holders first
                forget(c, op.b() % 3, o -> Settle.Outcome.NACK_REQUEUE);
                entry(c, new Recover(c, op.b() % 3));
                recoveredEarly |= machine.level() < 2;
            }
            default -> throw new AssertionError(op.kind());
        }
        reconcile();
    }

    private static String queueName(int n) {
        return "q" + n % QUEUES;
    }

    private void nodeUp(String node) {
        epochs.merge(node, 1L, Long::sum);
        seqs.put(node, 0L);
        for (ConnectionId c : List.copyOf(connections)) {
            if (c.node().equals(node)) {
                drop(c);
            }
        }
        batch(node, new NodeUp(node, epochs.get(node)));
        reconcile();
    }

    private void nodeLost(String node, String by) {
        if (epochs.getOrDefault(node, 0L) > 0 && seqs.getOrDefault(by, -1L) >= 0) {
            connections.stream().filter(c -> c.node().equals(node)).toList().forEach(this::drop);
            batch(by, new NodeLost(node, epochs.get(node), 1));
            seqs.put(node, -1L);
            reconcile();
        }
    }

    private void raise(String by) {
        if (seqs.getOrDefault(by, -1L) >= 0) {
            batch(by, new Raise(BrokerMachine.LEVELS.max(), 1));
            reconcile(); // an entry of whatever kind drops what a limit leaves no room for
        }
    }

    private void open(String node) {
        if (seqs.getOrDefault(node, -1L) >= 0) {
            ConnectionId c = new ConnectionId(node, ++connectionNumber);
            ConnectionInfo.Endpoint e = new ConnectionInfo.Endpoint("127.0.0.1", 1);
            ConnectionInfo.Negotiated n = new ConnectionInfo.Negotiated(10, 4096, 60, "PLAIN", 1);
            ConnectionInfo info = new ConnectionInfo("c" + c, "/", "guest", e, e, n, Arguments.NONE);
            if (entry(c, new OpenConnection(c, info)) == Reply.OK) {
                connections.add(c);
            }
            reconcile();
        }
    }

    private void drop(ConnectionId c) {
        connections.remove(c);
        gone(c, -1, o -> true);
    }

    /** Holders of a channel (all when -1) are gone; nobody holds their messages for now. Returns what they were sent. */
    private List<Sent> gone(ConnectionId c, int channel, Predicate<Outstanding> wasSent) {
        replies.gone(c, channel);
        Map<Long, TreeMap<Long, Long>> sent = new TreeMap<>();
        outstanding.stream().filter(o -> isOf(o, c, channel) && wasSent.test(o)).forEach(o -> sent.computeIfAbsent(
                        o.holder, h -> new TreeMap<>())
                .put(o.first, o.last));
        forget(c, channel, o -> wasSent.test(o) ? Settle.Outcome.REJECT_REQUEUE : Settle.Outcome.RELEASE);
        consumers
                .values()
                .removeIf(k -> k.connection.equals(c)
                        && (channel < 0 || k.channel == channel)
                        && !k.spec.tag().equals("get"));
        List<Sent> list = new ArrayList<>();
        sent.forEach((holder, ranges) -> list.add(new Sent(
                holder,
                ranges.entrySet().stream()
                        .flatMapToLong(e -> LongStream.of(e.getKey(), e.getValue()))
                        .toArray())));
        return list;
    }

    private boolean isOf(Outstanding o, ConnectionId c, int channel) {
        ModelConsumer k = consumers.get(o.holder);
        return k != null && k.connection.equals(c) && (channel < 0 || k.channel == channel);
    }

    private void forget(ConnectionId c, int channel, Function<Outstanding, Settle.Outcome> how) {
        outstanding.removeIf(o -> {
            boolean mine = isOf(o, c, channel);
            if (mine) {
                given.merge(o.holder, -(o.last - o.first + 1), Long::sum);
                letGo(o, how.apply(o));
            }
            return mine;
        });
    }

    private void declare(Op op, ConnectionId c) {
        boolean exclusive = op.c() % 5 == 0;
        boolean autoDelete = op.d() % 7 == 0;
        boolean quorum = !exclusive && !autoDelete && op.b() % 2 == 0;
        Map<String, Object> a = new TreeMap<>(quorum ? Map.of("x-queue-type", "quorum") : Map.of());
        switch (op.a() % 8) {
            case 0 -> a.put("x-max-length", 5L);
            case 1 -> a.putAll(Map.of("x-max-length", 4L, "x-overflow", "reject-publish"));
            case 2 -> a.put("x-single-active-consumer", true);
            case 3 -> a.put("x-max-length-bytes", 400L);
            case 4 -> a.put("x-max-length", 5L);
            default -> {}
        }
        if (!quorum && op.c() % 2 == 0) {
            a.put("x-max-priority", op.c() % 10 == 0 ? 200L : op.c() % 5);
        }
        QueueSpec spec = new QueueSpec(!exclusive, exclusive, autoDelete, new Arguments(a));
        entry(c, new DeclareQueue(c, "/", queueName(op.b()), spec, op.d() % 11 == 0));
    }

    private void purge(Op op, ConnectionId c) {
        ModelQueue q = find(queueName(op.b()));
        Reply r = entry(c, new PurgeQueue(c, "/", queueName(op.b())));
        if (r instanceof Reply.Removed n) {
            long before = q.live.size();
            q.live.keySet().removeIf(s -> !q.heldBy.containsKey(s));
            q.deferred.clear();
            check(before - q.live.size() == n.messages(), "purge removed " + n.messages());
        }
    }

    private static String fanout(Op op) {
        return FANOUTS[(op.a() + op.d()) % FANOUTS.length];
    }

    private void declareExchange(Op op, ConnectionId c) {
        String alternate = ALTERNATES.get(fanout(op));
        Arguments a = alternate == null
                ? Arguments.NONE
                : new Arguments(new TreeMap<>(Map.of("alternate-exchange", alternate)));
        ExchangeSpec spec = new ExchangeSpec("fanout", true, false, false, a);
        if (entry(c, new DeclareExchange("/", fanout(op), spec, false)) == Reply.OK) {
            bindings.putIfAbsent(fanout(op), new TreeSet<>());
        }
    }

    private void deleteExchange(Op op, ConnectionId c) {
        boolean ifUnused = op.c() % 3 == 0;
        if (entry(c, new DeleteExchange("/", fanout(op), ifUnused)) == Reply.OK) {
            TreeSet<String> queues = bindings.remove(fanout(op));
            check(!ifUnused || queues == null || queues.isEmpty(), "deleted although in use");
        }
    }

    private void bind(Op op, ConnectionId c, boolean add) {
        BindingKey k = new BindingKey(fanout(op), queueName(op.b()), "", Arguments.NONE);
        Reply r = entry(c, new BindQueue(c, "/", k, add));
        TreeSet<String> queues = bindings.get(k.source());
        if (r == Reply.OK && add) {
            queues.add(k.destination());
        } else if (r == Reply.OK && queues != null) {
            queues.remove(k.destination());
        }
    }

    private void publish(Op op, ConnectionId c) {
        List<Route> routes = List.of(
                new Route("/", "", queueName(op.b())),
                new Route("/", fanout(op), "x"),
                new Route("/", "", "nowhere"),
                new Route("/", "missing", "x"));
        ByteWriter w = new ByteWriter();
        int n = 1 + op.c() % 7 * (op.d() % 3);
        for (int i = 0; i < n; i++) {
            int route = (op.d() + i) % 10 < 6 ? 0 : (op.d() + i) % 10 < 8 ? 1 : (op.d() + i) % 2 + 2;
            int size = (op.c() * 31 + i) % 5 == 0 ? 300 + op.c() : 8 + op.c() % 50;
            List<String> copies = (op.c() + i) % 6 == 0 ? List.of(queueName(op.c()), "nowhere") : List.of();
            byte[] extension = new Extension(copies, 0, -1).encode();
            int priority = priority(op.c() + i, op.d() + i / 2);
            byte[] properties = properties(priority);
            MessageRecord.writeHeader(w, i % 2, route, extension.length, properties.length, size);
            w.raw(extension, 0, extension.length).raw(properties, 0, properties.length);
            w.int64(++messageId);
            w.reserve(size - 8);
            arriving.add(new Msg(messageId, size, priority));
            expect(routes.get(route), copies, messageId, size);
        }
        entry(c, new Publish(routes, w.array(), 0, w.size(), 0, Origins.NONE));
        checkLanded();
    }

    /** -1: it does not say. */
    private static int priority(int a, int b) {
        return a % 3 == 0 ? -1 : b % 4 == 0 ? b % 256 : b % 7;
    }

    private static byte[] properties(int priority) {
        ByteWriter w = new ByteWriter().uint16(priority < 0 ? 0 : 1 << 11);
        return (priority < 0 ? w : w.uint8(priority)).toBytes();
    }

    /** The messages of the run in hand, by ordinal; which queues get which is checked when the machine says so. */
    private final List<Msg> arriving = new ArrayList<>();

    private final List<Set<String>> expected = new ArrayList<>();

    private void expect(Route r, List<String> copies, long id, long size) {
        Set<String> to = targets(r, copies);
        to.removeIf(q -> find(q) == null);
        expected.add(to);
    }

    @Override
    public void publishing(int first, int end, Backlog queue) {
        ModelQueue q = queues.get(queue.number());
        // What went for want of room in an earlier slice of the entry went before these came.
        q.overflowed(machine.queue("/", q.name).orElseThrow().counters().overflowed());
        for (int i = first; i < end && i < arriving.size(); i++) {
            check(expected.get(i).contains(q.name), "message " + i + " to " + q.name);
            q.arrive(arriving.get(i));
            landed.computeIfAbsent(i, n -> new TreeSet<>()).add(q.name);
        }
    }

    private final Map<Integer, Set<String>> landed = new TreeMap<>();

    /** Each message is in all its queues, or in none, and then it was refused. */
    private void checkLanded() {
        for (int i = 0; i < arriving.size(); i++) {
            Set<String> in = landed.getOrDefault(i, Set.of());
            boolean refused = refusals.contains(i);
            check(in.equals(refused ? Set.of() : expected.get(i)), "message " + i + " is in " + in);
            boolean mayBe =
                    expected.get(i).stream().anyMatch(q -> find(q).settings.refuses());
            check(!refused || mayBe, "refused without a limit: " + i);
        }
        arriving.clear();
        expected.clear();
        landed.clear();
        refusals.clear();
    }

    private final Set<Integer> refusals = new TreeSet<>();

    private Set<String> targets(Route r, List<String> copies) {
        Set<String> to = new TreeSet<>();
        if (r.exchange().isEmpty()) {
            to.add(r.routingKey());
            to.addAll(copies);
        } else {
            to.addAll(bindings.getOrDefault(r.exchange(), new TreeSet<>()));
            if (to.isEmpty() && bindings.containsKey(r.exchange()) && ALTERNATES.containsKey(r.exchange())) {
                to.addAll(bindings.getOrDefault(ALTERNATES.get(r.exchange()), new TreeSet<>()));
            }
        }
        return to;
    }

    private void upload(Op op, ConnectionId c) {
        long upload = ++uploadNumber;
        byte[] part = new ByteWriter().int64(++messageId).int64(0).toBytes();
        entry(c, new BodyPart(c, upload, part, 0, part.length));
        entry(c, new BodyPart(c, upload, part, 0, part.length));
        if (op.d() % 4 == 0) {
            return; // never ended: goes with the connection
        }
        reconcile(); // a policy may have come through meanwhile
        Route r = op.c() % 3 == 0 ? new Route("/", fanout(op), "") : new Route("/", "", queueName(op.b()));
        ByteWriter w = new ByteWriter();
        int priority = priority(op.b(), op.c());
        byte[] properties = properties(priority);
        MessageRecord.writeHeader(w, MessageRecord.EXTERNAL_BODY, 0, properties.length, MessageRecord.EXTERNAL_LENGTH);
        w.raw(properties, 0, properties.length).int64(upload).int64(0).int64(2 * part.length);
        Msg m = new Msg(messageId, 2 * part.length, priority);
        Set<String> to = targets(r, List.of());
        to.removeIf(q -> find(q) == null);
        if (to.stream().map(this::find).noneMatch(q -> q.isFull(0, 0, m.bodyLength))) {
            to.forEach(q -> find(q).arrive(m));
        }
        entry(c, new Publish(List.of(r), w.array(), 0, w.size(), 0, Origins.NONE));
        checkLanded();
    }

    /** Settles and publishes in one: all of it, or nothing, and then the channel ends. */
    private void transaction(Op op, ConnectionId c) {
        List<Route> routes = List.of(new Route("/", "", queueName(op.b())), new Route("/", fanout(op), "x"));
        ByteWriter w = new ByteWriter();
        for (int i = 0; i < op.c() % 6; i++) {
            int route = bindings.containsKey(fanout(op)) ? (op.d() + i) % 2 : 0;
            int priority = priority(op.c() + i, op.b() + i);
            byte[] properties = properties(priority);
            MessageRecord.writeHeader(w, 0, route, properties.length, 20);
            w.raw(properties, 0, properties.length).int64(++messageId);
            w.reserve(12);
            arriving.add(new Msg(messageId, 20, priority));
            expect(routes.get(route), List.of(), messageId, 20);
        }
        Publish p = new Publish(routes, w.array(), 0, w.size(), 0, Origins.NONE);
        Outstanding o = outstanding.isEmpty() ? null : outstanding.get(op.b() % outstanding.size());
        Settle.Outcome how = op.d() % 2 == 0 ? Settle.Outcome.ACK : Settle.Outcome.NACK_REQUEUE;
        List<Settle> settles = o == null ? List.of() : List.of(new Settle(o.holder, how, new long[] {o.first, o.last}));
        int channel = op.c() % 3;
        boolean room = hasRoom(how == Settle.Outcome.ACK ? null : o);
        if (o != null) { // what a refused one settles goes back as what its client was sent
            settled(o, room ? how : Settle.Outcome.REJECT_REQUEUE);
        }
        Reply r = entry(c, new CommitTx(c, channel, settles, p));
        check(r instanceof Reply.Ok == room, "a transaction is answered with " + r);
        if (room) {
            checkLanded();
            return;
        }
        check(landed.isEmpty(), "a refused transaction is in " + landed);
        arriving.clear();
        expected.clear();
        reconcile(); // what is dropped now is older than what comes back with the channel
        entry(c, new CloseChannel(c, channel, gone(c, channel, k -> true)));
    }

    /** Policies by name; the last one is an operator policy. */
    private static final Map<String, PolicySpec> POLICIES = new TreeMap<>(Map.of(
            "few", new PolicySpec("^q[01]", "queues", 0, new Arguments(Map.of("max-length", 3L))),
            "full",
                    new PolicySpec(
                            "[12]$", "all", 1, new Arguments(Map.of("max-length", 6L, "overflow", "reject-publish"))),
            "light", new PolicySpec("", "classic_queues", -1, new Arguments(Map.of("max-length-bytes", 300L))),
            "operators", new PolicySpec("q[23]", "all", 0, new Arguments(Map.of("max-length", 4L)))));

    private static final String OPERATORS = "operators";

    private final Set<String> set = new TreeSet<>();

    private void policy(Op op, ConnectionId c) {
        String name = List.copyOf(POLICIES.keySet()).get(op.b() % POLICIES.size());
        boolean operator = name.equals(OPERATORS);
        if (op.c() % 3 == 0) {
            Reply r = entry(c, new ClearPolicy("/", name, operator));
            check(r == Reply.OK == set.remove(name), "clearing " + name + " is answered with " + r);
        } else {
            Reply r = entry(c, new SetPolicy("/", name, operator, POLICIES.get(name)));
            check(r.equals(new Reply.PolicySet(set.add(name))), "setting " + name + " is answered with " + r);
        }
    }

    /** Once all is done each queue goes by the policies that are for it. */
    private void checkPolicies(BrokerView.QueueInfo i) {
        String policy = POLICIES.entrySet().stream()
                .filter(e -> set.contains(e.getKey()) && !e.getKey().equals(OPERATORS) && isFor(e.getValue(), i))
                .max(Comparator.comparingLong(e -> e.getValue().priority()))
                .map(Map.Entry::getKey)
                .orElse(null);
        String operator = set.contains(OPERATORS) && isFor(POLICIES.get(OPERATORS), i) ? OPERATORS : null;
        PolicyInEffect now = i.policy() == null ? new PolicyInEffect(null, null, Arguments.NONE) : i.policy();
        check(
                Objects.equals(policy, now.policy()) && Objects.equals(operator, now.operatorPolicy()),
                i.name() + " goes by " + now + ", not by " + policy + " and " + operator);
    }

    private static boolean isFor(PolicySpec p, BrokerView.QueueInfo i) {
        return Pattern.compile(p.pattern()).matcher(i.name()).find()
                && !(p.applyTo().equals("classic_queues") && QueueArguments.isQuorum(i.spec()));
    }

    private boolean hasRoom(Outstanding back) {
        Map<String, Long> adds = new TreeMap<>();
        Map<String, Long> bytes = new TreeMap<>();
        if (back != null) {
            adds.put(back.queue.name, back.last - back.first + 1);
            bytes.put(
                    back.queue.name,
                    LongStream.rangeClosed(back.first, back.last)
                            .map(s -> back.queue.live.get(s).bodyLength)
                            .sum());
        }
        for (Set<String> to : expected) {
            for (String name : to) {
                if (find(name).isFull(adds.getOrDefault(name, 0L), bytes.getOrDefault(name, 0L), 20)) {
                    return false;
                }
                adds.merge(name, 1L, Long::sum);
                bytes.merge(name, 20L, Long::sum);
            }
        }
        return true;
    }

    private void subscribe(Op op, ConnectionId c) {
        ModelQueue q = find(queueName(op.b()));
        ConsumerSpec spec =
                new ConsumerSpec("t" + op.d(), op.d() % 5 == 0, op.d() % 13 == 0, op.c() % 4 * 3, 5, consuming(op));
        pendingSubscribe = q == null ? null : new ModelConsumer(0, q, c, op.c() % 3, spec);
        Reply r = entry(c, new Subscribe(c, op.c() % 3, "/", queueName(op.b()), spec));
        if (r instanceof Reply.Subscribed s) {
            consumer(s.consumer());
        }
        pendingSubscribe = null;
    }

    private static Arguments consuming(Op op) {
        if (op.a() % 3 == 0) { // what it says does not count: what is taken is decided outside
            return new Arguments(Map.of("x-filter", new TreeMap<>(Map.of("h", "v"))));
        }
        long priority = op.d() % 6 - 2;
        return priority <= 0 ? Arguments.NONE : new Arguments(Map.of("x-priority", priority));
    }

    /** A consumer takes some messages wherever they stand: those that nobody has, and only as many as it may have. */
    private void takeMatching(Op op, ConnectionId c) {
        List<ModelConsumer> filtering =
                consumers.values().stream().filter(LogRun::filters).toList();
        if (filtering.isEmpty()) {
            return;
        }
        ModelConsumer k = filtering.get(op.b() % filtering.size());
        TreeMap<Long, Long> wanted = new TreeMap<>();
        long most = k.queue.live.isEmpty() ? 5 : k.queue.live.lastKey() + 2;
        for (long s : k.queue.live.keySet()) {
            if ((s * 7 + op.d()) % 5 < 2
                    && (wanted.isEmpty() || s > wanted.lastEntry().getValue())) {
                wanted.put(s, Math.min(most, s + op.c() % 3));
            }
        }
        wanted.putIfAbsent(most, most + 3);
        taking = k.number;
        Reply.Taken r = (Reply.Taken) entry(c, new TakeMatching(k.number, pairs(wanted)));
        taking = 0;
        reconcile(); // what had no room is gone
        boolean gone = r == Reply.Taken.NOTHING;
        check(r.undecided() < 0 == (r.why() == Reply.Stop.NONE), "it stops without a reason: " + r);
        stops.merge(r.why(), 1, Integer::sum);
        wanted.forEach((from, to) -> {
            for (long s = from; s <= to && (r.undecided() < 0 || s < r.undecided()) && !gone; s++) {
                boolean isReady = k.queue.live.containsKey(s)
                        && !k.queue.heldBy.containsKey(s)
                        && !k.queue.deferred.containsKey(s);
                check(!isReady, s + " is left, " + r);
            }
        });
    }

    /** Who takes now, 0 for nobody. */
    private long taking;

    final Map<Reply.Stop, Integer> stops = new TreeMap<>();

    private static boolean filters(ModelConsumer k) {
        return k.spec.arguments().get("x-filter") != null;
    }

    private ModelConsumer pendingSubscribe;

    private ModelConsumer consumer(long number) {
        ModelConsumer k = consumers.get(number);
        if (k == null && pendingSubscribe != null) {
            k = new ModelConsumer(
                    number,
                    pendingSubscribe.queue,
                    pendingSubscribe.connection,
                    pendingSubscribe.channel,
                    pendingSubscribe.spec);
            consumers.put(number, k);
            room.put(
                    number,
                    k.spec.noAck() || k.spec.prefetch() == 0
                            ? k.spec.window()
                            : (long) k.spec.prefetch() + (filters(k) ? 0 : k.spec.window()));
        }
        return k;
    }

    private void cancel(Op op, ConnectionId c) {
        if (!consumers.isEmpty()) {
            List<Long> all = new ArrayList<>(consumers.keySet());
            entry(c, new Cancel(all.get(op.b() % all.size())));
        }
    }

    private void credit(Op op, ConnectionId c) {
        if (!consumers.isEmpty()) {
            List<ModelConsumer> all = new ArrayList<>(consumers.values());
            ModelConsumer k = all.get(op.b() % all.size());
            if (!k.spec.noAck() && k.spec.prefetch() == 0) {
                room.merge(k.number, 1L + op.c() % 5, Long::sum);
            }
            entry(c, new Credit(k.number, 1 + op.c() % 5));
        }
    }

    private boolean fetching;

    private void get(Op op, ConnectionId c) {
        if (op.d() % 2 == 0 && machine.level() >= SettleWith.LEVEL) {
            take(op, c);
            return;
        }
        fetching = true;
        Reply r = entry(c, new Get(c, op.c() % 3, "/", queueName(op.b()), false));
        fetching = false;
        if (r instanceof Reply.Got g) {
            got(g, find(queueName(op.b())), c, op.c() % 3);
        }
    }

    private boolean gets(long holder) {
        return consumers.get(holder).spec.tag().equals("get");
    }

    private void got(Reply.Got g, ModelQueue q, ConnectionId c, int channel) {
        ConsumerSpec spec = new ConsumerSpec("get", false, false, 0, 0, Arguments.NONE);
        consumers.putIfAbsent(g.holder(), new ModelConsumer(g.holder(), q, c, channel, spec));
        room.putIfAbsent(g.holder(), Long.MAX_VALUE);
        fetching = true;
        delivered(g.holder(), q, g.delivery());
        fetching = false;
    }

    /** A deferred message is taken, or another one than is there. */
    private void take(Op op, ConnectionId c) {
        String token = "t" + op.b() % 7;
        ModelQueue q = deferred(token);
        Reply r = entry(c, new Get(c, op.c() % 3, "/", "amq.deferred." + token, false));
        if (r instanceof Reply.Got g) {
            check(q != null && token.equals(q.deferred.remove(g.delivery().firstSeq())), "nothing has " + token);
            got(g, q, c, op.c() % 3);
        } else {
            boolean refused = r instanceof Reply.Rejected;
            check(refused || q == null, q == null ? "" : token + " of " + q.name + " is answered with " + r);
        }
    }

    private void settle(Op op, ConnectionId c) {
        if (outstanding.isEmpty()) {
            return;
        }
        Outstanding o = outstanding.get(op.b() % outstanding.size());
        Settle.Outcome how =
                op.d() % 10 < 6 ? Settle.Outcome.ACK : Settle.Outcome.values()[op.d() % Settle.Outcome.values().length];
        if (o.first == o.last && op.c() % 5 == 1) {
            defer(op, c, o);
            return;
        }
        settled(o, how);
        if (o.first == o.last && op.c() % 2 == 0) {
            entry(c, new SettleWith(o.holder, how, o.first, 0, headers(op, o), null));
        } else {
            entry(c, new Settle(o.holder, how, new long[] {o.first, o.last}));
        }
    }

    /** Puts a message aside; if another one has the token, it goes back. */
    private void defer(Op op, ConnectionId c, Outstanding o) {
        String token = "t" + op.b() % 7;
        boolean free = deferred(token) == null;
        settled(o, Settle.Outcome.NACK_REQUEUE);
        HeaderOverlay headers = free ? headers(op, o) : null;
        if (free) {
            o.queue.deferred.put(o.first, token);
        }
        SettleWith.Defer how = new SettleWith.Defer(token, "", null);
        Reply r = entry(c, new SettleWith(o.holder, Settle.Outcome.NACK_REQUEUE, o.first, 0, headers, how));
        check(r == Reply.OK == free, "deferring with " + token + " is answered with " + r);
    }

    /** The queue that has the message with this token; null for none. */
    private ModelQueue deferred(String token) {
        return queues.values().stream()
                .filter(q -> q.deferred.containsValue(token))
                .findFirst()
                .orElse(null);
    }

    /** Some of a few names, or none. */
    private static HeaderOverlay headers(Op op, Outstanding o) {
        if (op.a() % 3 == 0) {
            return null;
        }
        String name = "h" + op.a() % 2;
        String value = "v" + op.b() % 7;
        o.queue.headers.computeIfAbsent(o.first, s -> new TreeMap<>()).put(name, value);
        return SomeHeaders.of(name, value);
    }

    private void settled(Outstanding o, Settle.Outcome how) {
        outstanding.remove(o);
        ModelConsumer k = consumers.get(o.holder);
        letGo(o, how);
        for (long s = o.first; s <= o.last; s++) {
            if (how == Settle.Outcome.ACK || how == Settle.Outcome.DISCARD) {
                o.queue.live.remove(s);
            }
        }
        if (k.spec.noAck() || k.spec.prefetch() > 0 || k.spec.tag().equals("get")) {
            given.merge(o.holder, -(o.last - o.first + 1), Long::sum);
        }
    }

    private void takeBack(Op op, ConnectionId c) {
        List<ModelConsumer> resting = consumers.values().stream()
                .filter(k -> !k.spec.noAck() && k.spec.prefetch() > 0)
                .toList();
        if (resting.isEmpty()) {
            return;
        }
        long holder = resting.get(op.b() % resting.size()).number;
        TreeMap<Long, Long> sent = new TreeMap<>();
        outstanding.removeIf(o -> {
            boolean unsent = o.holder == holder && (o.first + op.d()) % 3 == 0;
            if (unsent) {
                given.merge(holder, -(o.last - o.first + 1), Long::sum);
                letGo(o, Settle.Outcome.RELEASE);
            } else if (o.holder == holder) {
                sent.put(o.first, o.last);
            }
            return unsent;
        });
        entry(c, new TakeBack(holder, pairs(sent)));
    }

    private void letGo(Outstanding o, Settle.Outcome how) {
        for (long s = o.first; s <= o.last; s++) {
            o.queue.heldBy.remove(s);
            o.queue.wentBack(s, how);
        }
        if (how != Settle.Outcome.RELEASE) {
            past.computeIfAbsent(o.holder, h -> new TreeMap<>()).merge(o.last >> LANE, o.last + 1, Math::max);
        }
    }

    /** What the holder gets of this lane below this number comes to its client behind later messages. */
    private long at(long holder, ModelQueue q, long lane) {
        return q.heldBy.entrySet().stream()
                .filter(e -> e.getValue() == holder && e.getKey() >> LANE == lane)
                .mapToLong(e -> e.getKey() + 1)
                .reduce(past.getOrDefault(holder, new TreeMap<>()).getOrDefault(lane, 0L), Math::max);
    }

    private static long[] pairs(TreeMap<Long, Long> ranges) {
        return ranges.entrySet().stream()
                .flatMapToLong(e -> LongStream.of(e.getKey(), e.getValue()))
                .toArray();
    }

    private Reply entry(ConnectionId c, Command command) {
        return batch(c.node(), command);
    }

    private Reply batch(String node, Command command) {
        index++;
        long seq = seqs.merge(node, 1L, Long::sum);
        boolean up = command instanceof NodeUp;
        Stamp e = new Stamp(1, index, 1_000 + index * 7);
        Admission a = machine.begin(e, node, epochs.getOrDefault(node, 0L), seq, up);
        check(a == Admission.ACCEPTED, "batch " + seq + " of " + node + " is " + a);
        Reply r = restartWithinEntries ? applyWithRestarts(e, node, command) : machine.apply(command, this);
        machine.end();
        machine.applied(1, index, this);
        transcript.add(index + " " + command.kind() + " -> " + describe(r));
        return r;
    }

    private Reply applyWithRestarts(Stamp e, String node, Command command) {
        if (command instanceof CommitTx tx) {
            Reply admitted = machine.admit(tx, this);
            return admitted == Reply.OK ? publishWithRestarts(e, node, tx.publishes(), true) : admitted;
        }
        return command instanceof Publish p ? publishWithRestarts(e, node, p, false) : machine.apply(command, this);
    }

    private Reply publishWithRestarts(Stamp e, String node, Publish whole, boolean admitted) {
        Publish p = whole;
        while (machine.publish(p, this)) {
            machine.commitWithin(0, 0);
            machine = new BrokerMachine(store = store.copy(), limits);
            Progress done = machine.progress(index);
            machine.resume(e, node);
            if (admitted) {
                machine.resumeTransaction();
            }
            p = p.from(done.offset(), done.ordinal());
            interruptions++;
        }
        return Reply.OK;
    }

    private static String describe(Reply r) {
        if (r instanceof Reply.Got g) {
            return "Got " + g.holder() + " " + describe(g.delivery()) + " " + g.remaining();
        }
        return r.toString();
    }

    private static String describe(Delivery d) {
        return d.chunk().queue() + ":" + (d.firstSeq() >> LANE) + "." + (d.firstSeq() & (1L << LANE) - 1) + "+"
                + d.count() + (d.redelivered() ? "r" + d.attempts() : "");
    }

    void commit() {
        if (index > 0) {
            machine.commit(1, index);
            readAll();
        }
    }

    /** Replaces the machine by one restored from what was committed. */
    void restart() {
        commit();
        long before = machine.digest();
        store = restarts.apply(store);
        machine = new BrokerMachine(store, limits);
        check(before == machine.digest(), "the digest changed by a restore at " + index);
    }

    private void readAll() {
        for (Delivery d : unread) {
            ChunkBody body = store.load(d.chunk());
            ModelQueue q = queues.get(d.chunk().queue());
            for (int i = d.from(); body != null && i < d.to(); i++) {
                Msg m = q == null ? null : q.live.get(d.chunk().firstSeq() + i);
                if (m != null) {
                    check(idOf(body, i) == m.id, "wrong body");
                    check(MessageRecord.bodyLength(body.bytes(), body.at(i)) == m.bodyLength, "wrong length");
                }
            }
        }
        unread.clear();
    }

    private long idOf(ChunkBody body, int i) {
        int at = body.at(i);
        if (!MessageRecord.isExternal(body.bytes(), at)) {
            return ByteReader.int64(body.bytes(), MessageRecord.bodyOffset(body.bytes(), at));
        }
        byte[] part = store.loadShared(MessageRecord.externalId(body.bytes(), at), 0);
        return ByteReader.int64(part, (int) MessageRecord.externalOffset(body.bytes(), at));
    }

    private ModelQueue find(String name) {
        return queues.values().stream()
                .filter(q -> q.name.equals(name))
                .findFirst()
                .orElse(null);
    }

    /** Takes over which queues there are, and checks the counts of each. */
    private void reconcile() {
        List<BrokerView.QueueInfo> infos = machine.queues();
        queues.values().removeIf(q -> infos.stream().noneMatch(i -> i.name().equals(q.name)));
        bindings.values().forEach(bound -> bound.removeIf(b -> find(b) == null));
        long bound = bindings.values().stream().mapToLong(TreeSet::size).sum();
        check(machine.bindings().size() == bound, machine.bindings() + " are bound, model " + bindings);
        outstanding.removeIf(o -> !queues.containsValue(o.queue));
        for (BrokerView.QueueInfo i : infos) {
            ModelQueue q = find(i.name());
            if (q == null) {
                q = new ModelQueue(i.name(), i.spec(), machine.level());
                queues.put(machine.queueNumber(i.vhost(), i.name()), q);
            }
            q.overflowed(i.counters().overflowed());
            q.goBy(i.policy());
            checkLimits(q);
            if (!machine.owes()) {
                checkPolicies(i);
            }
            long sent = sent(q);
            check(i.unacked() == sent, q.name + " unacked " + i.unacked() + " model " + sent);
            check(i.deferred() == q.deferred.size(), q.name + " deferred " + i.deferred() + " model " + q.deferred);
            check(
                    i.ready() == q.live.size() - sent - q.deferred.size(),
                    q.name + " ready " + i.ready() + " model " + q.live.size());
            checkBytes(i, q, sent);
        }
        checkSteps(infos);
    }

    /** Below level 2, what a recover takes from a cancelled consumer is looked at by the queue's next command only. */
    private boolean recoveredEarly;

    private void checkLimits(ModelQueue q) {
        if (machine.owes() || recoveredEarly || !q.settings.dropsHead()) {
            return; // what comes back may be more than what publishes may add; what is still being handed out or given
            // back may be too much
        }
        long free = q.live.size() - q.heldBy.size() - q.deferred.size();
        check(q.settings.maxLength() < 0 || free <= q.settings.maxLength(), q.name + " has " + free);
        long bytes = q.live.entrySet().stream()
                .filter(e -> q.isFree(e.getKey()))
                .mapToLong(e -> e.getValue().bodyLength)
                .sum();
        check(q.settings.maxBytes() < 0 || bytes <= q.settings.maxBytes(), q.name + " has bytes " + bytes);
    }

    private void checkBytes(BrokerView.QueueInfo i, ModelQueue q, long sent) {
        long all = q.live.values().stream().mapToLong(Msg::bodyLength).sum();
        long held = q.heldBy.keySet().stream()
                .mapToLong(s -> q.live.get(s).bodyLength)
                .sum();
        long aside = q.deferred.keySet().stream()
                .mapToLong(s -> q.live.get(s).bodyLength)
                .sum();
        check(i.readyBytes() + i.unackedBytes() == all - aside, q.name + " of model bytes " + all + ": " + i);
        check(q.heldBy.size() > sent || i.unackedBytes() == held, q.name + " of held model bytes " + held + ": " + i);
    }

    /** What is read in steps is what is read at once. */
    private void checkSteps(List<BrokerView.QueueInfo> infos) {
        check(inSteps(machine::queues).equals(infos), "queues in steps");
        check(inSteps(machine::exchanges).equals(machine.exchanges()), "exchanges in steps");
        check(inSteps(machine::bindings).equals(machine.bindings()), "bindings in steps");
        check(inSteps(machine::connections).equals(machine.connections()), "connections in steps");
        check(inSteps(machine::consumers).equals(machine.consumers()), "consumers in steps");
    }

    private <T> List<T> inSteps(BiFunction<BrokerView.Place, Integer, BrokerView.Step<T>> list) {
        List<T> all = new ArrayList<>();
        BrokerView.Place at = null;
        do {
            BrokerView.Step<T> step = list.apply(at, 2);
            all.addAll(step.items());
            at = step.next();
        } while (at != null);
        return all;
    }

    /** Of the held messages, those that clients have: beyond a consumer's prefetch its channel holds them back. */
    private long sent(ModelQueue q) {
        Map<Long, Long> held = new TreeMap<>();
        q.heldBy.values().forEach(holder -> held.merge(holder, 1L, Long::sum));
        long sent = 0;
        for (Map.Entry<Long, Long> e : held.entrySet()) {
            ConsumerSpec spec = consumers.get(e.getKey()).spec;
            boolean limited = !spec.noAck() && spec.prefetch() > 0;
            sent += limited ? Math.min(spec.prefetch(), e.getValue()) : e.getValue();
        }
        return sent;
    }

    @Override
    public void deliver(Consumer c, Delivery d) {
        transcript.add("deliver " + c.number() + " " + describe(d));
        ModelConsumer k = consumer(c.number());
        check(k != null, "delivery to a consumer nobody made");
        delivered(c.number(), k.queue, d);
        check(given.get(c.number()) <= room.get(c.number()), "credit exceeded by " + c.number());
        check(filters(k) == (taking == k.number), "who filters takes, others are given: " + c.number());
    }

    @Override
    public void ready(Consumer c, long[] ranges) {
        transcript.add("ready " + c.number() + " " + Arrays.toString(ranges));
        check(filters(consumer(c.number())), "told of what is ready: " + c.number());
    }

    private void delivered(long holder, ModelQueue q, Delivery d) {
        unread.add(d);
        given.merge(holder, (long) d.count(), Long::sum);
        long at = at(holder, q, d.firstSeq() >> LANE);
        // Of queues that drop some may be gone, and what is fetched is told last: the model knows both at the entry's
        // end.
        if (!q.settings.dropsHead() && !fetching && taking == 0) {
            check(q.head() == d.firstSeq(), d.firstSeq() + " of " + q.name + " comes before " + q.head());
        }
        for (long s = d.firstSeq(); s < d.firstSeq() + d.count(); s++) {
            check(q.live.containsKey(s), "delivery of " + s + " of " + q.name + ", which is not live");
            if (q.settings.singleActiveConsumer() && !gets(holder)) { // only what was deferred is got of such a queue
                check(
                        q.heldBy.values().stream().allMatch(h -> h == holder || gets(h)),
                        "two hold messages of " + q.name);
            }
            check(q.heldBy.put(s, holder) == null, "delivery of " + s + " of " + q.name + ", which is held");
            check(
                    d.redelivered() == (s < at || q.attempts.containsKey(s)),
                    "redelivered flag of " + s + " in " + q.name);
            int had = q.quorum && q.highest > 0 ? q.returns.getOrDefault(s, 0) : 0;
            check(d.returns() == had, "returns of " + s + " in " + q.name);
            Map<String, Object> added = q.headers.getOrDefault(s, Map.of());
            check(added.isEmpty() || d.count() == 1, s + " of " + q.name + " has headers and comes with others");
            check(SomeHeaders.read(d.headers()).equals(added), "headers of " + s + " in " + q.name);
            check(d.attempts() == (q.quorum ? q.attempts.getOrDefault(s, 0) : 0), "attempts of " + s + " in " + q.name);
        }
        outstanding.add(new Outstanding(holder, q, d.firstSeq(), d.firstSeq() + d.count() - 1));
    }

    @Override
    public void consumerCancelled(Consumer c) {
        transcript.add("cancelled " + c.number());
    }

    @Override
    public void connectionClosed(ConnectionId c, String reason) {
        transcript.add("closed " + c + " " + reason);
    }

    @Override
    public void unroutable(int ordinal) {
        transcript.add("unroutable " + ordinal);
    }

    @Override
    public void directReply(int ordinal, ReplyConsumer to, long upload, long shared) {
        transcript.add("reply " + ordinal + " " + to + " " + upload + " " + shared);
        replies.reached(to, upload);
    }

    @Override
    public void publishRefused(int ordinal, Reply.Rejected why) {
        transcript.add("refused " + ordinal + " " + why);
        if (why.reason() == Reply.Reason.LIMIT) {
            refusals.add(ordinal);
        }
    }

    private void check(boolean ok, String what) {
        if (!ok) {
            throw new AssertionError("entry " + index + ": " + what);
        }
    }
}
