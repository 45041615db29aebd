package io.tallymq.node.proof.history;

import io.tallymq.node.proof.history.HistoryEvent.Answered;
import io.tallymq.node.proof.history.HistoryEvent.Answering;
import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import io.tallymq.node.proof.history.HistoryEvent.Drained;
import io.tallymq.node.proof.history.HistoryEvent.Fault;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.LongFunction;

/** The history of a faultless broker whose nodes are away now and then, with messages that all of them have to have and others. */
final class SampleCopies {
    private static final int PUBLISHES = 1_500;
    private static final int ONE_FAULT_OF = 120;

    private final Random random;
    private final List<HistoryEvent> events = new ArrayList<>();
    private final List<Published> unconfirmed = new ArrayList<>();
    private final List<Published> there = new ArrayList<>();
    private long time = 1;
    private long away = Long.MAX_VALUE;
    private int published;

    private SampleCopies(long seed) {
        random = new Random(seed);
    }

    static List<HistoryEvent> of(long seed) {
        return new SampleCopies(seed).run();
    }

    private List<HistoryEvent> run() {
        while (published < PUBLISHES || !unconfirmed.isEmpty() || !there.isEmpty()) {
            if (random.nextInt(ONE_FAULT_OF) == 0 || published == PUBLISHES && away != Long.MAX_VALUE) {
                fault();
            }
            switch (random.nextInt(3)) {
                case 0 -> publish();
                case 1 -> confirm();
                default -> deliver();
            }
        }
        note(t -> new Drained(t, "q", 0));
        return events;
    }

    private void note(LongFunction<HistoryEvent> event) {
        time += 1 + random.nextInt(1_000);
        events.add(event.apply(time));
    }

    private void fault() {
        if (away == Long.MAX_VALUE) {
            note(t -> new Fault(t, "KILL_FOLLOWER [2] leader 1 round 1"));
            note(t -> new Fault(t, Fault.AWAY + "[2]"));
            away = time;
        } else {
            away = Long.MAX_VALUE;
            note(t -> new Fault(t, Fault.BACK + "[2]"));
            note(t -> new Fault(t, Fault.OVER + ", round 1"));
        }
    }

    private void publish() {
        if (published < PUBLISHES) {
            MessageId id = new MessageId("p", published++);
            Map<String, String> notes = random.nextInt(3) == 0 ? Map.of() : Map.of(Published.CONFIRM, "all");
            note(t -> new Published(t, id, "q", Integer.toHexString(id.hashCode()), notes));
            unconfirmed.add((Published) events.get(events.size() - 1));
            there.add((Published) events.get(events.size() - 1));
        }
    }

    private void confirm() {
        if (!unconfirmed.isEmpty()) {
            Published p = unconfirmed.get(random.nextInt(unconfirmed.size()));
            if (p.time() < away || p.note(Published.CONFIRM) == null) {
                unconfirmed.remove(p);
                note(t -> new Answered(Kind.CONFIRMED, t, p.id()));
            }
        }
    }

    private void deliver() {
        if (!there.isEmpty()) {
            Published p = there.remove(random.nextInt(there.size()));
            note(t -> new Delivered(t, "c1.1", "q", p.id(), false, -1, p.crc()));
            note(t -> new Answering(Kind.ACKED, t, "c1.1", p.id()));
        }
    }
}
