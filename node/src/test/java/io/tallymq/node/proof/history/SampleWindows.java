package io.tallymq.node.proof.history;

import io.tallymq.node.proof.history.HistoryEvent.Answered;
import io.tallymq.node.proof.history.HistoryEvent.Answering;
import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import io.tallymq.node.proof.history.HistoryEvent.Drained;
import io.tallymq.node.proof.history.HistoryEvent.Inquiring;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import io.tallymq.node.proof.history.HistoryEvent.Times;
import io.tallymq.node.proof.history.HistoryEvent.Told;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;

/**
 * The history of a faultless broker that remembers names for seconds: publishers publish again what is remembered and what is not any more, and somebody asks
 * and makes void. Of producers one after the other is at work, so that the others are forgotten.
 */
final class SampleWindows {
    private static final int PUBLISHES = 900;
    private static final int PRODUCERS = 3;
    private static final long EPOCH = 1_800_000_000_000L;
    /** A producer's turn. */
    private static final long TURN = 7_000;

    /** Before this publish there is no cluster for a while. */
    private static final int OUTAGE_AT = PUBLISHES * 7 / 8;

    private static final long OUTAGE = 13_000;

    private static final int BACK = 60;
    private static final String FAN = "a+b";
    private static final String STRAIGHT = "q";
    private static final List<String> QUEUES = List.of("a", "b", STRAIGHT);

    private record Fate(String outcome, long entry, long decided) {
        boolean isVoid() {
            return outcome.equals(ReceiptJudge.VOID);
        }
    }

    private final boolean ids;
    private final Random random;
    private final List<HistoryEvent> events = new ArrayList<>();
    private final List<Map<Long, Fate>> fates = new ArrayList<>();
    /** What came of producers that were forgotten: that it did stays known. */
    private final List<Map<Long, Fate>> past = new ArrayList<>();

    private final long[] next = new long[PRODUCERS];
    private final long[] used = new long[PRODUCERS];
    private long forgottenUntil = -1;
    /** When the outage ended. */
    private long away;

    private long millis;
    private long nanos;
    private long entries;
    private long sequence;
    private int questions;

    private SampleWindows(boolean ids, long seed) {
        this.ids = ids;
        random = new Random(seed);
        for (int i = 0; i < PRODUCERS; i++) {
            fates.add(new HashMap<>());
            past.add(new HashMap<>());
        }
    }

    static List<HistoryEvent> of(Feature feature, long seed) {
        return new SampleWindows(feature == Feature.WINDOWS, seed).run();
    }

    private List<HistoryEvent> run() {
        while (sequence < PUBLISHES) {
            millis += 40 + random.nextInt(60);
            forget();
            if (ids && away == 0 && sequence == OUTAGE_AT) {
                millis += OUTAGE;
                away = now();
            }
            int p = ids ? random.nextInt(PRODUCERS) : (int) (millis / TURN % PRODUCERS);
            switch (random.nextInt(8)) {
                case 0, 1 -> ask(random.nextInt(PRODUCERS));
                case 2 -> makeVoid(p);
                default -> publish(p);
            }
        }
        QUEUES.forEach(q -> note(t -> new Drained(t, q, 0)));
        return events;
    }

    private void note(LongFunction<HistoryEvent> event) {
        nanos = Math.max(nanos + 1_000, TimeUnit.MILLISECONDS.toNanos(millis));
        events.add(event.apply(nanos));
    }

    private long now() {
        return EPOCH + millis;
    }

    private void forget() {
        for (int p = 0; p < PRODUCERS; p++) {
            if (ids) {
                fates.get(p).values().removeIf(f -> Math.max(f.decided, away) + Feature.WINDOW_MILLIS <= now());
            } else if (used[p] > 0 && used[p] + Feature.RETENTION_MILLIS <= now()) {
                forgottenUntil = Math.max(forgottenUntil, used[p]);
                used[p] = 0;
                past.get(p).putAll(fates.get(p));
                fates.get(p).clear();
            }
        }
    }

    private long since() {
        return ids ? Math.max(EPOCH - 1, now() - Feature.WINDOW_MILLIS) + 1 : forgottenUntil + 1;
    }

    private long old(int p) {
        return Math.max(0, next[p] - random.nextInt(BACK));
    }

    private String name(int p, long number) {
        return "p" + p + "." + number;
    }

    private void publish(int p) {
        long number = random.nextInt(3) == 0 ? old(p) : ++next[p];
        MessageId id = new MessageId("p" + p + ".1", sequence++);
        String queue = number % 3 == 0 ? FAN : STRAIGHT;
        String crc = Integer.toHexString(id.hashCode());
        note(t -> new Published(t, id, queue, crc, Map.of(Published.KEY, name(p, number))));
        millis += random.nextInt(3);
        used[p] = now();
        entries++;
        Fate fate = fate(p, number);
        if (fate != null && fate.isVoid()) {
            note(t -> new Answered(Kind.NACKED, t, id));
            return;
        }
        if (fate == null) {
            fates.get(p).put(number, new Fate(ReceiptJudge.STORED, entries, now()));
        }
        boolean comesFirst = random.nextBoolean();
        if (!comesFirst) {
            note(t -> new Answered(Kind.CONFIRMED, t, id));
        }
        if (fate == null) {
            deliver((Published) event(id), id);
        }
        if (comesFirst) {
            note(t -> new Answered(Kind.CONFIRMED, t, id));
        }
    }

    /** What is known of it, if only that it came; null for nothing. */
    private Fate fate(int p, long number) {
        return fates.get(p).getOrDefault(number, past.get(p).get(number));
    }

    private HistoryEvent event(MessageId id) {
        return Forge.published(events, id);
    }

    private void deliver(Published p, MessageId id) {
        for (String queue : EachQueue.of(p)) {
            String consumer = "c-" + queue;
            note(t -> new Delivered(t, consumer, queue, id, false, -1, p.crc()));
            note(t -> new Answering(Kind.ACKED, t, consumer, id));
        }
    }

    private void ask(int p) {
        String who = "asks" + questions++ % 3;
        long number = old(p);
        note(t -> new Inquiring(Kind.INQUIRED, t, who, name(p, number)));
        entries++;
        tell(Kind.TOLD, who, p, number);
    }

    private void makeVoid(int p) {
        String who = "asks" + questions++ % 3;
        long number = random.nextBoolean() ? old(p) : next[p] + 1;
        note(t -> new Inquiring(Kind.VOIDING, t, who, name(p, number)));
        entries++;
        used[p] = now();
        if (fate(p, number) == null) {
            fates.get(p).put(number, new Fate(ReceiptJudge.VOID, entries, now()));
        }
        tell(Kind.VOIDED, who, p, number);
    }

    private void tell(Kind kind, String who, int p, long number) {
        Fate fate = fates.get(p).get(number);
        Fate was = past.get(p).get(number);
        String outcome = fate != null
                ? fate.outcome
                : was == null ? ReceiptJudge.UNSEEN : was.isVoid() ? ReceiptJudge.VOID : ReceiptJudge.FORGOTTEN;
        boolean isFinal = fate != null || was != null && was.isVoid();
        long entry = fate == null ? -1 : fate.entry;
        Times times = new Times(fate == null ? -1 : fate.decided, since(), now());
        note(t -> new Told(kind, t, who, name(p, number), outcome, isFinal, entry, entries, times));
    }
}
