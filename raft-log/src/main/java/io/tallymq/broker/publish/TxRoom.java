package io.tallymq.broker.publish;

import io.tallymq.broker.command.Settle;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.queue.Holder;
import io.tallymq.broker.queue.Queue;
import io.tallymq.broker.spec.RoutingTarget;
import java.util.List;
import java.util.TreeMap;
import java.util.function.LongFunction;

/** How much room queues with limits have left for a transaction, whose publishes are all looked at before any of them takes effect. */
final class TxRoom {
    private static final class Adds {
        long messages;
        long bytes;
    }

    /** So many messages in as many queues are counted at most, as one entry counts them at once: some 20 ms. */
    static final int MOST_COPIES = 200_000;

    private static final Reply.Rejected TOO_MANY = new Reply.Rejected(
            506,
            Reply.Reason.LIMIT,
            "a transaction brings at most " + MOST_COPIES + " messages to queues with a limit and reject-publish,"
                    + " or that drop duplicates, or behind x-expect-queue-length-below, counted in each queue: divide it");

    /** The searches for the routes of all its messages together, in units of publishes' work, some 50 ms: none of them is left to a later slice. */
    static final int MOST_SEARCHES = 50_000;

    private static final Reply.Rejected TOO_FAR = new Reply.Rejected(
            506,
            Reply.Reason.LIMIT,
            "to find out where the messages of a transaction go takes too many steps through bindings for one entry of the log: divide it");

    private final TreeMap<Long, Adds> adds = new TreeMap<>();
    /** The level of the state from which on they are counted. */
    private static final int LEVEL = 5;

    private final int level;
    private long copies;
    private long searches;

    /**
     * What the transaction gives back takes room, too.
     *
     * @param holder finds one by its number, or null
     */
    TxRoom(List<Settle> settles, LongFunction<Holder> holder, int level) {
        this.level = level;
        for (Settle s : settles) {
            Holder h = s.outcome() == Settle.Outcome.ACK ? null : holder.apply(s.holder());
            if (h != null && h.queue().limit().refuses() && takesRoom(s, h.queue())) {
                Adds back = of(h.queue());
                h.heldOf(s.ranges(), (first, last) -> {
                    back.messages += last - first + 1;
                    back.bytes += h.queue().lanes().bytes(first, last);
                });
            }
        }
    }

    /** What is discarded does as long as it waits there as a dead letter. */
    private static boolean takesRoom(Settle s, Queue in) {
        return s.outcome() != Settle.Outcome.DISCARD || in.dying().held().takeRoom();
    }

    /** One is counted in so many queues; a refusal when that is too much for one transaction, else null. */
    Reply.Rejected count(int queues) {
        copies += queues;
        return copies <= MOST_COPIES || level < LEVEL ? null : TOO_MANY;
    }

    /** The search for the route of one was so many units; a refusal when that is too much for one transaction, else null. */
    Reply.Rejected searched(long units) {
        searches += units;
        return searches <= MOST_SEARCHES || level < LEVEL ? null : TOO_FAR;
    }

    private Adds of(RoutingTarget queue) {
        return adds.computeIfAbsent(queue.number(), n -> new Adds());
    }

    /** Takes room for a message in all these queues; the refusal of the first that has none, else null. */
    Reply.Rejected take(RoutingTarget[] targets, long bodyBytes) {
        Reply.Rejected tooMany = count(targets.length);
        if (tooMany != null) {
            return tooMany;
        }
        for (RoutingTarget t : targets) {
            Adds a = of(t);
            Reply.Rejected full = ((Queue) t).limit().refusal(a.messages, a.bytes, bodyBytes);
            if (full != null) {
                return full;
            }
            a.messages++;
            a.bytes += bodyBytes;
        }
        return null;
    }
}
