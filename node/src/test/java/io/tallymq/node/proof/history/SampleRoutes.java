package io.tallymq.node.proof.history;

import io.tallymq.node.proof.history.HistoryEvent.Answered;
import io.tallymq.node.proof.history.HistoryEvent.Answering;
import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import io.tallymq.node.proof.history.HistoryEvent.Drained;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.LongFunction;

/** The history of a faultless broker with messages for several of three queues: some are refused as a whole, some are never answered. */
final class SampleRoutes {
    private static final int PUBLISHES = 1_500;
    private static final List<String> WAYS = List.of("a+b", "a+c", "a+b+c", "b");
    private static final int ONE_REFUSED_OF = 8;
    private static final int ONE_UNANSWERED_OF = 12;

    private final Random random;
    private final List<HistoryEvent> events = new ArrayList<>();
    private final Map<String, Deque<Published>> queues = new TreeMap<>();
    private final List<MessageId> unconfirmed = new ArrayList<>();
    private long time = 1;
    private int published;

    private SampleRoutes(long seed) {
        random = new Random(seed);
        List.of("a", "b", "c").forEach(q -> queues.put(q, new ArrayDeque<>()));
    }

    static List<HistoryEvent> of(long seed) {
        return new SampleRoutes(seed).run();
    }

    private List<HistoryEvent> run() {
        while (published < PUBLISHES
                || !unconfirmed.isEmpty()
                || queues.values().stream().anyMatch(q -> !q.isEmpty())) {
            switch (random.nextInt(4)) {
                case 0 -> publish();
                case 1 -> confirm();
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

    private void publish() {
        if (published == PUBLISHES) {
            return;
        }
        MessageId id = new MessageId("p", published++);
        String way = WAYS.get(random.nextInt(WAYS.size()));
        note(t -> new Published(t, id, way, Integer.toHexString(id.hashCode())));
        Published message = (Published) events.get(events.size() - 1);
        boolean unanswered = random.nextInt(ONE_UNANSWERED_OF) == 0;
        if (random.nextInt(ONE_REFUSED_OF) == 0) {
            if (!unanswered) {
                note(t -> new Answered(Kind.NACKED, t, id));
            }
            return;
        }
        for (String queue : EachQueue.of(message)) {
            queues.get(queue).add(message);
        }
        if (!unanswered) {
            unconfirmed.add(id);
        }
    }

    private void confirm() {
        if (!unconfirmed.isEmpty()) {
            MessageId id = unconfirmed.remove(random.nextInt(unconfirmed.size()));
            note(t -> new Answered(Kind.CONFIRMED, t, id));
        }
    }

    private void deliver() {
        queues.forEach((queue, waiting) -> {
            Published p = waiting.poll();
            if (p != null) {
                note(t -> new Delivered(t, "c" + queue + ".1", queue, p.id(), false, -1, p.crc()));
                note(t -> new Answering(Kind.ACKED, t, "c" + queue + ".1", p.id()));
            }
        });
    }
}
