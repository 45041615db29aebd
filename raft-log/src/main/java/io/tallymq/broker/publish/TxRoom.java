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

    private final TreeMap<Long, Adds> adds = new TreeMap<>();

    /**
     * What the transaction gives back takes room, too.
     *
     * @param holder finds one by its number, or null
     */
    TxRoom(List<Settle> settles, LongFunction<Holder> holder) {
        for (Settle s : settles) {
            Holder h = s.outcome() == Settle.Outcome.ACK || s.outcome() == Settle.Outcome.DISCARD
                    ? null
                    : holder.apply(s.holder());
            if (h != null && h.queue().limit().refuses()) {
                Adds back = of(h.queue());
                h.heldOf(s.ranges(), (first, last) -> {
                    back.messages += last - first + 1;
                    back.bytes += h.queue().lanes().bytes(first, last);
                });
            }
        }
    }

    private Adds of(RoutingTarget queue) {
        return adds.computeIfAbsent(queue.number(), n -> new Adds());
    }

    /** Takes room for a message in all these queues; the refusal of the first that has none, else null. */
    Reply.Rejected take(RoutingTarget[] targets, long bodyBytes) {
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
