package io.tallymq.node.proof.lanes;

import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import io.tallymq.node.proof.history.MessageId;
import io.tallymq.node.proof.load.Letters;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * One producer: what it publishes under which number, and which numbers others ask for or make void meanwhile. What had no answer when the connection
 * was lost is published again under its name, or made void, or both; what was nacked is published again a few times; now and then something comes
 * again that was confirmed, made void, or is too old; some numbers are made void before they are published, and some never come. Any thread.
 */
final class NamedLetters implements Letters {
    /** Beyond what the broker knows of one producer. */
    static final int REMEMBERED = 6_000;

    private static final int MOST_TRIES = 6;
    private static final int ONE_AGAIN_OF = 8;
    private static final int ONE_SKIPPED_OF = 30;
    private static final int ONE_NOWHERE_OF = 40;
    private static final int NEIGHBOURS = 60;
    private static final int AHEAD = 5;

    /**
     * Where messages go.
     *
     * @param direct an exchange that leads to the queue of a message's key
     * @param fan an exchange, before {@code behindFan}: queues with a + between
     * @param small a queue that refuses when it is full
     */
    record Routes(String direct, String straight, String fan, String behindFan, String small) {}

    private enum Way {
        STRAIGHT,
        FAN,
        SMALL
    }

    private static final class Sent {
        final long number;
        final Way way;
        int tries;

        Sent(long number, Way way) {
            this.number = number;
            this.way = way;
        }
    }

    /** @param nowhere whether it went to no queue */
    private record Try(Sent sent, boolean nowhere) {}

    private final String producer;
    private final Naming naming;
    private final Routes routes;
    private final int step;
    private final int remembered;
    /** What was published, or will be. */
    private final TreeMap<Long, Sent> known = new TreeMap<>();

    private final Map<MessageId, Try> unanswered = new HashMap<>();
    private final Deque<Sent> again = new ArrayDeque<>();
    /** Numbers that are left to be made void. */
    private final Deque<Long> left = new ArrayDeque<>();

    private String publisher = "";
    private long last;

    /** @param step its numbers rise by so much at most */
    NamedLetters(String producer, Naming naming, Routes routes, int step) {
        this(producer, naming, routes, step, REMEMBERED);
    }

    /**
     * The same.
     *
     * @param remembered so far back it publishes again, and is asked for
     */
    NamedLetters(String producer, Naming naming, Routes routes, int step, int remembered) {
        this.remembered = remembered;
        this.naming = naming;
        this.producer = producer;
        this.routes = routes;
        this.step = step;
    }

    String producer() {
        return producer;
    }

    String name(long number) {
        return producer + "." + number;
    }

    // ---- publishing

    @Override
    public synchronized Letter next(MessageId id, Random random) {
        if (!id.publisher().equals(publisher)) {
            publisher = id.publisher();
            unanswered.values().forEach(t -> lost(t.sent, random));
            unanswered.clear();
        }
        Sent sent = again.poll();
        if (sent == null && random.nextInt(ONE_AGAIN_OF) == 0) {
            sent = old(random);
        }
        if (sent == null) {
            sent = fresh(random);
        }
        boolean nowhere = sent.tries++ == 0 && random.nextInt(ONE_NOWHERE_OF) == 0;
        unanswered.put(id, new Try(sent, nowhere));
        return letter(sent, nowhere);
    }

    private void lost(Sent sent, Random random) {
        int luck = random.nextInt(6);
        if (luck > 0) {
            again.add(sent);
        }
        if (luck < 2) {
            left.add(sent.number);
        }
    }

    /** Something that was published, or too old even, if there is any. */
    private Sent old(Random random) {
        Map.Entry<Long, Sent> entry = known.floorEntry(last - random.nextInt(remembered));
        return entry == null ? null : entry.getValue();
    }

    private Sent fresh(Random random) {
        last += 1 + random.nextInt(step);
        if (random.nextInt(ONE_SKIPPED_OF) == 0) {
            left.add(last++);
        }
        Sent sent = new Sent(last, Way.values()[random.nextInt(Way.values().length)]);
        known.put(last, sent);
        known.headMap(last - remembered).clear();
        return sent;
    }

    private Letter letter(Sent sent, boolean nowhere) {
        var properties = naming.properties(producer, sent.number);
        Map<String, String> notes = Map.of(Published.KEY, name(sent.number));
        String exchange = sent.way == Way.FAN && !nowhere ? routes.fan : routes.direct;
        String queue =
                switch (sent.way) {
                    case STRAIGHT -> routes.straight;
                    case FAN -> routes.behindFan;
                    case SMALL -> routes.small;
                };
        return new Letter(exchange, nowhere ? "nowhere" : queue, queue, nowhere, properties, notes);
    }

    @Override
    public synchronized void answered(Kind kind, MessageId id) {
        Try one = unanswered.remove(id);
        if (one == null) {
            return; // Published again meanwhile.
        }
        if (kind == Kind.NACKED && one.sent.tries >= MOST_TRIES) {
            left.add(one.sent.number);
        } else if (kind == Kind.NACKED || one.nowhere) {
            again.add(one.sent);
        }
    }

    // ---- asking

    /** A number to ask for: mostly one of the latest. */
    synchronized long any(Random random) {
        return switch (random.nextInt(8)) {
            case 0 -> last + 1 + random.nextInt(AHEAD);
            case 1, 2 -> Math.max(0, last - random.nextInt(remembered));
            default -> near(random);
        };
    }

    private long near(Random random) {
        Map.Entry<Long, Sent> entry = known.floorEntry(last - random.nextInt(NEIGHBOURS * step));
        return entry == null ? 0 : entry.getKey();
    }

    /** A number to make void: one that is left, or one that was just published, or will be. */
    synchronized long toVoid(Random random) {
        Long number = left.poll();
        if (number != null) {
            return number;
        }
        return random.nextBoolean() ? last + 1 + random.nextInt(AHEAD * step) : near(random);
    }

    /** A number of which nobody knows what became of it, after the last publish; null when there is none any more. */
    synchronized Long toDecide() {
        unanswered.values().forEach(t -> left.add(t.sent.number));
        unanswered.clear();
        again.forEach(s -> left.add(s.number));
        again.clear();
        return left.poll();
    }

    /** The latest numbers. */
    synchronized List<Long> latest(int most) {
        return new ArrayList<>(known.descendingKeySet().stream().limit(most).toList());
    }
}
