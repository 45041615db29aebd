package io.tallymq.raft;

import io.tallymq.broker.view.BrokerView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What the clients of a {@link LossyCluster} saw, and what of it must not be. A queue's fate is judged to its end unless it is one that is
 * deleted and purged on the way.
 */
final class Ledger {
    /** Whose message, and where it was published to. */
    private record Published(String publisher, long order, Set<String> queues) {}

    /** A place in a queue. */
    private record Place(long queue, long seq) {}

    /** What became of the message at one place. */
    private static final class Fate {
        final long message;
        final String queue;
        LossyClient.Hold heldBy;
        boolean handed;
        boolean acked;
        /** The ack was applied for sure. */
        boolean over;

        Fate(long message, String queue) {
            this.message = message;
            this.queue = queue;
        }
    }

    private final Map<Long, Published> published = new LinkedHashMap<>();
    private final Set<Long> confirmed = new LinkedHashSet<>();
    private final Set<Long> refused = new LinkedHashSet<>();
    private final Map<Place, Fate> fates = new LinkedHashMap<>();
    private final Map<String, Place> places = new HashMap<>();
    private final Set<String> judged;
    private long lastMessage;
    private long handed;

    /** @param judged queues that are never purged or deleted, and whose messages nobody throws away */
    Ledger(Set<String> judged) {
        this.judged = judged;
    }

    boolean isJudged(String queue) {
        return judged.contains(queue);
    }

    long publish(String publisher, Set<String> queues) {
        published.put(++lastMessage, new Published(publisher, lastMessage, queues));
        return lastMessage;
    }

    void confirmed(long message) {
        confirmed.add(message);
    }

    void refused(long message) {
        refused.add(message);
    }

    /** A client got a message. */
    void handed(LossyClient.Hold hold, long queue, String name, long message, boolean redelivered) {
        handed++;
        Published from = published.get(message);
        check(from != null && from.queues().contains(name), "%s got message %s, not published to it", name, message);
        Place place = new Place(queue, hold.seq());
        Fate fate = fates.computeIfAbsent(place, p -> new Fate(message, name));
        check(fate.message == message, "place %s has message %s and %s", place, fate.message, message);
        Place first = places.putIfAbsent(name + " " + message, place);
        check(
                first == null || first.equals(place) || !isJudged(name),
                "message %s is in queue %s twice: %s and %s",
                message,
                name,
                first,
                place);
        check(!fate.over, "message %s of %s came to %s after its ack was applied", message, name, hold);
        check(
                !fate.handed || redelivered,
                "message %s of %s came to %s again without the flag, after %s",
                message,
                name,
                hold,
                fate.heldBy);
        check(
                fate.heldBy == null || !fate.heldBy.isHeld(),
                "message %s of %s came to %s while %s holds it",
                message,
                name,
                hold,
                fate.heldBy);
        fate.handed = true;
        fate.heldBy = hold;
    }

    void acked(long queue, long seq) {
        fates.get(new Place(queue, seq)).acked = true;
    }

    /** The ack was applied. */
    void over(long queue, long seq) {
        fates.get(new Place(queue, seq)).over = true;
    }

    long handed() {
        return handed;
    }

    long confirmed() {
        return confirmed.size();
    }

    /** Everything is drained: nothing may be missing. */
    void judge(List<BrokerView.QueueInfo> queues) {
        for (long message : confirmed) {
            if (refused.contains(message)) {
                continue;
            }
            for (String queue : published.get(message).queues()) {
                Place place = places.get(queue + " " + message);
                check(
                        !isJudged(queue) || place != null,
                        "message %s was confirmed and never came out of %s",
                        message,
                        queue);
            }
        }
        Map<String, Long> came = new TreeMap<>();
        fates.forEach((place, fate) -> {
            if (isJudged(fate.queue)) {
                check(fate.acked, "message %s of %s came out, was not acked, and is gone", fate.message, fate.queue);
                came.merge(fate.queue, 1L, Long::sum);
            }
        });
        for (BrokerView.QueueInfo q : queues) {
            if (isJudged(q.name())) {
                long out = came.getOrDefault(q.name(), 0L);
                check(
                        q.counters().published() == out && q.counters().acked() == out,
                        "queue %s took in %s and settled %s messages, %s came out",
                        q.name(),
                        q.counters().published(),
                        q.counters().acked(),
                        out);
            }
        }
        judgeOrder();
    }

    /** What a session publishes to a queue stands there in its order. */
    private void judgeOrder() {
        Map<String, TreeMap<Long, Place>> rows = new LinkedHashMap<>();
        places.forEach((at, place) -> {
            String queue = at.substring(0, at.indexOf(' '));
            if (isJudged(queue)) {
                long message = Long.parseLong(at.substring(at.indexOf(' ') + 1));
                Published from = published.get(message);
                rows.computeIfAbsent(queue + " " + from.publisher(), k -> new TreeMap<>())
                        .put(from.order(), place);
            }
        });
        rows.forEach((who, row) -> {
            List<Place> inOrder = new ArrayList<>(row.values());
            for (int i = 1; i < inOrder.size(); i++) {
                check(
                        inOrder.get(i - 1).seq() < inOrder.get(i).seq(),
                        "messages of %s changed places: %s before %s",
                        who,
                        inOrder.get(i - 1),
                        inOrder.get(i));
            }
        });
    }

    static void check(boolean holds, String fault, Object... what) {
        if (!holds) {
            throw new Fault(String.format(fault, what));
        }
    }

    /** Something that must not be. */
    static final class Fault extends AssertionError {
        private static final long serialVersionUID = 1;

        Fault(String what) {
            super(what);
        }
    }
}
