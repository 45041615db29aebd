package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.IdMessages.Message;
import io.tallymq.broker.command.BindQueue;
import io.tallymq.broker.command.ClearPolicy;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.CommitTx;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.DeleteExchange;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Redrive;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.VoidId;
import io.tallymq.broker.command.VoidPublish;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.limits.WorkLimits;
import io.tallymq.broker.logs.Views;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.BindingKey;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.broker.view.IdReceipt;
import io.tallymq.store.MemoryStore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random logs of publishes with ids that come again, in runs and in transactions, now and later, whose windows pass, whose messages die and are moved, while
 * policies come, change and go: what a simple model says of each id the machine says, on a replica that goes through as on one that comes back from its
 * store all the time, and as many messages are there as were stored.
 */
class IdLogTest {
    private static final MachineLimits LIMITS =
            new MachineLimits(2, 16, 3, 200, 64, 5, new WorkLimits(12, 5, 7, 7, 40), 4, 60, StateLimits.DEFAULTS);
    private static final int STEPS = 250;
    private static final List<String> EXCHANGES = List.of("x", "y");
    private static final int IDS = 40;

    static long[] seeds() {
        int logs = Integer.getInteger("tallymq.logs", 20);
        return new Random().longs(logs).toArray();
    }

    /** An id that came; {@code body}: the message's, 0: it was made void. */
    private record Came(long time, long body) {}

    /** What is expected of one exchange. */
    private static final class Expected {
        /** Null: it remembers nothing. */
        Map<String, Object> policy;
        /** In the order in which they came. */
        final Map<String, Came> known = new LinkedHashMap<>();

        /** All that came since it remembers this kind of id. */
        final List<Came> all = new ArrayList<>();

        final List<String> names = new ArrayList<>();

        long window() {
            return policy.get("dedup-window") instanceof Long n ? n : 600_000;
        }

        long most() {
            return policy.get("dedup-max") instanceof Long n ? n : 1_000_000;
        }

        boolean has(String id, long now) {
            return policy != null && known.containsKey(id) && known.get(id).time + window() > now;
        }

        void come(String id, Came c) {
            if (policy != null) {
                known.remove(id);
                known.put(id, c);
                all.add(c);
                names.add(id);
                while (known.size() > most()) {
                    known.remove(known.keySet().iterator().next());
                }
            }
        }

        void goBy(Map<String, Object> now) {
            if (policy == null || now == null || !policy.get("dedup-id").equals(now.get("dedup-id"))) {
                known.clear();
                all.clear();
                names.clear();
            }
            policy = now;
        }

        void pass(long now) {
            if (policy != null) {
                known.values().removeIf(c -> c.time + window() <= now);
                while (known.size() > most()) {
                    known.remove(known.keySet().iterator().next());
                }
            }
        }
    }

    private final Map<String, Expected> expected = new TreeMap<>();
    private final List<Reply.Got> held = new ArrayList<>();
    private final TreeSet<Long> acked = new TreeSet<>();
    /** Goes through, and commits when it likes. */
    private OneNode through;
    /** Comes back from its store. */
    private OneNode node;

    private Random r;
    private int step;
    private long bodies;
    private long total;
    private String where;

