package io.tallymq.node.proof.history;

import io.tallymq.node.proof.history.HistoryEvent.Answered;
import io.tallymq.node.proof.history.HistoryEvent.Answering;
import io.tallymq.node.proof.history.HistoryEvent.Channel;
import io.tallymq.node.proof.history.HistoryEvent.DeadLettered;
import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import io.tallymq.node.proof.history.HistoryEvent.Drained;
import io.tallymq.node.proof.history.HistoryEvent.Fault;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;

/**
 * The history of a faultless broker with one queue of a feature: three publishers, three consumers that hold several messages each and
 * answer out of order; channels are lost, but none towards the end.
 */
final class SampleLane {
    static final String QUEUE = "q";
    private static final int MESSAGES = 3_000;
    private static final int LOSSES_UNTIL = 2_000;
    private static final int CLIENTS = 3;
    private static final int PREFETCH = 6;
    /** Where times are judged nothing waits for consumers. */
    private static final int LARGE_PREFETCH = 300;

    private static final int GROUPS = 4;
    private static final int STEP_NANOS = 8_000_000;
    private static final int LONGEST_MILLIS = 25_000;

    /** A message of the queue. */
    private static final class Waiting {
        final Published message;
        final long order;
        long available;
        int failures;
        boolean sent;
        long due = Long.MAX_VALUE;
        boolean heldBack;

        Waiting(Published message, long order) {
            this.message = message;
            this.order = order;
        }
    }

    private final Feature feature;
    private final Random random;
    private final List<HistoryEvent> events = new ArrayList<>();
    private final TreeMap<Long, Waiting> queue = new TreeMap<>();
    private final Map<String, List<Waiting>> held = new TreeMap<>();
    private final List<String> channels = new ArrayList<>();
    private final List<Published> unconfirmed = new ArrayList<>();
    private final List<Published> confirmed = new ArrayList<>();
    private final long[] next = new long[CLIENTS + 1];
    private long time = 1;
    private int published;
    private int opened;
    private int transactions;
    private int active;

    private SampleLane(Feature feature, long seed) {
        this.feature = feature;
        this.random = new Random(seed);
        for (int i = 0; i < CLIENTS; i++) {
            channels.add(open());
        }
    }

    static List<HistoryEvent> of(Feature feature, long seed) {
        return new SampleLane(feature, seed).run();
    }

    private List<HistoryEvent> run() {
        while (published < MESSAGES || !queue.isEmpty() || !unconfirmed.isEmpty() || holdsAny()) {
            switch (random.nextInt(10)) {
                case 0, 1 -> publish();
                case 2 -> confirm();
                case 3, 4, 5 -> deliver();
                case 6, 7, 8 -> answer();
                default -> rarely();
            }
            cancelLate();
        }
        note(t -> new Drained(t, QUEUE, 0));
        return events;
    }

    private boolean holdsAny() {
        return held.values().stream().anyMatch(h -> !h.isEmpty());
    }

