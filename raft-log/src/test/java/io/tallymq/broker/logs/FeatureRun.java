package io.tallymq.broker.logs;

import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.change.DeleteVhost;
import io.tallymq.broker.change.FirstUser;
import io.tallymq.broker.command.Administer;
import io.tallymq.broker.command.BindExchange;
import io.tallymq.broker.command.CallOff;
import io.tallymq.broker.command.ClearPolicy;
import io.tallymq.broker.command.CloseConnection;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.DeleteExchange;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.OnChannel;
import io.tallymq.broker.command.PauseQueue;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.Raise;
import io.tallymq.broker.effect.Backlog;
import io.tallymq.broker.effect.Consumer;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.logs.FeatureOp.Kind;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.queue.QueueArguments;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.PasswordHash;
import io.tallymq.broker.spec.ReplyConsumer;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.store.MemoryStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Carries out a log of {@link FeatureOp}s on a machine: all that the broker can do, mixed. What is answered, told and seen behind each entry
 * stands in its transcript; whether it is right an {@link Audit} tells, if there is one.
 */
public final class FeatureRun implements Effects, Steps.Log {
    private final Replica replica;
    private static final Set<FeatureOp.Kind> ALONE =
            Set.of(FeatureOp.Kind.NODE_UP, FeatureOp.Kind.NODE_LOST, FeatureOp.Kind.COMMIT, FeatureOp.Kind.TOGETHER);

    private final boolean commitAlways;
    private final List<Object> transcript = new ArrayList<>();
    private final Clients clients = new Clients();
    private final LifeSteps life;
    private final PublishSteps publishes = new PublishSteps(this);
    private final Map<Kind, Steps.Step> steps = new EnumMap<>(Kind.class);
    private final Audit audit;

    private long now = 1_000_000;
    /** Steps that are still of the entry in hand. */
    private int together;
    /** What is carried out. */
    private Command command;

    /**
     * Made once.
     *
     * @param commitAlways behind each entry, else where the log says so
     * @param audited whether an audit looks at the store behind each entry, which is committed then
     */
    public FeatureRun(MachineLimits limits, boolean commitAlways, boolean audited) {
        this.commitAlways = commitAlways || audited;
        this.audit = audited ? new Audit(clients) : null;
        this.replica = new Replica(new MemoryStore(0), limits, this, s -> audited ? audit.watch(s) : s);
        this.life = new LifeSteps(this::entry, replica, clients);
        List<Steps> all = List.of(
                publishes,
                new QueueSteps(this),
                new ExchangeSteps(this),
                new ConsumerSteps(this),
                new AsideSteps(this),
                new PolicySteps(this));
        all.forEach(s -> steps.putAll(s.kinds()));
    }

    /** What was answered, told and seen: texts, and {@link Views} behind each entry. */
    public List<Object> transcript() {
        return transcript;
    }

    /** Each slice of a run of publishes is written, and a restored machine goes on. */
    public void restartWithinEntries() {
        replica.restartWithinEntries = true;
    }

    /** How often that was. */
    public int interruptions() {
        return replica.interruptions;
    }

    public void run(List<FeatureOp> ops) {
        ops.forEach(this::step);
        end();
    }

    /** The log ends here. */
    public void end() {
        together = 0;
        apart();
        commit();
    }

    public void step(FeatureOp op) {
        Dice dice = op.dice();
        if (!replica.isOpen()) {
            pass(dice);
        }
        if (!dice.oneIn(3)) {
            life.closeEnded(dice);
        }
        switch (op.kind()) {
            case COMMIT -> commit();
            case TOGETHER -> {
                if (together == 0) {
                    together = 2 + dice.below(3);
                    replica.together();
                }
                return;
            }
            default -> carryOut(op, dice);
        }
        if (together > 0 && --together == 0) {
            apart();
        }
    }

