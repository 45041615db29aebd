package io.tallymq.broker.logs;

import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.Machines;
import io.tallymq.broker.SomeHeaders;
import io.tallymq.broker.command.Cancel;
import io.tallymq.broker.command.CloseChannel;
import io.tallymq.broker.command.CloseConnection;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.Credit;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.command.DeleteExchange;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.NodeLost;
import io.tallymq.broker.command.NodeUp;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.PurgeQueue;
import io.tallymq.broker.command.Raise;
import io.tallymq.broker.command.Recover;
import io.tallymq.broker.command.Sent;
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
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.logs.ModelHoldings.Outstanding;
import io.tallymq.broker.logs.ModelQueue.Msg;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.HeaderOverlay;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConnectionInfo;
import io.tallymq.broker.spec.ConsumerSpec;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.broker.spec.ReplyConsumer;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.store.MemoryStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * Carries out a log of {@link Op}s on a machine, keeps a simple model of who holds what beside it, and fails when the two
 * disagree: no message lost or made up, order per queue, credit never exceeded.
 */
public final class LogRun implements Effects {
    static final String[] NODES = {"n1", "n2"};
    private static final int QUEUES = 4;

    private final Replica replica;
    private final List<String> transcript = new ArrayList<>();
    private final boolean commitAlways;
    private final List<ConnectionId> connections = new ArrayList<>();
    private final ModelQueues queues = new ModelQueues();
    private final ModelHoldings holdings;
    private final ModelTopology topology;
    private final ModelPublishes publishes;
    private final ModelPolicies policies;
    private final ModelChecks checks;
    private final LogReplies replies = new LogReplies(this::entry);
    private final List<Delivery> unread = new ArrayList<>();
    private final Map<Reply.Stop, Integer> stops = new TreeMap<>();
    private long connectionNumber;
    private long uploadNumber;

    public LogRun(MemoryStore store, boolean commitAlways) {
        this(store, commitAlways, MachineLimits.FORMAT_1);
    }

    /** @param commitAlways behind each entry, else where the log says so */
    public LogRun(MemoryStore store, boolean commitAlways, MachineLimits limits) {
        this.commitAlways = commitAlways;
        replica = new Replica(store, limits, this);
        holdings = new ModelHoldings(replica);
        topology = new ModelTopology(this::entry, replica, queues);
        publishes = new ModelPublishes(this::entry, replica, queues, topology);
        policies = new ModelPolicies(this::entry, replica);
        checks = new ModelChecks(replica, holdings, policies);
    }

    /** What was answered and told. */
    public List<String> transcript() {
        return transcript;
    }

    public BrokerMachine machine() {
        return replica.machine;
    }

    /** What a restart finds of the store. */
    public void restarts(UnaryOperator<MemoryStore> found) {
        replica.restarts = found;
    }

    /** Each slice of a run of publishes is written, and a restored machine goes on. */
    public void restartWithinEntries() {
        replica.restartWithinEntries = true;
    }

    /** How often consumers with a filter could not take more, by why. */
    public Map<Reply.Stop, Integer> stops() {
        return stops;
    }

    /** How often that was. */
    public int interruptions() {
        return replica.interruptions;
    }

    public void run(List<Op> ops) {
        for (Op op : ops) {
            step(op);
        }
        commit();
    }

    /** Removes everything; what is left in the store then is a leak. */
    public void removeAll() {
        nodeUp(NODES[0]);
        nodeUp(NODES[1]);
        open(NODES[0]);
        ConnectionId c = connections.get(0);
        for (ModelQueue q : List.copyOf(queues.all())) {
            entry(c, new DeleteQueue(c, "/", q.name, false, false));
        }
        policies.clear(c);
        for (String exchange : ModelTopology.FANOUTS) {
            entry(c, new DeleteExchange("/", exchange, false));
        }
        entry(c, new CloseConnection(c, List.of()));
        commit();
        for (int n = 0; machine().owes(); n++) {
            replica.check(n < 10_000, "it never takes out what is owed");
            entry(c, new Probe(false));
            if (n % 7 == 0) {
                restart();
            }
        }
        commit();
        for (int type = Keys.CONNECTION; type <= Keys.DEFERRED; type++) {
            if (type != Keys.EXCHANGE) {
                int t = type;
                replica.store.scan(
                        Keys.of((byte) type),
                        (k, v) -> replica.check(false, "left in the store: " + t + Arrays.toString(k)));
            }
        }
    }

