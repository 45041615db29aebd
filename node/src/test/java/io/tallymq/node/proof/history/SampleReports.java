package io.tallymq.node.proof.history;

import io.tallymq.node.proof.history.HistoryEvent.Answered;
import io.tallymq.node.proof.history.HistoryEvent.Answering;
import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import io.tallymq.node.proof.history.HistoryEvent.Drained;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import io.tallymq.node.proof.history.HistoryEvent.Reported;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.LongFunction;

/**
 * The history of a faultless broker that reports: messages that are acked, expire, or die and are acked elsewhere. Some have no answer, and come or do
 * not; some reports come again.
 */
final class SampleReports {
    private static final int PUBLISHES = 2_000;
    private static final List<String> ENDS = List.of("acked@a", "expired@brief", "dead-lettered@dying+acked@after");
    private static final List<String> ARRIVES = List.of("a", ThatArrive.NOWHERE, "after");

    private final Random random;
    private final List<HistoryEvent> events = new ArrayList<>();
    private final List<Published> there = new ArrayList<>();
    private final List<MessageId> unconfirmed = new ArrayList<>();
    private final List<Reported> told = new ArrayList<>();
    private long time = 1;
    private long entries;
    private int published;

    private SampleReports(long seed) {
        random = new Random(seed);
    }

    static List<HistoryEvent> of(long seed) {
        return new SampleReports(seed).run();
    }

    private List<HistoryEvent> run() {
        while (published < PUBLISHES || !there.isEmpty() || !unconfirmed.isEmpty()) {
            entries++;
            switch (random.nextInt(6)) {
                case 0, 1 -> publish();
                case 2 -> confirm();
                case 3 -> tellAgain();
                default -> end();
            }
        }
        List.of("a", "brief", "dying", "after").forEach(q -> note(t -> new Drained(t, q, 0)));
        return events;
    }

    private void note(LongFunction<HistoryEvent> event) {
        time += 1 + random.nextInt(1_000);
        events.add(event.apply(time));
    }

    private void publish() {
        if (published >= PUBLISHES) {
            return;
        }
        MessageId id = new MessageId("p", published++);
        int way = random.nextInt(ENDS.size());
        String crc = Integer.toHexString(id.hashCode());
        note(t -> new Published(t, id, ARRIVES.get(way), crc, Map.of(Published.ENDS, ENDS.get(way))));
        Published p = (Published) events.get(events.size() - 1);
        switch (random.nextInt(20)) {
            case 0 -> note(t -> new Answered(Kind.NACKED, t, id));
            case 1 -> {
                return; // Nothing becomes of it.
            }
            case 2 -> there.add(p); // The answer never comes.
            default -> {
                there.add(p);
                unconfirmed.add(id);
            }
        }
    }

    private void confirm() {
        if (!unconfirmed.isEmpty()) {
            MessageId id = unconfirmed.remove(random.nextInt(unconfirmed.size()));
            note(t -> new Answered(Kind.CONFIRMED, t, id));
        }
    }

    private void end() {
        if (there.isEmpty()) {
            return;
        }
        Published p = there.remove(random.nextInt(there.size()));
        for (String end : p.note(Published.ENDS).split("\\+")) {
            String event = end.substring(0, end.indexOf('@'));
            String queue = end.substring(end.indexOf('@') + 1);
            if (event.equals("acked")) {
                String consumer = "c-" + queue;
                note(t -> new Delivered(t, consumer, queue, p.id(), false, -1, p.crc()));
                note(t -> new Answering(Kind.ACKED, t, consumer, p.id()));
            }
            note(t -> new Reported(t, "r1.1", event, queue, p.id(), entries, random.nextInt(30) == 0));
            told.add((Reported) events.get(events.size() - 1));
        }
    }

    private void tellAgain() {
        if (!told.isEmpty() && random.nextInt(5) == 0) {
            Reported r = told.get(random.nextInt(told.size()));
            note(t -> new Reported(t, "r2.1", r.event(), r.queue(), r.id(), r.entry(), true));
        }
    }
}