    /** Mostly little time passes, now and then more, and once in a while a client's half an hour. */
    private void pass(Dice dice) {
        now += dice.oneIn(20) ? dice.below(1_500) : dice.below(12);
        if (dice.oneIn(200)) {
            now += 1_900_000;
        }
    }

    private void carryOut(FeatureOp op, Dice dice) {
        if (life.step(op, dice) || clients.connections.isEmpty()) {
            return;
        }
        steps.get(op.kind()).make(dice.of(clients.connections), dice);
    }

    private void apart() {
        if (replica.isOpen()) {
            replica.apart();
            ended();
        }
        replica.apart();
    }

    private void commit() {
        if (replica.index() > 0 && !replica.isOpen()) {
            replica.commit();
        }
    }

    /** Replaces the machine by one that is restored from what was committed. */
    public void restart() {
        if (replica.index() > 0 && !replica.isOpen()) {
            commit();
            Map<String, Object> before = Views.of(replica.machine);
            replica.restart();
            Views.assertSame(before, Views.of(replica.machine), "restored behind entry " + replica.index());
        }
    }

    @Override
    public Reply entry(ConnectionId c, Command command) {
        return entry(c.node(), command);
    }

    @Override
    public Reply onChannel(Clients.Channel c, Command command) {
        Reply r = entry(c.connection(), new OnChannel(c.connection(), c.number(), command));
        if (r instanceof Reply.Rejected) {
            clients.end(c);
        }
        return r;
    }

    private Reply entry(String node, Command next) {
        command = next;
        if (audit != null) {
            audit.before(next, node, now, replica.machine);
        }
        Reply r = replica.entry(node, next, now);
        transcript.add(replica.index() + " " + next.kind() + " -> " + text(r));
        if (r instanceof Reply.Got g && audit != null) {
            Get get = (Get) (next instanceof OnChannel on ? on.command() : next);
            Clients.Channel channel = new Clients.Channel(get.connection(), get.channel());
            audit.delivered(g.holder(), channel, get.noAck(), g.delivery());
        }
        if (audit != null) {
            audit.after(next, r);
        }
        if (!replica.isOpen()) {
            ended();
        }
        return r;
    }

    /** Empty entries follow until nothing is owed; now and then the machine is restored. */
    private void settle() {
        settle(7);
    }

    /** @param restarts at every so-manieth entry */
    private void settle(int restarts) {
        for (int n = 0; machine().owes(); n++) {
            Ledger.check(n < 10_000, "it never does what it owes");
            entry("n1", new Probe(false));
            commit(); // some of it waits for that
            if (n % restarts == 0) {
                restart();
            }
        }
    }

    /** All clients go, time passes, and what is ready then can be fetched, all of it. */
    public void fetchAll() {
        ConnectionId c = alone();
        for (int i = 0; i < PolicySteps.POLICIES; i++) {
            entry(c, new ClearPolicy("/", PolicySteps.name(i), false));
            entry(c, new ClearPolicy("/", PolicySteps.name(i), true));
        }
        now += 5_000;
        entry(c, new Probe(false));
        settle();
        Map<String, Long> taken = takeAll(c);
        Set<Long> stuck = stuck();
        machine()
                .scheduled(null, Integer.MAX_VALUE)
                .items()
                .forEach(s ->
                        Ledger.check(s.due() > now || stuck.contains(s.number()), s + " waits, and its time has come"));
        for (BrokerView.QueueInfo q : machine().queues()) {
            boolean fetches = !q.spec().arguments().values().containsKey("x-single-active-consumer")
                    && !QueueArguments.isStream(q.spec());
            if (fetches) {
                fetchAll(c, q, taken.getOrDefault(q.name(), 0L));
            }
        }
        commit();
    }

    /** Scheduled messages for which a queue had no room: what stands beside their times tells which. */
    private Set<Long> stuck() {
        commit();
        Set<Long> numbers = new TreeSet<>();
        replica.store.scan(
                Keys.of(Keys.SCHEDULE),
                (k, v) -> TaggedFields.readRecord(
                        new ByteReader(v), (tag, field) -> tag != 2 || numbers.add(ByteReader.int64(k, 9))));
        return numbers;
    }

