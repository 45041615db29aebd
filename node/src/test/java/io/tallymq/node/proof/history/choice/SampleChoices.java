package io.tallymq.node.proof.history.choice;

import io.tallymq.node.proof.history.Feature;
import io.tallymq.node.proof.history.HistoryEvent;
import io.tallymq.node.proof.history.HistoryEvent.Answered;
import io.tallymq.node.proof.history.HistoryEvent.Answering;
import io.tallymq.node.proof.history.HistoryEvent.Channel;
import io.tallymq.node.proof.history.HistoryEvent.DeadLettered;
import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import io.tallymq.node.proof.history.HistoryEvent.Drained;
import io.tallymq.node.proof.history.HistoryEvent.Fault;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import io.tallymq.node.proof.history.HistoryEvent.Remark;
import io.tallymq.node.proof.history.MessageId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;

/**
 * The history of a faultless broker with one queue that chooses: three publishers, three consumers that hold several messages each, or, with
 * priorities, one that comes now and then. Channels are lost, but none towards the end.
 */
public final class SampleChoices {
    private static final String QUEUE = "q";
    private static final String DEAD = "dead";
    private static final int MESSAGES = 2_500;
    private static final int LOSSES_UNTIL = 1_500;
    private static final int CLIENTS = 3;
    private static final int PREFETCH = 30;
    private static final int STEP_NANOS = 8_000_000;
    private static final int LONGEST_MILLIS = 15_000;
    private static final int LEVELS = 6;
    private static final int VALUES = 5;
    private static final List<String> LABELS = List.of("red", "high", FilterJudge.ANYBODY);
    private static final List<String> WANTED = List.of("red", "high", "none");

    private static final List<String> OUTCOMES =
            List.of("ack", "ack", "ack", "ack", "release", "reject", "dead-letter", "defer", "defer");

    private static final class Waiting {
        final Published message;
        final long order;
        long available;
        boolean sent;
        int failures;
        /** The settle whose headers it has, 0 for none. */
        int step;

        boolean aside;

        Waiting(Published message, long order) {
            this.message = message;
            this.order = order;
        }

        int level() {
            String level = message.note(Published.LEVEL);
            return level == null ? 0 : Integer.parseInt(level);
        }
    }

    private final Feature feature;
    private final Random random;
    private final List<HistoryEvent> events = new ArrayList<>();
    private final List<Waiting> queue = new ArrayList<>();
    private final Map<String, List<Waiting>> held = new HashMap<>();
    private final List<String> channels = new ArrayList<>();
    private final List<Published> unconfirmed = new ArrayList<>();
    /** Plans that may be replaced. */
    private final List<String> plans = new ArrayList<>();
    /** Of each value the place of the newest. */
    private final Map<String, Long> newest = new HashMap<>();

    private final long[] next = new long[CLIENTS + 1];
    private long time = 1;
    private long orders;
    private int published;
    private int opened;
    private int steps;

    private SampleChoices(Feature feature, long seed) {
        this.feature = feature;
        this.random = new Random(seed);
        for (int i = 0; i < CLIENTS; i++) {
            channels.add(open(i));
        }
    }

    public static List<HistoryEvent> of(Feature feature, long seed) {
        return new SampleChoices(feature, seed).run();
    }

    private List<HistoryEvent> run() {
        boolean drains = feature == Feature.PRIORITIES;
        while (published < MESSAGES || !queue.isEmpty() || !unconfirmed.isEmpty() || holdsAny()) {
            time += random.nextInt(STEP_NANOS);
            switch (random.nextInt(10)) {
                case 0, 1 -> publish();
                case 2 -> confirm();
                case 3, 4, 5 -> {
                    if (!drains) {
                        deliver(random.nextInt(CLIENTS), PREFETCH);
                    }
                }
                case 6, 7, 8 -> answer();
                default -> rarely();
            }
        }
        note(t -> new Drained(t, QUEUE, 0));
        return events;
    }

    private boolean holdsAny() {
        return held.values().stream().anyMatch(h -> !h.isEmpty());
    }

    private <E extends HistoryEvent> void note(LongFunction<E> event) {
        time += 1 + random.nextInt(STEP_NANOS / 4);
        events.add(event.apply(time));
    }

    private boolean oneOf(int of) {
        return random.nextInt(of) == 0;
    }

    // ---- publishers

    private void publish() {
        if (published >= MESSAGES) {
            return;
        }
        published++;
        int client = 1 + random.nextInt(CLIENTS);
        Published p = feature == Feature.SCHEDULES ? planned(client) : note(client, QUEUE, notes(client));
        switch (random.nextInt(40)) {
            case 0 -> note(t -> new Answered(Kind.NACKED, t, p.id()));
            case 1 -> store(p); // and the answer never comes
            case 2 -> {} // nothing becomes of it
            default -> {
                store(p);
                unconfirmed.add(p);
            }
        }
    }