    private <E extends HistoryEvent> void note(LongFunction<E> event) {
        time += 1 + random.nextInt(STEP_NANOS);
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
        if (feature == Feature.TX) {
            transaction();
        } else if ((feature == Feature.DEDUP || feature == Feature.NAMES) && !confirmed.isEmpty() && oneOf(6)) {
            Published before = confirmed.get(random.nextInt(confirmed.size()));
            Published again = note(client(), Map.of(Published.KEY, before.note(Published.KEY)));
            unconfirmed.add(again);
        } else {
            int client = client();
            Published p = note(client, notes(client));
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
    }

    private int client() {
        return 1 + random.nextInt(CLIENTS);
    }

    private Map<String, String> notes(int client) {
        return switch (feature) {
            case GROUPS -> Map.of(Published.GROUP, "g" + client + "-" + random.nextInt(GROUPS));
            case DEDUP, NAMES -> Map.of(Published.KEY, "k" + published);
            case TIME -> Map.of(Published.AFTER, "" + random.nextInt(LONGEST_MILLIS));
            default -> Map.of();
        };
    }

    private Published note(int client, Map<String, String> notes) {
        published++;
        MessageId id = new MessageId("p" + client + ".1", next[client]++);
        String crc = Integer.toHexString(id.hashCode());
        note(t -> new Published(t, id, QUEUE, crc, notes));
        return (Published) events.get(events.size() - 1);
    }

    private void transaction() {
        List<Published> all = new ArrayList<>();
        int client = client();
        String tx = "tx" + transactions++;
        for (int i = 1 + random.nextInt(5); i > 0; i--) {
            all.add(note(client, Map.of(Published.TX, tx)));
        }
        switch (random.nextInt(10)) {
            case 0 -> all.forEach(p -> note(t -> new Answered(Kind.NACKED, t, p.id())));
            case 1 -> all.forEach(this::store);
            case 2 -> {}
            default -> {
                all.forEach(this::store);
                all.forEach(p -> note(t -> new Answered(Kind.CONFIRMED, t, p.id())));
            }
        }
    }

    private void store(Published p) {
        Waiting w = new Waiting(p, published * 10L + queue.size() % 10);
        String after = p.note(Published.AFTER);
        w.available = after == null ? 0 : p.time() + TimeUnit.MILLISECONDS.toNanos(Long.parseLong(after));
        queue.put(w.order, w);
    }

    private void confirm() {
        while (!unconfirmed.isEmpty()) {
            Published p = unconfirmed.remove(0);
            confirmed.add(p);
            note(t -> new Answered(Kind.CONFIRMED, t, p.id()));
        }
    }

    // ---- consumers

    private String open() {
        String channel = "c" + opened++ + ".1";
        held.put(channel, new ArrayList<>());
        return channel;
    }

    private void deliver() {
        String channel = channels.get(feature == Feature.SINGLE ? active : random.nextInt(CLIENTS));
        int prefetch = feature == Feature.TIME ? LARGE_PREFETCH : PREFETCH;
        for (int i = 0; i < prefetch && held.get(channel).size() < prefetch; i++) {
            Waiting w = queue.values().stream()
                    .filter(one -> one.available <= time && mayHave(channel, one))
                    .findFirst()
                    .orElse(null);
            if (w == null) {
                return;
            }
            queue.remove(w.order);
            held.get(channel).add(w);
            w.due = time + TimeUnit.MILLISECONDS.toNanos(Feature.CONSUMER_TIMEOUT_MILLIS);
            w.heldBack = feature == Feature.TIMEOUT && !w.sent && oneOf(150);
            Published p = w.message;
            boolean again = w.sent;
            w.sent = true;
            int count = w.failures == 0 ? -1 : w.failures;
            note(t -> new Delivered(t, channel, QUEUE, p.id(), again, count, p.crc()));
        }
    }

    private boolean mayHave(String channel, Waiting w) {
        String group = w.message.note(Published.GROUP);
        return group == null
                || held.entrySet().stream()
                        .filter(h -> !h.getKey().equals(channel))
                        .flatMap(h -> h.getValue().stream())
                        .noneMatch(other -> group.equals(other.message.note(Published.GROUP)));
    }

    private void answer() {
        String channel = channels.get(random.nextInt(CLIENTS));
        List<Waiting> its = held.get(channel).stream().filter(w -> !w.heldBack).toList();
        if (its.isEmpty()) {
            return;
        }
        Waiting w = its.get(random.nextInt(its.size()));
        MessageId id = w.message.id();
        held.get(channel).remove(w);
        if (feature == Feature.COUNTS && oneOf(4)) {
            note(t -> new Answering(Kind.FAILED, t, channel, id));
            fails(w);
        } else if (oneOf(40)) {
            note(t -> new Answering(Kind.REQUEUED, t, channel, id));
            queue.put(w.order, w);
        } else {
            note(t -> new Answering(Kind.ACKED, t, channel, id));
        }
    }

    /** It goes back to its place, or dies. */
    private void fails(Waiting w) {
        w.failures++;
        if (feature == Feature.COUNTS && w.failures > Feature.DELIVERY_LIMIT) {
            note(t -> new DeadLettered(t, "dead", w.message.id()));
        } else {
            queue.put(w.order, w);
        }
    }

    private void rarely() {
        int i = random.nextInt(CLIENTS);
        String channel = channels.get(i);
        if (oneOf(8)) {
            note(t -> new Channel(Kind.ASKED, t, channel));
            note(t -> new Channel(Kind.SETTLED, t, channel));
        } else if (published < LOSSES_UNTIL && oneOf(80)) {
            note(t -> new Fault(t, "kill somebody"));
            time += TimeUnit.SECONDS.toNanos(15);
            goes(i, Kind.GONE);
            note(t -> new Fault(t, Fault.OVER));
        } else if (feature == Feature.COUNTS && oneOf(40)) {
            goes(i, Kind.CLOSED);
        } else if (feature == Feature.SINGLE && held.get(channels.get(active)).isEmpty() && oneOf(3)) {
            active = random.nextInt(CLIENTS);
        }
    }

    private void goes(int i, Kind how) {
        String channel = channels.set(i, open());
        note(t -> new Channel(how, t, channel));
        List<Waiting> all = held.remove(channel);
        all.sort((a, b) -> Long.compare(a.order, b.order));
        all.forEach(this::fails);
    }

    /** Those whose timeout is over are cancelled, and go on with another channel. */
    private void cancelLate() {
        for (int i = 0; i < CLIENTS && feature == Feature.TIMEOUT; i++) {
            String channel = channels.get(i);
            List<Waiting> late = held.get(channel).stream()
                    .filter(w -> w.heldBack && w.due <= time)
                    .toList();
            if (late.isEmpty()) {
                continue;
            }
            note(t -> new Channel(Kind.CANCELLED, t, channel));
            held.get(channel).removeAll(late);
            List.copyOf(held.get(channel)).stream().filter(w -> !w.heldBack).forEach(w -> {
                held.get(channel).remove(w);
                note(t -> new Answering(Kind.ACKED, t, channel, w.message.id()));
            });
            late.forEach(this::fails);
            note(t -> new Channel(Kind.ASKED, t, channel));
            note(t -> new Channel(Kind.SETTLED, t, channel));
            goes(i, Kind.CLOSED);
        }
    }
}
