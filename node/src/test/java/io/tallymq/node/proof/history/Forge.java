package io.tallymq.node.proof.history;

import io.tallymq.node.proof.history.HistoryEvent.Answered;
import io.tallymq.node.proof.history.HistoryEvent.Answering;
import io.tallymq.node.proof.history.HistoryEvent.Channel;
import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import io.tallymq.node.proof.history.HistoryEvent.Read;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** Finds places in a history, and changes what is there. */
public final class Forge {
    private Forge() {}

    public static <E extends HistoryEvent> int first(List<HistoryEvent> h, Class<E> type, Predicate<E> wanted) {
        return next(h, 0, type, wanted);
    }

    public static <E extends HistoryEvent> int next(
            List<HistoryEvent> h, int from, Class<E> type, Predicate<E> wanted) {
        return IntStream.range(from, h.size())
                .filter(i -> type.isInstance(h.get(i)) && wanted.test(type.cast(h.get(i))))
                .findFirst()
                .orElseThrow(() -> new AssertionError("the sample has no such place"));
    }

    public static List<Integer> deliveries(List<HistoryEvent> h, Predicate<Delivered> wanted) {
        return IntStream.range(0, h.size())
                .filter(i -> h.get(i) instanceof Delivered d && wanted.test(d))
                .boxed()
                .toList();
    }

    public static Published published(List<HistoryEvent> h, MessageId id) {
        return (Published) h.get(first(h, Published.class, p -> p.id().equals(id)));
    }

    public static Delivered copy(Delivered d, String consumer, MessageId id, boolean redelivered, long count) {
        return new Delivered(d.time(), consumer, d.queue(), id, redelivered, count, d.crc());
    }

    /** Channels that are neither lost nor closed, and answer several times after this place. */
    public static Set<String> living(List<HistoryEvent> h, int from) {
        Map<String, Integer> replies = new HashMap<>();
        h.subList(from, h.size()).forEach(e -> {
            if (e.kind() == Kind.SETTLED) {
                replies.merge(((Channel) e).consumer(), 1, Integer::sum);
            }
        });
        h.forEach(e -> {
            if (e.kind() == Kind.GONE || e.kind() == Kind.CLOSED) {
                replies.remove(((Channel) e).consumer());
            }
        });
        replies.values().removeIf(n -> n <= 2);
        return replies.keySet();
    }

    /** What a channel holds before the event at this place. */
    public static Set<MessageId> held(List<HistoryEvent> h, int until, String channel) {
        Set<MessageId> held = new HashSet<>();
        for (HistoryEvent e : h.subList(0, until)) {
            if (e instanceof Delivered d && d.consumer().equals(channel)) {
                held.add(d.id());
            } else if (e instanceof Answering a && a.consumer().equals(channel)) {
                held.remove(a.id());
            }
        }
        return held;
    }

    /** Gives a delivery, and what its consumer did with the message, to another consumer. */
    public static void move(List<HistoryEvent> h, int at, String to) {
        Delivered d = (Delivered) h.get(at);
        h.set(at, copy(d, to, d.id(), d.redelivered(), d.count()));
        int answer = next(
                h,
                at,
                Answering.class,
                a -> a.id().equals(d.id()) && a.consumer().equals(d.consumer()));
        Answering a = (Answering) h.get(answer);
        h.set(answer, new Answering(a.kind(), a.time(), to, a.id()));
    }

    /** Swaps the first two deliveries that fit, if both messages were published before and neither was answered in between. */
    public static void swapFirst(
            List<HistoryEvent> h, Predicate<Delivered> wanted, BiPredicate<Delivered, Delivered> fits) {
        List<Integer> places = deliveries(h, wanted);
        for (int i = 0; i < places.size(); i++) {
            Delivered a = (Delivered) h.get(places.get(i));
            for (int j = i + 1; j < Math.min(places.size(), i + 100); j++) {
                Delivered b = (Delivered) h.get(places.get(j));
                if (fits.test(a, b) && calm(h, places.get(i), places.get(j), a.id(), b.id())) {
                    swap(h, places.get(i), places.get(j));
                    return;
                }
            }
        }
        throw new AssertionError("the sample has no two messages to swap");
    }

    private static boolean calm(List<HistoryEvent> h, int from, int to, MessageId a, MessageId b) {
        return first(h, Published.class, p -> p.id().equals(b)) < from
                && h.subList(from, to).stream()
                        .noneMatch(e -> e instanceof Answering x && (x.id().equals(a) || x.id().equals(b)));
    }

    /** What came at one place comes at the other; the times stay. */
    private static void swap(List<HistoryEvent> h, int i, int j) {
        Delivered a = (Delivered) h.get(i);
        Delivered b = (Delivered) h.get(j);
        h.set(i, new Delivered(a.time(), a.consumer(), b.queue(), b.id(), b.redelivered(), b.count(), b.crc()));
        h.set(j, new Delivered(b.time(), b.consumer(), a.queue(), a.id(), a.redelivered(), a.count(), a.crc()));
    }

    /** A message comes at the end, to a consumer of its own. */
    public static void comes(List<HistoryEvent> h, MessageId id) {
        String consumer = "c999.1";
        Published p = published(h, id);
        int at = first(h, HistoryEvent.Drained.class, z -> true);
        long t = h.get(at).time();
        h.add(at, new Delivered(t, consumer, p.queue(), id, false, -1, p.crc()));
        h.add(at + 1, new Answering(Kind.ACKED, t, consumer, id));
    }

    /** A message comes as soon as it was answered, to a consumer of its own. */
    public static void comesAt(List<HistoryEvent> h, MessageId id) {
        String consumer = "c999.1";
        Published p = published(h, id);
        int at = first(h, Answered.class, a -> a.id().equals(id)) + 1;
        long t = h.get(at - 1).time();
        h.add(at, new Delivered(t, consumer, p.queue(), id, false, -1, p.crc()));
        h.add(at + 1, new Answering(Kind.ACKED, t, consumer, id));
    }

    /** A message never comes to anybody. */
    public static void lose(List<HistoryEvent> h, MessageId id) {
        h.removeIf(e -> e instanceof Delivered d && d.id().equals(id)
                || e instanceof Answering a && a.id().equals(id)
                || e instanceof Read r && r.id().equals(id));
    }

    public static MessageId answered(List<HistoryEvent> h, Kind kind, Predicate<Published> wanted) {
        return ((Answered) h.get(first(h, Answered.class, a -> a.kind() == kind && wanted.test(published(h, a.id())))))
                .id();
    }

    public static long answers(List<HistoryEvent> h, MessageId id) {
        return h.stream()
                .filter(e -> e instanceof Answered a && a.id().equals(id))
                .count();
    }

    public static Published with(Published p, Map<String, String> notes) {
        return new Published(p.time(), p.id(), p.queue(), p.crc(), notes);
    }
}