    private Published note(int client, String to, Map<String, String> notes) {
        MessageId id = new MessageId("p" + client + ".1", next[client]++);
        note(t -> new Published(t, id, to, Integer.toHexString(id.hashCode()), notes));
        return (Published) events.get(events.size() - 1);
    }

    private Map<String, String> notes(int client) {
        return switch (feature) {
            case PRIORITIES -> Map.of(Published.LEVEL, "" + random.nextInt(LEVELS));
            case VALUES -> Map.of(Published.VALUE, "n" + client + "-" + random.nextInt(VALUES));
            case FILTERS -> {
                String wanted = WANTED.get(random.nextInt(WANTED.size()));
                yield wanted.equals("none")
                        ? Map.of(Published.FOR, wanted)
                        : Map.of(Published.FOR, wanted, Published.AFTER, "0");
            }
            default -> Map.of();
        };
    }

    private Published planned(int client) {
        if (plans.isEmpty() || oneOf(2)) {
            return later(client, "plan" + published);
        }
        String plan = plans.remove(random.nextInt(plans.size()));
        return switch (random.nextInt(3)) {
            case 0 -> later(client, plan);
            case 1 -> note(client, QUEUE, Map.of(Published.PLAN, plan, Published.AFTER, "0"));
            default -> note(client, "-", Map.of(Published.PLAN, plan));
        };
    }

    private Published later(int client, String plan) {
        int after = 1 + random.nextInt(LONGEST_MILLIS);
        return note(client, QUEUE, Map.of(Published.PLAN, plan, Published.AFTER, "" + after));
    }

    private void store(Published p) {
        String plan = p.note(Published.PLAN);
        queue.removeIf(w -> plan != null && w.available > time && plan.equals(w.message.note(Published.PLAN)));
        if (!p.queue().equals(QUEUE)) {
            return;
        }
        Waiting w = new Waiting(p, orders++);
        String after = p.note(Published.AFTER);
        w.available = after == null ? 0 : p.time() + TimeUnit.MILLISECONDS.toNanos(Long.parseLong(after));
        String value = p.note(Published.VALUE);
        if (value != null) {
            newest.put(value, w.order);
            queue.removeIf(other -> value.equals(other.message.note(Published.VALUE)));
        }
        queue.add(w);
    }

    private void confirm() {
        while (!unconfirmed.isEmpty()) {
            Published p = unconfirmed.remove(0);
            note(t -> new Answered(Kind.CONFIRMED, t, p.id()));
            String after = p.note(Published.AFTER);
            if (p.note(Published.PLAN) != null && after != null && !after.equals("0")) {
                plans.add(p.note(Published.PLAN));
            }
        }
    }

    // ---- consumers

    private String open(int slot) {
        String channel = "c" + opened++ + "-" + LABELS.get(slot) + ".1";
        held.put(channel, new ArrayList<>());
        asks(channel);
        return channel;
    }

    private void asks(String channel) {
        note(t -> new Channel(Kind.ASKED, t, channel));
        note(t -> new Channel(Kind.SETTLED, t, channel));
    }

    /** So many at most. Returns whether there are more. */
    private boolean deliver(int slot, int most) {
        String channel = channels.get(slot);
        for (int i = 0; i < most; i++) {
            Waiting w = queue.stream()
                    .filter(one -> one.available <= time && mayHave(slot, one))
                    .min(Comparator.comparingInt((Waiting one) -> -one.level()).thenComparingLong(one -> one.order))
                    .orElse(null);
            if (w == null) {
                return false;
            }
            queue.remove(w);
            held.get(channel).add(w);
            boolean again = w.sent;
            w.sent = true;
            Published p = w.message;
            int count = w.failures == 0 ? -1 : w.failures;
            w.aside = false;
            note(t -> new Delivered(t, channel, QUEUE, p.id(), again, count, p.crc()));
            marked(channel, w);
        }
        return true;
    }

    private boolean mayHave(int slot, Waiting w) {
        String wanted = w.message.note(Published.FOR);
        return wanted == null || wanted.equals(LABELS.get(slot)) || wanted.equals("none") && slot == CLIENTS - 1;
    }

    private void answer() {
        String channel = channels.get(random.nextInt(CLIENTS));
        if (!held.get(channel).isEmpty()) {
            List<Waiting> its = held.get(channel);
            answer(channel, its.remove(random.nextInt(its.size())));
        }
    }

    private void marked(String channel, Waiting w) {
        if (feature == Feature.OUTCOMES) {
            Map<String, String> notes = w.step == 0 ? Map.of() : Map.of(Remark.STEP, "" + w.step);
            note(t -> new Remark(Kind.MARKED, t, channel, w.message.id(), notes));
        }
    }

