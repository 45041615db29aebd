package io.tallymq.node.proof.history;

import io.tallymq.node.proof.history.HistoryEvent.Answered;
import io.tallymq.node.proof.history.HistoryEvent.Answering;
import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import io.tallymq.node.proof.history.HistoryEvent.Drained;
import io.tallymq.node.proof.history.HistoryEvent.Inquiring;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import io.tallymq.node.proof.history.HistoryEvent.Told;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.LongFunction;

/**
 * The history of a faultless broker that gives receipts: a producer whose numbers rise by one, and one whose numbers rise faster, so that old ones are
 * forgotten; what goes to one queue and what goes to two; who asks, makes void, and takes the producers' places.
 */
final class SampleReceipts {
    private static final int PUBLISHES = 1_600;
    private static final int ASKERS = 3;
    private static final int[] STEPS = {1, 60};
    private static final String FAN = "a+b";
    private static final String STRAIGHT = "q";

    private record Fate(String outcome, long entry) {}

    private final class Producer {
        final String id;
        final int step;
        final Map<Long, Fate> fates = new HashMap<>();
        final List<Long> sent = new ArrayList<>();
        final List<Long> asked = new ArrayList<>();
        long next = 1;
        long last = -1;
        int incarnation = 1;
        long sequence;
        /** So many publishes from now on somebody else has its place, and it does not know; 0: it has it. */
        int fenced;

        Producer(int number) {
            id = "p" + number;
            step = STEPS[number];
        }

        String name(long number) {
            return id + "." + number;
        }

        boolean isForgotten(long number) {
            return !ids && number <= last - ReceiptJudge.WINDOW;
        }

        void decide(long number, String outcome) {
            fates.put(number, new Fate(outcome, entries));
            last = Math.max(last, number);
        }

        long fresh() {
            next += 1 + random.nextInt(step);
            return next;
        }

        long any() {
            int luck = random.nextInt(10);
            if (luck < 3 && !asked.isEmpty()) {
                return asked.get(random.nextInt(asked.size()));
            }
            long number = luck < 5 || sent.isEmpty()
                    ? next + 1 + random.nextInt(3)
                    : sent.get(Math.max(0, sent.size() - 1 - random.nextInt(luck == 5 ? 300 : 30)));
            asked.add(number);
            return number;
        }
    }

    /** Names are ids: none is forgotten, and nobody takes another one's place. */
    private final boolean ids;

    private final Random random;
    private final List<HistoryEvent> events = new ArrayList<>();
    private final List<Producer> producers = new ArrayList<>();
    private final Map<String, Deque<Published>> queues = new HashMap<>();
    private final List<MessageId> unconfirmed = new ArrayList<>();
    private long time = 1;
    private long entries;
    private int published;

    private SampleReceipts(long seed, boolean ids) {
        this.ids = ids;
        random = new Random(seed);
        for (int i = 0; i < STEPS.length; i++) {
            producers.add(new Producer(i));
        }
        List.of("a", "b", STRAIGHT).forEach(q -> queues.put(q, new ArrayDeque<>()));
    }

    static List<HistoryEvent> of(Feature feature, long seed) {
        return new SampleReceipts(seed, feature == Feature.IDS).run();
    }

    private List<HistoryEvent> run() {
        while (published < PUBLISHES
                || !unconfirmed.isEmpty()
                || queues.values().stream().anyMatch(q -> !q.isEmpty())) {
            entries++;
            Producer p = producers.get(random.nextInt(producers.size()));
            switch (random.nextInt(12)) {
                case 0, 1, 2, 3 -> publish(p);
                case 4, 5 -> confirm();
                case 6, 7 -> ask(p);
                case 8 -> makeVoid(p);
                case 9 -> takePlace(p);
                default -> deliver();
            }
        }
        queues.keySet().forEach(q -> note(t -> new Drained(t, q, 0)));
        return events;
    }

    private void note(LongFunction<HistoryEvent> event) {
        time += 1 + random.nextInt(1_000);
        events.add(event.apply(time));
    }

