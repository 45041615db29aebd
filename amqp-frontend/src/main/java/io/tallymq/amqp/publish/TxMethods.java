package io.tallymq.amqp.publish;

import io.tallymq.amqp.channel.AmqpError;
import io.tallymq.amqp.channel.ChannelContext;
import io.tallymq.amqp.channel.Confirms;
import io.tallymq.amqp.channel.ReplyQueue;
import io.tallymq.amqp.receipts.FullConfirms;
import io.tallymq.amqp.settle.StagedSettles;
import io.tallymq.amqp.settle.UnackedTags;
import io.tallymq.amqp.wire.ConfirmMethod;
import io.tallymq.amqp.wire.MethodId;
import io.tallymq.amqp.wire.ReplyCode;
import io.tallymq.amqp.wire.TxMethod;
import io.tallymq.broker.Session.Staged;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.routing.ExchangeRules;
import io.tallymq.broker.spec.ExchangeSpec;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * tx.select, tx.commit and tx.rollback of a channel, and confirm.select, which excludes them. Each returns an error, or null. Event loop only, but
 * for what says otherwise.
 */
public final class TxMethods {
    private static final ExchangeSpec WHATEVER = new ExchangeSpec("direct", true, false, false, Arguments.NONE);

    private final ChannelContext channel;
    private final PublishContext publishing;
    private final Confirms confirms;
    private final FullConfirms fullConfirms;
    private final Publisher publisher;
    private final UnackedTags unacked;
    private final Consumer<StagedSettles> onSelect;
    /** The transaction that was applied last reached a queue that wants all members of the cluster to have it. */
    private boolean awaitsAll;
    /** Places of answers to commits that wait for all members. */
    private final Set<ReplyQueue.Slot> waiting = new LinkedHashSet<>();
    /** Null before tx.select. */
    private Transaction transaction;

    /**
     * @param unacked of the channel
     * @param onSelect from tx.select on what the client settles goes there
     */
    public TxMethods(
            ChannelContext channel,
            PublishContext publishing,
            FullConfirms fullConfirms,
            Publisher publisher,
            UnackedTags unacked,
            Consumer<StagedSettles> onSelect) {
        this.channel = channel;
        this.publishing = publishing;
        this.confirms = channel.confirms();
        this.fullConfirms = fullConfirms;
        this.publisher = publisher;
        this.unacked = unacked;
        this.onSelect = onSelect;
    }

    /** Whether the client has transactions. Any thread. */
    public boolean isSelected() {
        return transaction != null;
    }

    /** Publishes that wait for the commit. Any thread. */
    public int publishes() {
        Transaction now = transaction;
        return now == null ? 0 : now.publishes();
    }

    /** Acks and the like that wait for it. Any thread. */
    public int settlings() {
        Transaction now = transaction;
        return now == null ? 0 : now.settles().size();
    }

    /** The first transaction begins, nothing happens the second time; 406 on a channel with confirms. */
    public AmqpError select() {
        if (confirms.isSelected()) {
            return AmqpError.of(
                    ReplyCode.PRECONDITION_FAILED, "cannot switch from confirm to tx mode", MethodId.TX_SELECT);
        }
        if (transaction == null) {
            transaction = new Transaction(channel.connection(), publishing, new StagedSettles(unacked));
            publisher.within(transaction);
            onSelect.accept(transaction.settles());
        }
        return channel.answer(new TxMethod.SelectOk());
    }

    /** confirm.select: a channel has confirms or transactions, not both. */
    public AmqpError confirmSelect(ConfirmMethod.Select m) {
        if (transaction != null) {
            return AmqpError.of(
                    ReplyCode.PRECONDITION_FAILED, "cannot switch from tx to confirm mode", MethodId.CONFIRM_SELECT);
        }
        confirms.select();
        return m.noWait() ? null : channel.answer(new ConfirmMethod.SelectOk());
    }

