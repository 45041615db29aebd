package io.tallymq.node.proof.history;

import io.tallymq.node.proof.history.HistoryEvent.Answered;
import io.tallymq.node.proof.history.HistoryEvent.Answering;
import io.tallymq.node.proof.history.HistoryEvent.Channel;
import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import io.tallymq.node.proof.history.HistoryEvent.Drained;
import io.tallymq.node.proof.history.HistoryEvent.Fault;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.function.LongFunction;

/**
 * The history of a faultless broker with one queue: four publishers, one consumer at a time, some messages returned, nacked,
 * unanswered or requeued, and now and then the consumer is lost with what it holds.
 */
final class SampleHistory {
    static final String QUEUE = "q";
    private static final int PUBLISHERS = 4;
    private static final int PREFETCH = 20;

    private record Waiting(Published message, int count) {}

    private final Random random;
    private final int messages;
    private final List<HistoryEvent> events = new ArrayList<>();
    private final Deque<Published> unconfirmed = new ArrayDeque<>();
    private final Deque<Waiting> queue = new ArrayDeque<>();
    private final Deque<Waiting> held = new ArrayDeque<>();
    private final long[] next = new long[PUBLISHERS];
    private long time;
    private int published;
    private int consumers;

    private SampleHistory(int messages, long seed) {
        this.messages = messages;
        this.random = new Random(seed);
    }

    static List<HistoryEvent> of(int messages, long seed) {
        return new SampleHistory(messages, seed).run();
    }

    private List<HistoryEvent> run() {
        while (published < messages || !queue.isEmpty() || !held.isEmpty() || !unconfirmed.isEmpty()) {
            switch (random.nextInt(8)) {
                case 0, 1 -> publish();
                case 2, 3 -> confirm();
                case 4, 5 -> deliver();
                default -> settle();
            }
            if (random.nextInt(200) == 0) {
                loseConsumer();
            }
        }
        note(t -> new Drained(t, QUEUE, 0));
        return events;
    }

    private <E extends HistoryEvent> E note(LongFunction<E> event) {
        time += 1 + random.nextInt(1000);
        E noted = event.apply(time);
        events.add(noted);
        return noted;
    }

    private void publish() {
        if (published == messages) {
            return;
        }
        published++;
        int publisher = random.nextInt(PUBLISHERS);
        MessageId id = new MessageId("p" + publisher, next[publisher]++);
        Published p = note(t -> new Published(t, id, QUEUE, Integer.toHexString(id.hashCode())));
        switch (random.nextInt(50)) {
            case 0 -> note(t -> new Answered(Kind.NACKED, t, id));
            case 1 -> queue.add(new Waiting(p, 0)); // stored, and the answer never comes
            case 2 -> {
                note(t -> new Answered(Kind.RETURNED, t, id));
                note(t -> new Answered(Kind.CONFIRMED, t, id));
            }
            default -> {
                queue.add(new Waiting(p, 0));
                unconfirmed.add(p);
            }
        }
    }

    private void confirm() {
        if (!unconfirmed.isEmpty()) {
            MessageId id = unconfirmed.remove().id();
            note(t -> new Answered(Kind.CONFIRMED, t, id));
        }
    }

    private String consumer() {
        return "c" + consumers;
    }

    private void deliver() {
        if (!queue.isEmpty() && held.size() < PREFETCH) {
            Waiting w = queue.remove();
            held.add(w);
            Published p = w.message;
            note(t -> new Delivered(t, consumer(), QUEUE, p.id(), w.count > 0, w.count, p.crc()));
        }
    }

    private void settle() {
        if (held.isEmpty()) {
            return;
        }
        Waiting w = held.remove();
        MessageId id = w.message.id();
        if (random.nextInt(50) == 0) {
            note(t -> new Answering(Kind.REQUEUED, t, consumer(), id));
            queue.addFirst(new Waiting(w.message, w.count + 1));
        } else {
            note(t -> new Answering(Kind.ACKED, t, consumer(), id));
        }
        if (random.nextInt(20) == 0) {
            note(t -> new Channel(Kind.ASKED, t, consumer()));
            note(t -> new Channel(Kind.SETTLED, t, consumer()));
        }
    }

    private void loseConsumer() {
        note(t -> new Fault(t, "kill -9 somebody"));
        note(t -> new Channel(Kind.GONE, t, consumer()));
        consumers++;
        while (!held.isEmpty()) {
            Waiting w = held.removeLast();
            queue.addFirst(new Waiting(w.message, w.count + 1));
        }
    }
}