    @ParameterizedTest
    @MethodSource("seeds")
    void theMachineSaysWhatTheModelSays(long seed) {
        r = new Random(seed);
        node = new OneNode(new MemoryStore(), LIMITS);
        through = new OneNode(new MemoryStore(), LIMITS);
        for (OneNode n : List.of(node, through)) {
            n.raise(VoidPublish.LEVEL);
            n.declare("q", Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", "dead"));
            n.declare("dead");
            n.declare("full", Map.of("x-max-length", 3L, "x-overflow", "reject-publish"));
        }
        EXCHANGES.forEach(x -> {
            expected.put(x, new Expected());
            declare(x);
        });
        for (step = 1; step <= STEPS; step++) {
            where = "seed " + seed + " step " + step;
            next();
            drain();
            check();
            restart();
        }
        passAll();
        long there = acked.size();
        for (BrokerView.QueueInfo q : node.machine.queues()) {
            there += q.ready() + q.unacked();
        }
        there += node.machine.scheduled(null, Integer.MAX_VALUE).items().size();
        assertEquals(total, there, where);
        assertEquals(0, node.machine.ids().count());
        assertEquals(0, count(Keys.ID_CHANGES) + count(Keys.ID_BLOCK), where);
    }

    private int count(byte type) {
        node.commit();
        int[] n = {0};
        node.memory.scan(Keys.of(type), (k, v) -> n[0]++);
        return n[0];
    }

    private void restart() {
        if (r.nextInt(3) == 0) {
            node.restart();
        } else if (r.nextInt(3) == 0) {
            node.commit();
        }
        if (r.nextInt(20) == 0) {
            through.commit();
        }
        Views.assertSame(Views.of(through.machine), Views.of(node.machine), where);
    }

    private Reply apply(Command c) {
        Reply there = through.apply(c);
        Reply here = node.apply(c);
        assertEquals(through.refused, node.refused, where);
        assertEquals(there.getClass(), here.getClass(), where);
        return here;
    }

    private void drain() {
        while (node.machine.owes()) {
            assertTrue(through.machine.owes(), where);
            apply(new Probe(false));
        }
        assertFalse(through.machine.owes(), where);
        expected.values().forEach(e -> e.pass(node.machine.clock()));
    }

    private void pass(long millis) {
        node.passed += millis;
        through.passed += millis;
        apply(new Probe(false));
    }

    private void passAll() {
        for (int n = 0; n < 10; n++) {
            for (int i = 0; i < 100; i++) {
                pass(9_990);
            }
            drain();
        }
    }

    private void next() {
        switch (r.nextInt(22)) {
            case 0 -> pass(r.nextInt(60));
            case 1 -> pass(r.nextInt(20));
            case 2 -> policy();
            case 3 -> transaction();
            case 4, 5 -> consume();
            case 6 -> give();
            case 7 -> redrive();
            case 8 -> makeVoid();
            case 9 -> again();
            case 10, 11, 12 -> consume();
            case 13, 14 -> give();
            default -> publish();
        }
    }

    private String exchange() {
        return EXCHANGES.get(r.nextInt(EXCHANGES.size()));
    }

    private String id() {
        return r.nextInt(8) == 0 ? null : "id" + r.nextInt(IDS);
    }

    private void declare(String x) {
        ExchangeSpec direct = new ExchangeSpec("direct", true, false, false, Arguments.NONE);
        apply(new DeclareExchange("/", x, direct, false));
        for (String queue : List.of("q", "full")) {
            BindingKey b = new BindingKey(x, queue, queue, Arguments.NONE);
            apply(new BindQueue(node.connection, "/", b, true));
        }
    }

    private final Map<String, Object> set = new TreeMap<>();

    /** Whether an id is over while a change of the policies is on its way: then which window it has is not simple to say. */
    private boolean isAnyAboutToGo() {
        long now = node.machine.clock();
        return expected.values().stream().filter(e -> e.policy != null).anyMatch(e -> e.known.values().stream()
                .anyMatch(c -> c.time + e.window() <= now + 20));
    }

    private void policy() {
        if (isAnyAboutToGo()) {
            return;
        }
        if (r.nextInt(4) == 0) {
            apply(new ClearPolicy("/", "ids", false));
            set.clear();
            expected.values().forEach(e -> e.goBy(null));
            return;
        }
        set.clear();
        set.put("dedup-id", r.nextInt(6) == 0 ? "header:none" : "message-id");
        if (r.nextInt(4) > 0) {
            set.put("dedup-window", 20L + r.nextInt(100));
        }
        if (r.nextInt(3) == 0) {
            set.put("dedup-max", 1L + r.nextInt(20));
        }
        apply(IdMessages.policy("^[xy]$", set));
        Map<String, Object> copy = Map.copyOf(set);
        drainPolicies();
        expected.values().forEach(e -> e.goBy(copy));
    }

    /** The way round is through. */
    private void drainPolicies() {
        while (node.machine.owes()) {
            apply(new Probe(false));
        }
    }

    /** The exchange goes and comes again; not while messages wait, which would reach no queue meanwhile. */
    private void again() {
        if (r.nextInt(3) == 0 && node.machine.scheduled(null, 1).items().isEmpty()) {
            String x = exchange();
            apply(new DeleteExchange("/", x, false));
            Expected e = expected.get(x);
            e.goBy(null);
            declare(x);
            e.goBy(set.isEmpty() ? null : Map.copyOf(set));
        }
    }

    private boolean counts(Expected e) {
        return e.policy != null && e.policy.get("dedup-id").equals("message-id");
    }

    private void publish() {
        String x = exchange();
        String queue = List.of("q", "q", "q", "full", "none").get(r.nextInt(5));
        List<Message> some = new ArrayList<>();
        List<String> ids = new ArrayList<>();
        List<Boolean> later = new ArrayList<>();
        for (int n = 1 + r.nextInt(8); n > 0; n--) {
            String id = id();
            boolean waits = r.nextInt(6) == 0;
            Extension more = waits
                    ? new Extension(List.of(), 0, -1, false, new Extension.Later(1 + r.nextInt(40), 0, ""))
                    : Extension.NONE;
            some.add(new Message(IdMessages.messageId(id), more, ++bodies));
            ids.add(id);
            later.add(waits);
        }
        long room = 3 - node.queue("full").ready();
        node.forget();
        through.forget();
        apply(IdMessages.run(node.connection, new Route("/", x, queue), some));
        long now = node.machine.clock();
        Expected e = expected.get(x);
        for (int i = 0; i < some.size(); i++) {
            String id = ids.get(i);
            String refused = node.refused.get(i);
            boolean isKnown = id != null && counts(e) && e.has(id, now);
            if (isKnown && e.known.get(id).body == 0) {
                assertTrue(refused.contains("was made void"), where);
            } else if (isKnown) {
                assertEquals(null, refused, where + ": a duplicate is confirmed");
            } else if (later.get(i)) {
                come(e, id, some.get(i), now, queue.equals("none"));
            } else if (queue.equals("full") && room <= 0) {
                assertTrue(refused.contains("has no room"), where);
            } else if (!queue.equals("none")) {
                assertEquals(null, refused, where);
                come(e, id, some.get(i), now, false);
                room--;
            }
        }
    }

    private void come(Expected e, String id, Message m, long now, boolean goesNowhere) {
        if (goesNowhere) {
            acked.add(m.body());
        }
        total++;
        if (id != null && counts(e)) {
            e.come(id, new Came(now, m.body()));
        }
    }

    private void transaction() {
        String x = exchange();
        List<Message> some = new ArrayList<>();
        List<String> ids = new ArrayList<>();
        for (int n = 1 + r.nextInt(4); n > 0; n--) {
            ids.add(id());
            some.add(new Message(IdMessages.messageId(ids.get(ids.size() - 1)), Extension.NONE, ++bodies));
        }
        Reply reply = apply(new CommitTx(
                node.connection, 9 + step, List.of(), IdMessages.run(node.connection, new Route("/", x, "q"), some)));
        long now = node.machine.clock();
        Expected e = expected.get(x);
        int duplicates = 0;
        boolean isVoid = false;
        TreeSet<String> own = new TreeSet<>();
        for (String id : ids) {
            if (id != null && counts(e)) {
                boolean isKnown = e.has(id, now);
                isVoid |= isKnown && e.known.get(id).body == 0;
                duplicates += isKnown || !own.add(id) ? 1 : 0;
            }
        }
        boolean may = !isVoid && (duplicates == 0 || duplicates == ids.size());
        assertEquals(may, reply == Reply.OK, where + ": " + reply);
        for (int i = 0; i < ids.size() && may && duplicates == 0; i++) {
            come(e, ids.get(i), some.get(i), now, false);
        }
    }

    private void makeVoid() {
        String x = exchange();
        String id = "id" + r.nextInt(IDS);
        Reply reply = apply(new VoidId("/", x, id, "", ""));
        Expected e = expected.get(x);
        long now = node.machine.clock();
        boolean may = e.policy != null && (!e.has(id, now) || e.known.get(id).body == 0);
        assertEquals(may, reply == Reply.OK, where);
        if (may && !e.has(id, now)) {
            e.come(id, new Came(now, 0));
        }
    }

    private void consume() {
        String queue = List.of("q", "q", "dead", "full").get(r.nextInt(4));
        for (int n = r.nextInt(6); n >= 0; n--) {
            if (apply(new Get(node.connection, 1, "/", queue, false)) instanceof Reply.Got got) {
                held.add(got);
            }
        }
    }

    private void give() {
        for (int n = r.nextInt(8); n >= 0 && !held.isEmpty(); n--) {
            giveOne();
        }
    }

    private void giveOne() {
        Reply.Got got = held.remove(r.nextInt(held.size()));
        long seq = got.delivery().firstSeq();
        boolean fromQ = got.delivery().chunk().queue() == node.machine.queueNumber("/", "q");
        Settle.Outcome how = fromQ && r.nextBoolean() ? Settle.Outcome.DISCARD : Settle.Outcome.ACK;
        if (how == Settle.Outcome.ACK) {
            acked.add(GroupsTest.ids(got.delivery(), node.memory)[0]);
        }
        apply(new Settle(got.holder(), how, new long[] {seq, seq}));
    }

    private void redrive() {
        long dead = node.machine.queueNumber("/", "dead");
        long first = r.nextInt(30);
        apply(new Redrive(dead, new long[] {first, first + r.nextInt(5)}, "q", "", "", ""));
    }

    private void check() {
        long now = node.machine.clock();
        for (String x : EXCHANGES) {
            Expected e = expected.get(x);
            for (int n = 0; n < IDS; n++) {
                String id = "id" + n;
                IdReceipt told = node.machine.ids().receipt("/", x, id);
                assertEquals(through.machine.ids().receipt("/", x, id), told, where);
                if (e.policy == null) {
                    assertEquals(null, told, where);
                    continue;
                }
                Came c = e.has(id, now) ? e.known.get(id) : null;
                String outcome = c == null ? "unseen" : c.body == 0 ? "void" : "stored";
                assertEquals(outcome, told.outcome(), where + " " + x + " " + id);
                if (outcome.equals("stored")) {
                    assertEquals(c.time, told.entry().time(), where);
                    checkPlace(told, c);
                }
            }
            checkBound(x, e);
        }
    }

    private void checkPlace(IdReceipt told, Came c) {
        String states = told.places().toString();
        if (acked.contains(c.body)) {
            assertTrue(
                    states.contains("state=acked")
                            || states.contains("state=gone")
                            || states.contains("unroutable")
                            || states.contains("state=scheduled"),
                    where + states);
        } else {
            assertFalse(states.contains("state=acked"), where + told);
            assertFalse(states.contains("state=gone") || states.contains("unroutable"), where + told);
        }
    }

    /** Of all ids that came later than the bound that is told it is known that they came. */
    private void checkBound(String x, Expected e) {
        for (int i = 0; i < e.all.size(); i++) {
            IdReceipt told = node.machine.ids().receipt("/", x, e.names.get(i));
            if (e.all.get(i).time > told.knownBehind()) {
                assertFalse(told.outcome().equals("unseen"), where + " " + told);
            }
        }
    }
}