    /** basic.publish named an exchange: one that is not there, or internal, ends the channel now, and not at the commit. */
    public AmqpError published(AmqpError error) {
        String exchange = error != null || transaction == null ? null : publisher.exchangeInDoubt();
        if (exchange != null && transaction.isNew(exchange)) {
            ReplyQueue.Slot slot = channel.replies().open();
            DeclareExchange asks = new DeclareExchange(channel.connection().vhost(), exchange, WHATEVER, true);
            channel.submit(asks, reply -> {
                Reply.Rejected why = reply instanceof Reply.Rejected refused ? refused : null;
                if (reply instanceof Reply.Internal) {
                    why = ExchangeRules.isInternal(asks.vhost(), exchange);
                }
                if (why != null) {
                    channel.refused(slot, AmqpError.of(why, MethodId.BASIC_PUBLISH));
                } else {
                    channel.complete(slot, null);
                }
            });
        }
        return error;
    }

    /** basic.ack and the like: within a transaction there is an end to how many it takes. */
    public AmqpError settled(AmqpError error, MethodId method) {
        return error != null || transaction == null ? error : transaction.settled(method);
    }

    /** One entry: all of it is durable and in effect when commit-ok is written, or the channel ends and nothing happened. */
    public AmqpError commit() {
        if (transaction == null) {
            return notSelected(MethodId.TX_COMMIT);
        }
        AmqpError error = transaction.check();
        if (error != null) {
            return error;
        }
        List<Settle> settles = transaction.settles().take();
        channel.counts().acked(transaction.settles().acked());
        List<Staged> staged = transaction.staged(confirms);
        boolean byAll = transaction.confirmsByAll();
        transaction.clear();
        ReplyQueue.Slot slot = channel.replies().open();
        channel.connection().commit(channel.number(), settles, staged, reply -> {
            if (reply instanceof Reply.Rejected why) {
                channel.refused(slot, refused(why));
            } else if (!(reply instanceof Reply.Ignored)) {
                committed(slot, byAll);
            }
        });
        return null;
    }

    private void committed(ReplyQueue.Slot slot, boolean byAll) {
        if (!byAll && !awaitsAll) {
            channel.complete(slot, new TxMethod.CommitOk());
        } else if (fullConfirms.await(() -> {
            waiting.remove(slot);
            channel.complete(slot, new TxMethod.CommitOk());
        })) {
            waiting.add(slot);
        } else {
            channel.complete(slot, null); // the channel closes, and close-ok comes behind it
        }
        awaitsAll = false;
    }

    /** Told before the answer to a commit. */
    public void awaitsAll() {
        awaitsAll = transaction != null;
    }

    /** What would be a nack of a publish alone is a failed precondition of the commit. */
    private static AmqpError refused(Reply.Rejected why) {
        return why.reason().endsPublisher()
                ? AmqpError.of(why, MethodId.TX_COMMIT)
                : AmqpError.of(
                        ReplyCode.PRECONDITION_FAILED,
                        "transaction refused, nothing of it happened: " + why.text(),
                        MethodId.TX_COMMIT);
    }

    /** What was published since the last commit never was, and what was settled is outstanding again; 406 without tx.select. */
    public AmqpError rollback() {
        if (transaction == null) {
            return notSelected(MethodId.TX_ROLLBACK);
        }
        transaction.rollback();
        return channel.answer(new TxMethod.RollbackOk());
    }

    private static AmqpError notSelected(MethodId id) {
        return AmqpError.of(ReplyCode.PRECONDITION_FAILED, "channel is not transactional", id);
    }

    /** The channel ends: what was not committed never was. */
    public void close() {
        Set<ReplyQueue.Slot> late = new LinkedHashSet<>(waiting);
        waiting.clear();
        late.forEach(slot -> channel.complete(slot, null)); // what is asked behind them is not held up for ever
        if (transaction != null) {
            transaction.rollback();
        }
    }
}