    /** What is put aside can be had by its token, all of it. Returns how much that was of which queues. */
    private Map<String, Long> takeAll(ConnectionId c) {
        commit();
        Map<String, Long> taken = new TreeMap<>();
        audit.deferred().forEach((token, queue) -> {
            Reply r = entry(c, new Get(c, 1, "/", "amq.deferred." + token, false));
            Ledger.check(r instanceof Reply.Got, token + " of " + queue + " can't be had: " + r);
            taken.merge(queue, 1L, Long::sum);
        });
        return taken;
    }

    private void fetchAll(ConnectionId c, BrokerView.QueueInfo q, long taken) {
        Ledger.check(q.unacked() == taken, q.name() + " has unacked messages, and nobody is there: " + q);
        Ledger.check(q.resting() == 0 && q.deferred() == 0, q.name() + " has some that are not to be had: " + q);
        if (q.paused()) {
            entry(c, new PauseQueue("/", q.name(), false));
        }
        long fetched = taken;
        BrokerView.QueueInfo left = machine().queue("/", q.name()).orElseThrow();
        for (long before = -1;
                before != left.ready();
                left = machine().queue("/", q.name()).orElseThrow()) {
            before = left.ready();
            Reply r = entry(c, new Get(c, 1, "/", q.name(), false));
            for (; r instanceof Reply.Got; r = entry(c, new Get(c, 1, "/", q.name(), false))) {
                fetched++;
            }
            if (r instanceof Reply.Rejected why && why.text().contains("stuck dead letters")) {
                left = machine().queue("/", q.name()).orElseThrow();
                Ledger.check(left.deadLetters().messages() > 0, q.name() + " has no letters, and says " + why);
                return; // as many as there may be
            }
            settle(); // what was behind these may have expired, and goes some per entry
            entry(c, new Probe(false));
        }
        Ledger.check(left.ready() == 0, left.ready() + " of " + q.name() + " can't be had");
        Ledger.check(left.unacked() == fetched, q.name() + " gave " + fetched + ", and says " + left.unacked());
    }

    /** One connection is there, and no other. */
    private ConnectionId alone() {
        end();
        life.nodeUp("n1");
        life.nodeUp("n2");
        return life.open("n1");
    }

    /** Removes everything; what is left in the store then is a leak. */
    public void removeAll() {
        ConnectionId c = alone();
        machine().queues().forEach(q -> entry(c, new DeleteQueue(c, "/", q.name(), false, false)));
        for (int i = 0; i < PolicySteps.POLICIES; i++) {
            entry(c, new ClearPolicy("/", PolicySteps.name(i), false));
            entry(c, new ClearPolicy("/", PolicySteps.name(i), true));
        }
        machine().exchanges().forEach(x -> entry(c, new DeleteExchange("/", x.name(), false)));
        machine().bindings().forEach(b -> entry(c, new BindExchange("/", b.binding(), false))); // of those that stay
        for (BrokerView.ScheduledView s : machine().scheduled(null, 100).items()) {
            entry(c, new CallOff("/", "", s.due(), s.number()));
        }
        entry(c, new CloseConnection(c, List.of()));
        settle(7);
        leavesOnly(List.of(Keys.EXCHANGE)); // those that are always there
    }