    public void step(Op op) {
        switch (op.kind()) {
            case NODE_UP -> nodeUp(NODES[op.a() % 2]);
            case NODE_LOST -> nodeLost(NODES[op.a() % 2], NODES[(op.a() + 1) % 2]);
            case OPEN -> open(NODES[op.a() % 2]);
            case COMMIT -> commit();
            case RAISE -> raise(NODES[op.a() % 2]);
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
        int channel = op.b() % 3;
        switch (op.kind()) {
            case CLOSE -> {
                connections.remove(c);
                entry(c, new CloseConnection(c, gone(c, -1, o -> (o.first() + op.d()) % 3 > 0)));
            }
            case CLOSE_CHANNEL -> {
                List<Sent> sent = gone(c, channel, o -> (o.first() + op.d()) % 3 > 0);
                entry(c, new CloseChannel(c, channel, sent));
            }
            case DECLARE_QUEUE -> declare(op, c);
            case DELETE_QUEUE -> entry(c, new DeleteQueue(c, "/", queueName(op.b()), op.c() % 2 == 0, op.d() % 2 == 0));
            case PURGE -> purge(op, c);
            case DECLARE_EXCHANGE -> topology.declare(op, c);
            case DELETE_EXCHANGE -> topology.delete(op, c);
            case BIND -> topology.bind(op, c, true);
            case UNBIND -> topology.bind(op, c, false);
            case PUBLISH -> publishes.publish(op, c);
            case UPLOAD -> upload(op, c);
            case TRANSACTION -> transaction(op, c);
            case POLICY -> policies.step(op, c);
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
                holdings.forget(c, channel, o -> Settle.Outcome.NACK_REQUEUE);
                entry(c, new Recover(c, channel));
                checks.recovered();
            }
            default -> throw new AssertionError(op.kind());
        }
        reconcile();
    }

    static String queueName(int n) {
        return "q" + n % QUEUES;
    }

    private void nodeUp(String node) {
        replica.starts(node);
        for (ConnectionId c : List.copyOf(connections)) {
            if (c.node().equals(node)) {
                drop(c);
            }
        }
        entry(node, new NodeUp(node, replica.epochOf(node)));
        reconcile();
    }

    private void nodeLost(String node, String by) {
        if (replica.epochOf(node) > 0 && replica.isUp(by)) {
            connections.stream().filter(c -> c.node().equals(node)).toList().forEach(this::drop);
            entry(by, new NodeLost(node, replica.epochOf(node), 1));
            replica.lost(node);
            reconcile();
        }
    }

    private void raise(String by) {
        if (replica.isUp(by)) {
            entry(by, new Raise(BrokerMachine.LEVELS.max(), 1));
            reconcile(); // an entry of whatever kind drops what a limit leaves no room for
        }
    }