    private void publish(Producer p) {
        if (published >= PUBLISHES) {
            return;
        }
        published++;
        long number = random.nextInt(5) == 0 ? p.any() : p.fresh();
        p.next = Math.max(p.next, number);
        p.sent.add(number);
        MessageId id = new MessageId(p.id + "." + p.incarnation, p.sequence++);
        String queue = number % 3 == 0 ? FAN : STRAIGHT;
        String crc = Integer.toHexString(id.hashCode());
        note(t -> new Published(t, id, queue, crc, Map.of(Published.KEY, p.name(number))));
        Published message = (Published) events.get(events.size() - 1);
        int luck = random.nextInt(20);
        if (luck == 0) {
            return; // Nothing becomes of it.
        }
        boolean stored = store(p, number, message);
        if (luck == 1) {
            return; // The answer never comes.
        }
        if (stored) {
            unconfirmed.add(id);
        } else {
            note(t -> new Answered(Kind.NACKED, t, id));
        }
    }

    /** Whether it is stored, now or before. */
    private boolean store(Producer p, long number, Published message) {
        if (p.fenced > 0) {
            if (--p.fenced == 0) {
                p.incarnation++;
            }
            return false;
        }
        Fate fate = p.fates.get(number);
        if (p.isForgotten(number) || fate != null && fate.outcome.equals(ReceiptJudge.VOID)) {
            return false;
        }
        if (fate == null) {
            p.decide(number, ReceiptJudge.STORED);
            for (String queue : EachQueue.of(message)) {
                queues.get(queue).add(message);
            }
        }
        return true;
    }

    private void confirm() {
        while (!unconfirmed.isEmpty()) {
            MessageId id = unconfirmed.remove(random.nextInt(unconfirmed.size()));
            note(t -> new Answered(Kind.CONFIRMED, t, id));
        }
    }

    private String somebody() {
        return "asks" + random.nextInt(ASKERS);
    }

    private void ask(Producer p) {
        String who = somebody();
        long number = p.any();
        note(t -> new Inquiring(Kind.INQUIRED, t, who, p.name(number)));
        if (random.nextInt(3) == 0) {
            publish(p); // meanwhile
        }
        if (random.nextInt(20) != 0) {
            tell(Kind.TOLD, p, who, number);
        }
    }

    private void tell(Kind kind, Producer p, String who, long number) {
        Fate fate = p.fates.get(number);
        String outcome =
                p.isForgotten(number) ? ReceiptJudge.FORGOTTEN : fate == null ? ReceiptJudge.UNSEEN : fate.outcome;
        boolean isFinal = fate != null && !p.isForgotten(number);
        long entry = isFinal ? fate.entry : -1;
        note(t -> new Told(kind, t, who, p.name(number), outcome, isFinal, entry, entries));
    }

    private void makeVoid(Producer p) {
        String who = somebody();
        long number = p.any();
        note(t -> new Inquiring(Kind.VOIDING, t, who, p.name(number)));
        Fate fate = p.fates.get(number);
        if (fate == null && !p.isForgotten(number)) {
            p.decide(number, ReceiptJudge.VOID);
        }
        if (random.nextBoolean()) {
            tell(Kind.VOIDED, p, who, number);
        } else {
            Fate now = p.fates.get(number);
            boolean done = now != null && !p.isForgotten(number) && now.outcome.equals(ReceiptJudge.VOID);
            String outcome = done ? Told.DONE : Told.CAME;
            note(t -> new Told(Kind.VOIDED, t, who, p.name(number), outcome, false, -1, -1));
        }
    }

    private void takePlace(Producer p) {
        if (!ids && random.nextInt(6) == 0) {
            String who = somebody();
            note(t -> new Inquiring(Kind.TAKING, t, who, p.id));
            p.fenced = p.fenced == 0 ? 1 + random.nextInt(3) : p.fenced;
            note(t -> new Inquiring(Kind.TAKEN, t, who, p.id));
        }
    }

    private void deliver() {
        queues.forEach((queue, waiting) -> {
            Published p = waiting.poll();
            if (p != null) {
                String consumer = "c-" + queue;
                note(t -> new Delivered(t, consumer, queue, p.id(), false, -1, p.crc()));
                note(t -> new Answering(Kind.ACKED, t, consumer, p.id()));
            }
        });
    }
}
