package io.tallymq.broker.processing;

import io.tallymq.broker.aside.Aside;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.Settle.Outcome;
import io.tallymq.broker.command.SettleWith;
import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.message.HeaderOverlay;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.queue.Dirty;
import io.tallymq.broker.queue.Holder;
import io.tallymq.broker.queue.Queue;
import io.tallymq.broker.queue.QueueArguments;
import io.tallymq.broker.queues.Queues;
import java.util.List;
import java.util.function.IntSupplier;

/**
 * Settles that are answered: of one message, which may get headers, or be put aside. What can't be done is refused: nobody is told that
 * something happened that did not. If it was held, its message goes back then, since its client does not name it any more.
 */
public final class SettleCommands {
    private static final Reply.Rejected NOT_HELD = new Reply.Rejected(
            406,
            Reply.Reason.FENCED,
            "the message is not held any more: it was purged, deleted or taken back, and may come again");
    /** The level from which on a transaction is refused that settles what is not held any more; before, that was passed over. */
    private static final int ALL_HELD = 5;

    /** What a refusal of what was held ends with. */
    private static final String WENT_BACK = "; the message was given back to its queue";

    private final Queues queues;
    private final ConsumerCommands consumers;
    private final Deferral deferral;
    private final Dirty dirty;
    private final StateLimits limits;
    private final IntSupplier level;

    public SettleCommands(
            Queues queues,
            ConsumerCommands consumers,
            Deferral deferral,
            Dirty dirty,
            StateLimits limits,
            IntSupplier level) {
        this.level = level;
        this.queues = queues;
        this.consumers = consumers;
        this.deferral = deferral;
        this.dirty = dirty;
        this.limits = limits;
    }

    /** Not held, and it is refused; else it is settled, or goes back and is refused. */
    public Reply settle(SettleWith s, Stamp entry, Effects effects) {
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
        HeaderOverlay headers = s.headers() == null ? null : together(q, s.seq(), s.headers());
        Reply.Rejected refusal = headers == null ? null : refusal(q, s.seq(), headers);
        if (refusal == null && s.defer() != null) {
            refusal = deferral.refusal(q, s.defer());
        }
        if (refusal != null) {
            settle(h, s.seq(), s.outcome() == Outcome.DISCARD ? Outcome.NACK_REQUEUE : s.outcome(), 0, effects);
            return new Reply.Rejected(refusal.code(), refusal.reason(), refusal.text() + WENT_BACK);
        }
        if (headers != null) {
            q.makeAside().overlays().put(s.seq(), headers);
        }
        if (s.defer() == null) {
            settle(h, s.seq(), s.outcome(), s.delay(), effects);
        } else {
            boolean more = q.assignment().gains(Outcome.ACK);
            deferral.defer(h, s, entry);
            // All of its channel are in turn before a queue is looked at for the token.
            consumers.handOn(h, more, effects);
            deferral.tell(q.vhost(), s.defer(), entry, effects);
        }
        return Reply.OK;
    }

    /** Why not all settles of a transaction can take effect; null when they can. */
    public Reply.Rejected refusal(List<Settle> settles) {
        if (level.getAsInt() < ALL_HELD) {
            return null;
        }
        for (Settle s : settles) {
            Holder h = queues.holder(s.holder());
            if (h == null || !h.holdsAll(s.ranges())) {
                return notHeld(h);
            }
        }
        return null;
    }

    /** What to do stands before the names: a reply's text ends behind 255 bytes. */
    private static Reply.Rejected notHeld(Holder h) {
        String who = "its consumer is gone, timed out or with its queue";
        if (h != null) {
            String queue = QueueArguments.resource(h.queue());
            who = h.isGetter()
                    ? "fetched from " + queue
                    : "consumer '" + h.spec().tag() + "' of " + queue + " had it";
        }
        return new Reply.Rejected(
                406,
                Reply.Reason.FENCED,
                "it settles a message that is not held any more, and may come again: open a channel and take what comes ("
                        + who + ")");
    }

    private void settle(Holder h, long seq, Outcome how, long delay, Effects effects) {
        boolean more = h.queue().assignment().gains(how);
        h.queue().holdings().settle(h, seq, how, delay, dirty);
        consumers.handOn(h, more, effects);
    }

    private static HeaderOverlay together(Queue q, long seq, HeaderOverlay newer) {
        HeaderOverlay before = q.overlay(seq);
        return before == null ? newer : before.under(newer);
    }

    /** Why the message can't have them; null when it can. */
    private Reply.Rejected refusal(Queue q, long seq, HeaderOverlay headers) {
        String excess = headers.excess();
        if (excess != null) {
            return limit("with these the message would have " + excess + " that settles may add");
        }
        Aside aside = q.aside();
        if (aside != null && aside.overlays().has(seq)) {
            return null;
        }
        if (aside != null && aside.overlays().count() >= limits.ofOne(StateLimit.OVERLAYS)) {
            return limit(QueueArguments.resource(q) + " has " + limits.ofOne(StateLimit.OVERLAYS)
                    + " messages with headers that settles added, the most it takes");
        }
        return queues.aside().overlays() < limits.of(StateLimit.OVERLAYS)
                ? null
                : limit(limits.text(StateLimit.OVERLAYS));
    }

    private static Reply.Rejected limit(String text) {
        return new Reply.Rejected(506, Reply.Reason.LIMIT, text);
    }
}