    private void open(String node) {
        if (replica.isUp(node)) {
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
        holdings.lost(c);
        gone(c, -1, o -> true);
    }

    private List<Sent> gone(ConnectionId c, int channel, Predicate<Outstanding> wasSent) {
        replies.gone(c, channel);
        return holdings.gone(c, channel, wasSent);
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
        ModelQueue q = queues.find(queueName(op.b()));
        Reply r = entry(c, new PurgeQueue(c, "/", queueName(op.b())));
        if (r instanceof Reply.Removed n) {
            long before = q.live.size();
            q.live.keySet().removeIf(s -> !q.heldBy.containsKey(s));
            q.deferred.clear();
            before += holdings.purgedAhead(q);
            replica.check(before - q.live.size() == n.messages(), "purge removed " + n.messages());
        }
    }

    private void upload(Op op, ConnectionId c) {
        long upload = ++uploadNumber;
        if (publishes.upload(op, c, upload)) {
            reconcile(); // a policy may have come through meanwhile
            publishes.uploaded(op, c, upload);
        }
    }

    private Outstanding anyOutstanding(Op op) {
        List<Outstanding> all = holdings.outstanding;
        return all.isEmpty() ? null : all.get(op.b() % all.size());
    }

    private void transaction(Op op, ConnectionId c) {
        int channel = op.c() % 3;
        if (!publishes.transaction(op, c, anyOutstanding(op), holdings)) {
            reconcile(); // what is dropped now is older than what comes back with the channel
            entry(c, new CloseChannel(c, channel, gone(c, channel, k -> true)));
        }
    }

    private void subscribe(Op op, ConnectionId c) {
        ConsumerSpec spec =
                new ConsumerSpec("t" + op.d(), op.d() % 5 == 0, op.d() % 13 == 0, op.c() % 4 * 3, 5, consuming(op));
        holdings.subscribing(queues.find(queueName(op.b())), c, op.c() % 3, spec);
        Reply r = entry(c, new Subscribe(c, op.c() % 3, "/", queueName(op.b()), spec));
        holdings.subscribed(r instanceof Reply.Subscribed s ? s.consumer() : null);
    }

    private static Arguments consuming(Op op) {
        if (op.a() % 3 == 0) { // what it says does not count: what is taken is decided outside
            return new Arguments(Map.of(ModelHoldings.FILTER, new TreeMap<>(Map.of("h", "v"))));
        }
        long priority = op.d() % 6 - 2;
        return priority <= 0 ? Arguments.NONE : new Arguments(Map.of("x-priority", priority));
    }

    /** A consumer takes some messages wherever they stand: those that nobody has, and only as many as it may have. */
    private void takeMatching(Op op, ConnectionId c) {
        List<ModelHoldings.Consumer> filtering = holdings.consumers.values().stream()
                .filter(ModelHoldings.Consumer::filters)
                .toList();
        if (filtering.isEmpty()) {
            return;
        }
        ModelHoldings.Consumer k = filtering.get(op.b() % filtering.size());
        TreeMap<Long, Long> wanted = wanted(op, k.queue());
        boolean comesBack = machine().owes(); // of what is to be given back still they are told then
        holdings.taking(k.number());
        Reply.Taken r = (Reply.Taken) entry(c, new TakeMatching(k.number(), ModelHoldings.pairs(wanted)));
        holdings.taking(0);
        reconcile(); // what had no room is gone
        boolean gone = r == Reply.Taken.NOTHING;
        replica.check(r.undecided() < 0 == (r.why() == Reply.Stop.NONE), "it stops without a reason: " + r);
        stops.merge(r.why(), 1, Integer::sum);
        wanted.forEach((from, to) -> {
            for (long s = from; s <= to && (r.undecided() < 0 || s < r.undecided()) && !gone; s++) {
                boolean isReady = k.queue().live.containsKey(s) && k.queue().isFree(s) && !comesBack;
                replica.check(!isReady, s + " is left, " + r);
            }
        });
    }

    /** Some of its messages, and some that are not there. */
    private static TreeMap<Long, Long> wanted(Op op, ModelQueue q) {
        TreeMap<Long, Long> wanted = new TreeMap<>();
        long most = q.live.isEmpty() ? 5 : q.live.lastKey() + 2;
        for (long s : q.live.keySet()) {
            if ((s * 7 + op.d()) % 5 < 2
                    && (wanted.isEmpty() || s > wanted.lastEntry().getValue())) {
                wanted.put(s, Math.min(most, s + op.c() % 3));
            }
        }
        wanted.putIfAbsent(most, most + 3);
        return wanted;
    }

    private void cancel(Op op, ConnectionId c) {
        if (!holdings.consumers.isEmpty()) {
            List<Long> all = new ArrayList<>(holdings.consumers.keySet());
            entry(c, new Cancel(all.get(op.b() % all.size())));
        }
    }

    private void credit(Op op, ConnectionId c) {
        if (!holdings.consumers.isEmpty()) {
            List<ModelHoldings.Consumer> all = new ArrayList<>(holdings.consumers.values());
            ModelHoldings.Consumer k = all.get(op.b() % all.size());
            holdings.moreRoom(k, 1L + op.c() % 5);
            entry(c, new Credit(k.number(), 1 + op.c() % 5));
        }
    }

    private void get(Op op, ConnectionId c) {
        if (op.d() % 2 == 0 && machine().level() >= SettleWith.LEVEL) {
            take(op, c);
            return;
        }
        holdings.fetching(true);
        Reply r = entry(c, new Get(c, op.c() % 3, "/", queueName(op.b()), false));
        holdings.fetching(false);
        if (r instanceof Reply.Got g) {
            got(g, queues.find(queueName(op.b())), c, op.c() % 3);
        }
    }

    private void got(Reply.Got g, ModelQueue q, ConnectionId c, int channel) {
        unread.add(g.delivery());
        holdings.fetched(g.holder(), q, c, channel, g.delivery());
    }

    private static String token(Op op) {
        return "t" + op.b() % 7;
    }

    /** A deferred message is taken, or another one than is there. */
    private void take(Op op, ConnectionId c) {
        ModelQueue q = queues.deferred(token(op));
        Reply r = entry(c, new Get(c, op.c() % 3, "/", "amq.deferred." + token(op), false));
        if (r instanceof Reply.Got g) {
            String was = q == null ? null : q.deferred.remove(g.delivery().firstSeq());
            replica.check(token(op).equals(was), "nothing has " + token(op));
            got(g, q, c, op.c() % 3);
        } else {
            boolean refused = r instanceof Reply.Rejected;
            replica.check(refused || q == null, token(op) + " is answered with " + r);
        }
    }

    private void settle(Op op, ConnectionId c) {
        Outstanding o = anyOutstanding(op);
        if (o == null) {
            return;
        }
        Settle.Outcome how =
                op.d() % 10 < 6 ? Settle.Outcome.ACK : Settle.Outcome.values()[op.d() % Settle.Outcome.values().length];
        if (o.first() == o.last() && op.c() % 5 == 1) {
            defer(op, c, o);
            return;
        }
        holdings.settled(o, how);
        if (o.first() == o.last() && op.c() % 2 == 0) {
            entry(c, new SettleWith(o.holder(), how, o.first(), 0, headers(op, o), null));
        } else {
            entry(c, new Settle(o.holder(), how, o.range()));
        }
    }

    /** Puts a message aside; if another one has the token, it goes back. */
    private void defer(Op op, ConnectionId c, Outstanding o) {
        boolean free = queues.deferred(token(op)) == null;
        holdings.settled(o, Settle.Outcome.NACK_REQUEUE);
        HeaderOverlay headers = free ? headers(op, o) : null;
        if (free) {
            o.queue().deferred.put(o.first(), token(op));
        }
        SettleWith.Defer how = new SettleWith.Defer(token(op), "", null);
        Reply r = entry(c, new SettleWith(o.holder(), Settle.Outcome.NACK_REQUEUE, o.first(), 0, headers, how));
        replica.check(r == Reply.OK == free, "deferring with " + token(op) + " is answered with " + r);
    }

    /** Some of a few names, or none. */
    private static HeaderOverlay headers(Op op, Outstanding o) {
        if (op.a() % 3 == 0) {
            return null;
        }
        String name = "h" + op.a() % 2;
        String value = "v" + op.b() % 7;
        o.queue().headers.computeIfAbsent(o.first(), s -> new TreeMap<>()).put(name, value);
        return SomeHeaders.of(name, value);
    }

    private void takeBack(Op op, ConnectionId c) {
        List<ModelHoldings.Consumer> limited = holdings.consumers.values().stream()
                .filter(ModelHoldings.Consumer::isLimited)
                .toList();
        if (!limited.isEmpty()) {
            long holder = limited.get(op.b() % limited.size()).number();
            entry(c, new TakeBack(holder, holdings.takenBack(holder, o -> (o.first() + op.d()) % 3 == 0)));
        }
    }

    private Reply entry(ConnectionId c, Command command) {
        return entry(c.node(), command);
    }

    private Reply entry(String node, Command command) {
        Reply r = replica.entry(node, command, 1_000 + (replica.index() + 1) * 7);
        transcript.add(replica.index() + " " + command.kind() + " -> " + describe(r));
        return r;
    }

    private static String describe(Reply r) {
        if (r instanceof Reply.Got g) {
            return "Got " + g.holder() + " " + describe(g.delivery()) + " " + g.remaining();
        }
        return r.toString();
    }

    private static String describe(Delivery d) {
        return d.chunk().queue() + ":" + (d.firstSeq() >> ModelQueue.LANE) + "."
                + (d.firstSeq() & (1L << ModelQueue.LANE) - 1) + "+" + d.count()
                + (d.redelivered() ? "r" + d.attempts() : "");
    }

    public void commit() {
        if (replica.index() > 0) {
            replica.commit();
            readAll();
        }
    }

    /** Replaces the machine by one restored from what was committed. */
    public void restart() {
        commit();
        replica.restart();
    }

    private void readAll() {
        for (Delivery d : unread) {
            ChunkBody body = replica.store.load(d.chunk());
            ModelQueue q = queues.byNumber.get(d.chunk().queue());
            for (int i = d.from(); body != null && i < d.to(); i++) {
                Msg m = q == null ? null : q.live.get(d.chunk().firstSeq() + i);
                if (m != null) {
                    replica.check(Bodies.id(replica.store, body.bytes(), body.at(i)) == m.id(), "wrong body");
                    replica.check(MessageRecord.bodyLength(body.bytes(), body.at(i)) == m.bodyLength(), "wrong length");
                }
            }
        }
        unread.clear();
    }

    /** Takes over which queues there are, and checks the counts of each. */
    private void reconcile() {
        List<BrokerView.QueueInfo> infos = machine().queues();
        queues.all().removeIf(q -> infos.stream().noneMatch(i -> i.name().equals(q.name)));
        topology.check();
        holdings.outstanding.removeIf(o -> !queues.all().contains(o.queue()));
        for (BrokerView.QueueInfo i : infos) {
            ModelQueue q = queues.find(i.name());
            if (q == null) {
                q = new ModelQueue(i.name(), i.spec(), machine().level());
                queues.byNumber.put(Machines.queueNumber(machine(), i.name()), q);
            }
            q.overflowed(i.counters().overflowed());
            q.goBy(i.policy());
            checks.queue(i, q);
        }
        ModelChecks.steps(replica);
    }

    @Override
    public void deliver(Consumer c, Delivery d) {
        transcript.add("deliver " + c.number() + " " + describe(d));
        unread.add(d);
        holdings.delivered(c.number(), d);
    }

    @Override
    public void ready(Consumer c, long[] ranges) {
        transcript.add("ready " + c.number() + " " + Arrays.toString(ranges));
        holdings.ready(c.number());
    }

    @Override
    public void consumerCancelled(Consumer c) {
        transcript.add("cancelled " + c.number());
    }

    @Override
    public void connectionForced(ConnectionId c, String reason) {
        transcript.add("forced " + c + " " + reason);
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
    public void publishing(int first, int end, Backlog queue) {
        publishes.publishing(first, end, queue);
    }

    @Override
    public void directReply(int ordinal, ReplyConsumer to, long upload, long shared) {
        transcript.add("reply " + ordinal + " " + to + " " + upload + " " + shared);
        replies.reached(to, upload);
    }

    @Override
    public void publishRefused(int ordinal, Reply.Rejected why) {
        transcript.add("refused " + ordinal + " " + why);
        publishes.refused(ordinal, why);
    }
}
