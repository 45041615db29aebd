package io.tallymq.broker.processing;

import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.Settle.Outcome;
import io.tallymq.broker.command.SettleWith;
import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.AsideLimits;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.message.HeaderOverlay;
import io.tallymq.broker.queue.Dirty;
import io.tallymq.broker.queue.Holder;
import io.tallymq.broker.queue.Queue;
import io.tallymq.broker.queue.QueueArguments;
import io.tallymq.broker.queue.Queues;

/**
 * Settles that are answered: of one message, which may get headers. What can't be done is refused: nobody is told that something happened
 * that did not. If it was held, its message goes back then, since its client does not name it any more.
 */
public final class SettleCommands {
    private static final Reply.Rejected NOT_HELD = new Reply.Rejected(
            406,
            Reply.Reason.FENCED,
            "the message is not held any more: it was purged, deleted or taken back, and may come again");
    /** What a refusal of what was held ends with. */
    private static final String WENT_BACK = "; the message was given back without them";

    private final Queues queues;
    private final ConsumerCommands consumers;
    private final Dirty dirty;
    private final AsideLimits limits;

    public SettleCommands(Queues queues, ConsumerCommands consumers, Dirty dirty, StateLimits limits) {
        this.queues = queues;
        this.consumers = consumers;
        this.dirty = dirty;
        this.limits = limits.aside();
    }

    /** Not held, and it is refused; else it is settled, or goes back and is refused. */
    public Reply settle(SettleWith s, Effects effects) {
        Holder h = queues.holder(s.holder());
        if (h != null && h.queue().isStream()) {
            return Reply.OK; // reading is its channel's business, and so is what is read
        }
        if (h == null || h.departure() != null || !h.held.contains(s.seq())) {
            return NOT_HELD;
        }
        Settle one = new Settle(s.holder(), s.outcome(), new long[] {s.seq(), s.seq()});
        if (consumers.isVoid(one, h)) {
            consumers.settle(one, effects);
            return Reply.IGNORED;
        }
        Queue q = h.queue();
        Reply.Rejected refusal = s.headers() == null ? null : addHeaders(q, s.seq(), s.headers());
        if (refusal != null) {
            settle(h, s.seq(), s.outcome() == Outcome.DISCARD ? Outcome.NACK_REQUEUE : s.outcome(), 0, effects);
            return refusal;
        }
        settle(h, s.seq(), s.outcome(), s.delay(), effects);
        return Reply.OK;
    }

    private void settle(Holder h, long seq, Outcome how, long delay, Effects effects) {
        boolean more = how == Outcome.NACK_REQUEUE
                || how == Outcome.REJECT_REQUEUE
                || h.queue().hasReserved();
        h.queue().settle(h, seq, how, delay, dirty);
        consumers.handOn(h, more, effects);
    }

    /** Null, or why the message can't have them. */
    private Reply.Rejected addHeaders(Queue q, long seq, HeaderOverlay headers) {
        HeaderOverlay before = q.overlay(seq);
        HeaderOverlay all = before == null ? headers : before.under(headers);
        String excess = all.excess();
        if (excess != null) {
            return refuse("with these the message would have " + excess + " that settles may add");
        }
        if (before == null && count(q) >= limits.overlaysOfQueue()) {
            return refuse(QueueArguments.resource(q) + " has " + limits.overlaysOfQueue()
                    + " messages with headers that settles added, the most it takes");
        }
        if (before == null && queues.aside().overlays() >= limits.overlays()) {
            return refuse(StateLimits.text("messages with headers that settles added", limits.overlays()));
        }
        q.makeAside().overlays().put(seq, all);
        return null;
    }

    private static int count(Queue q) {
        return q.aside() == null ? 0 : q.aside().overlays().count();
    }

    private static Reply.Rejected refuse(String text) {
        return new Reply.Rejected(506, Reply.Reason.LIMIT, text + WENT_BACK);
    }
}
