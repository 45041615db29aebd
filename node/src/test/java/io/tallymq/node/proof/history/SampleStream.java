package io.tallymq.node.proof.history;

import io.tallymq.node.proof.history.HistoryEvent.Answered;
import io.tallymq.node.proof.history.HistoryEvent.Answering;
import io.tallymq.node.proof.history.HistoryEvent.Drained;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import io.tallymq.node.proof.history.HistoryEvent.Read;
import io.tallymq.node.proof.history.HistoryEvent.Reading;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.LongFunction;

/**
 * The history of a faultless stream: three publishers; two readers that remember their offset and two that leave it to the broker, which
 * knows it a little late after a crash.
 */
final class SampleStream {
    private static final String STREAM = "s";
    private static final int MESSAGES = 1_000;
    private static final int PUBLISHERS = 3;
    private static final int READERS = 4;

    private static final class Reader {
        final String name;
        final boolean tracked;
        int incarnation;
        int next;
        int stored;

        Reader(String name, boolean tracked) {
            this.name = name;
            this.tracked = tracked;
        }

        String channel() {
            return name + "." + incarnation;
        }
    }

    private final Random random;
    private final List<HistoryEvent> events = new ArrayList<>();
    private final List<Published> stream = new ArrayList<>();
    private final List<MessageId> unconfirmed = new ArrayList<>();
    private final List<Reader> readers = new ArrayList<>();
    private final long[] next = new long[PUBLISHERS];
    private long time;
    private int published;

    private SampleStream(long seed) {
        random = new Random(seed);
        for (int i = 0; i < READERS; i++) {
            readers.add(new Reader("r" + i, i % 2 == 1));
        }
    }

    static List<HistoryEvent> of(long seed) {
        return new SampleStream(seed).run();
    }

    private List<HistoryEvent> run() {
        readers.forEach(r -> begin(r, 0));
        while (published < MESSAGES
                || !unconfirmed.isEmpty()
                || readers.stream().anyMatch(r -> r.next < stream.size())) {
            switch (random.nextInt(6)) {
                case 0 -> publish();
                case 1 -> confirm();
                default -> read(readers.get(random.nextInt(READERS)));
            }
            if (random.nextInt(200) == 0) {
                restart(readers.get(random.nextInt(READERS)));
            }
        }
        note(t -> new Drained(t, STREAM, stream.size()));
        return events;
    }

    private void note(LongFunction<HistoryEvent> event) {
        time += 1 + random.nextInt(1_000);
        events.add(event.apply(time));
    }

    private void publish() {
        if (published >= MESSAGES) {
            return;
        }
        published++;
        int p = random.nextInt(PUBLISHERS);
        MessageId id = new MessageId("p" + p + ".1", next[p]++);
        note(t -> new Published(t, id, STREAM, Integer.toHexString(id.hashCode())));
        Published message = (Published) events.get(events.size() - 1);
        switch (random.nextInt(30)) {
            case 0 -> note(t -> new Answered(Kind.NACKED, t, id));
            case 1 -> stream.add(message); // and the answer never comes
            case 2 -> {} // nothing becomes of it
            default -> {
                stream.add(message);
                unconfirmed.add(id);
            }
        }
    }

    private void confirm() {
        if (!unconfirmed.isEmpty()) {
            MessageId id = unconfirmed.remove(0);
            note(t -> new Answered(Kind.CONFIRMED, t, id));
        }
    }

    private void begin(Reader r, long from) {
        r.incarnation++;
        note(t -> new Reading(t, r.channel(), from));
    }

    private void read(Reader r) {
        for (int i = random.nextInt(8); i > 0 && r.next < stream.size(); i--) {
            int offset = r.next++;
            Published m = stream.get(offset);
            note(t -> new Read(t, r.channel(), offset, m.id(), m.crc()));
            note(t -> new Answering(Kind.ACKED, t, r.channel(), m.id()));
        }
        if (random.nextInt(4) == 0) {
            r.stored = r.next;
        }
    }

    private void restart(Reader r) {
        if (r.tracked && r.stored > 0) {
            r.next = r.stored;
            begin(r, Reading.STORED);
        } else {
            begin(r, r.next);
        }
    }
}