    private void settle(String channel, Waiting w) {
        MessageId id = w.message.id();
        int step = ++steps;
        String outcome = OUTCOMES.get(random.nextInt(OUTCOMES.size()));
        boolean isBack = !outcome.equals("ack") && !outcome.equals("dead-letter");
        int delay = outcome.equals("defer") ? LONGEST_MILLIS : isBack && oneOf(2) ? 1_500 : 0;
        Map<String, String> notes = new HashMap<>(Map.of(Remark.OUTCOME, outcome, Remark.STEP, "" + step));
        if (delay > 0) {
            notes.put(Remark.DELAY, "" + delay);
        }
        Kind kind = outcome.equals("ack") ? Kind.ACKED : isBack ? Kind.REQUEUED : Kind.REJECTED;
        note(t -> new Answering(kind, t, channel, id));
        note(t -> new Remark(Kind.SETTLING, t, channel, id, notes));
        if (!oneOf(20)) {
            note(t -> new Remark(Kind.STANDS, t, channel, id, Map.of(Remark.STEP, "" + step)));
        }
        w.step = step;
        w.aside = outcome.equals("defer");
        w.available = time + TimeUnit.MILLISECONDS.toNanos(delay);
        if (isBack) {
            queue.add(w);
        } else if (kind == Kind.REJECTED) {
            note(t -> new DeadLettered(t, DEAD, id));
            marked("l1.1", w);
        }
    }

    private void fetch() {
        queue.stream()
                .filter(one -> one.aside && one.available > time + TimeUnit.SECONDS.toNanos(2))
                .findFirst()
                .ifPresent(w -> {
                    queue.remove(w);
                    Published p = w.message;
                    Map<String, String> notes = Map.of(Remark.STEP, "" + w.step);
                    note(t -> new Remark(Kind.FETCHING, t, "f1.1", p.id(), notes));
                    note(t ->
                            new Delivered(t, "f1.1", QUEUE, p.id(), true, w.failures == 0 ? -1 : w.failures, p.crc()));
                    marked("f1.1", w);
                    note(t -> new Answering(Kind.ACKED, t, "f1.1", p.id()));
                });
    }

    private void answer(String channel, Waiting w) {
        MessageId id = w.message.id();
        if (feature == Feature.OUTCOMES) {
            settle(channel, w);
            return;
        }
        if (feature == Feature.RETRY && oneOf(5)) {
            note(t -> new Answering(Kind.FAILED, t, channel, id));
            fails(w);
        } else if (feature != Feature.PRIORITIES && oneOf(20)) {
            note(t -> new Answering(Kind.REQUEUED, t, channel, id));
            goesBack(w, 1);
        } else {
            note(t -> new Answering(Kind.ACKED, t, channel, id));
        }
    }

    private void fails(Waiting w) {
        w.failures++;
        if (feature == Feature.RETRY && w.failures > Feature.DELIVERY_LIMIT) {
            note(t -> new DeadLettered(t, DEAD, w.message.id()));
        } else {
            goesBack(w, w.failures);
        }
    }

    private void goesBack(Waiting w, int times) {
        if (feature == Feature.RETRY) {
            long rest = Math.min(Feature.RETRY_MAX_MILLIS, times * Feature.RETRY_MIN_MILLIS);
            w.available = time + TimeUnit.MILLISECONDS.toNanos(rest);
        }
        String value = w.message.note(Published.VALUE);
        if (value == null || newest.get(value) == w.order) {
            queue.add(w);
        }
    }

    private void rarely() {
        if (feature == Feature.OUTCOMES) {
            fetch();
        }
        int slot = random.nextInt(CLIENTS);
        if (published < LOSSES_UNTIL && oneOf(60)) {
            note(t -> new Fault(t, "kill somebody"));
            time += TimeUnit.SECONDS.toNanos(15);
            goes(slot, Kind.GONE);
            note(t -> new Fault(t, Fault.OVER));
        } else if (feature == Feature.PRIORITIES && (oneOf(8) || published == MESSAGES)) {
            drain(slot);
        } else if (feature != Feature.PRIORITIES && oneOf(40)) {
            goes(slot, Kind.CLOSED);
        } else if (oneOf(5)) {
            asks(channels.get(slot));
        }
    }

    private void goes(int slot, Kind how) {
        String channel = channels.get(slot);
        note(t -> new Channel(how, t, channel));
        held.remove(channel).forEach(this::fails);
        channels.set(slot, open(slot));
    }

    /** Somebody comes, takes all, and goes; or he is lost with what he has. */
    private void drain(int slot) {
        goes(slot, Kind.CLOSED);
        String channel = channels.get(slot);
        boolean isLost = published < LOSSES_UNTIL && oneOf(5);
        for (boolean more = true; more; ) {
            more = deliver(slot, PREFETCH);
            if (isLost) {
                goes(slot, Kind.GONE);
                time += TimeUnit.SECONDS.toNanos(20);
                return;
            }
            held.get(channel).forEach(w -> answer(channel, w));
            held.get(channel).clear();
        }
        goes(slot, Kind.CLOSED);
    }
}