    /**
     * The virtual host goes with all that is in it, then its clients.
     *
     * @param before what is done in the same entry, but for what has one of its own
     */
    public void removeVhost(List<FeatureOp> before) {
        end();
        if (!replica.isUp("n1")) {
            life.nodeUp("n1");
        }
        entry("n1", new Raise(BrokerMachine.LEVELS.max(), 1));
        var hash = new PasswordHash("rabbit_password_hashing_sha256", "c2FsdA==");
        entry("n1", new Administer("root", "", new FirstUser("root", hash, "/")));
        together = before.size() + 1;
        replica.together();
        before.stream().filter(op -> !ALONE.contains(op.kind())).forEach(this::step);
        Reply gone = entry("n1", new Administer("root", "", new DeleteVhost("/")));
        Ledger.check(gone == Reply.OK, "the virtual host is deleted: " + gone);
        end();
        settle(1);
        Ledger.check(machine().queues().isEmpty(), "no queue is left");
        life.nodeUp("n1");
        life.nodeUp("n2");
        settle(1);
        leavesOnly(List.of());
    }

    private void leavesOnly(List<Byte> kept) {
        commit();
        for (byte type = Keys.CONNECTION; type <= Keys.DEFERRED; type++) {
            byte t = type;
            replica.store.scan(
                    Keys.of(type),
                    (k, v) -> Ledger.check(kept.contains(t), "left in the store: " + t + Arrays.toString(k)));
        }
    }

    /** An entry is applied. */
    private void ended() {
        transcript.add(Views.of(replica.machine));
        if (commitAlways) {
            commit();
        }
        if (audit != null) {
            audit.entry(replica);
        }
    }

    private static String text(Reply r) {
        return r instanceof Reply.Got g
                ? "Got " + g.holder() + " " + text(g.delivery()) + " " + g.remaining()
                : r.toString();
    }

    private static String text(Delivery d) {
        return d.chunk().queue() + ":" + d.firstSeq() + "+" + d.count() + (d.redelivered() ? "r" : "") + d.attempts()
                + "/" + d.returns() + (d.headers() == null ? "" : " " + d.headers());
    }

    @Override
    public BrokerMachine machine() {
        return replica.machine;
    }

    @Override
    public Clients clients() {
        return clients;
    }

    @Override
    public void deliver(Consumer c, Delivery d) {
        transcript.add("deliver " + c.number() + " " + text(d));
        Clients.Channel channel = new Clients.Channel(c.connection(), c.channel());
        clients.delivered(clients.taker(c.number(), channel, c.spec(), false), d);
        if (audit != null) {
            audit.delivered(c.number(), channel, c.spec().noAck(), d);
        }
    }

    @Override
    public void consumerCancelled(Consumer c) {
        transcript.add("cancelled " + c.number());
        clients.takers.remove(c.number());
    }

    @Override
    public void grew(Consumer reader, Chunk chunk) {
        transcript.add("grew " + reader.number() + " " + chunk.firstSeq() + "+" + chunk.count());
    }

    @Override
    public void timedOut(Consumer c, long timeout, long messages) {
        transcript.add("late " + c.number() + " " + timeout + " " + messages);
        if (audit != null) {
            audit.timedOut(c.number(), messages);
        }
    }

    @Override
    public void giveBack(Consumer c) {
        transcript.add("give back " + c.number());
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
        if (audit != null) {
            audit.unroutable(ordinal);
        }
    }

    @Override
    public void publishing(int first, int end, Backlog queue) {
        if (audit != null) {
            audit.publishing(first, end, queue.number());
        }
    }

    @Override
    public void directReply(int ordinal, ReplyConsumer to, long upload, long shared) {
        transcript.add("reply " + ordinal + " " + to + " " + upload + " " + shared);
        publishes.handedOver(to.connection(), upload);
        if (audit != null) {
            audit.replied(ordinal);
        }
    }

    @Override
    public void publishRefused(int ordinal, Reply.Rejected why) {
        transcript.add("refused " + ordinal + " " + why);
        if (command instanceof Publish p && why.reason().endsPublisher()) {
            int origin = p.origins().of(ordinal);
            if (origin >= 0) {
                clients.end(new Clients.Channel(
                        p.origins().connection(origin), p.origins().channel(origin)));
            }
        }
        if (audit != null) {
            audit.refused(ordinal, why);
        }
    }
}
