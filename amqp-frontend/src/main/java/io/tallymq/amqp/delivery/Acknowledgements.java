package io.tallymq.amqp.delivery;

import io.tallymq.amqp.channel.AmqpError;
import io.tallymq.amqp.channel.ChannelContext;
import io.tallymq.amqp.channel.ConnectionContext;
import io.tallymq.amqp.settle.SettleBatch;
import io.tallymq.amqp.settle.StagedSettles;
import io.tallymq.amqp.settle.UnackedTags;
import io.tallymq.amqp.wire.BasicMethod;
import io.tallymq.amqp.wire.Method;
import io.tallymq.amqp.wire.MethodId;
import io.tallymq.amqp.wire.ReplyCode;
import io.tallymq.broker.command.Settle.Outcome;

/** basic.ack, nack, reject and recover on a channel. Each returns an error, or null. Event loop only. */
public final class Acknowledgements {
    private final ChannelContext channel;
    private final ConnectionContext connection;
    private final UnackedTags unacked;
    /** Null outside of transactions. */
    private StagedSettles staged;

    /** @param unacked of the channel */
    public Acknowledgements(ChannelContext channel, UnackedTags unacked) {
        this.channel = channel;
        this.connection = channel.connection();
        this.unacked = unacked;
    }

    /** 406 for a tag that is not outstanding. */
    public AmqpError ack(BasicMethod.Ack m) {
        return settle(m.deliveryTag(), m.multiple(), Outcome.ACK, m.id());
    }

    /** As {@link #ack}. */
    public AmqpError nack(BasicMethod.Nack m) {
        return settle(m.deliveryTag(), m.multiple(), m.requeue() ? Outcome.NACK_REQUEUE : Outcome.DISCARD, m.id());
    }

    /** As {@link #ack}. */
    public AmqpError reject(BasicMethod.Reject m) {
        return settle(m.deliveryTag(), false, m.requeue() ? Outcome.REJECT_REQUEUE : Outcome.DISCARD, m.id());
    }

    private AmqpError settle(long tag, boolean multiple, Outcome outcome, MethodId id) {
        if (staged != null) {
            return staged.settle(tag, multiple, outcome) ? null : AmqpError.unknownTag(tag, id);
        }
        SettleBatch.Sink sink = connection.settles().sink(outcome);
        int before = unacked.size();
        boolean known = true;
        if (multiple && tag == 0) {
            unacked.settleAll(sink);
        } else {
            known = multiple ? unacked.settleUpTo(tag, sink) : unacked.settle(tag, sink);
        }
        if (outcome == Outcome.ACK) {
            channel.counts().acked(before - unacked.size());
        }
        return known ? null : AmqpError.unknownTag(tag, id);
    }

    /** From now on what is settled is the transaction's. */
    public void within(StagedSettles tx) {
        staged = tx;
    }

    /** What is outstanding goes back to its queues; 540 without requeue. What a transaction settled stays its own. */
    public AmqpError recover(BasicMethod.Recover m) {
        return recover(m.requeue(), m, new BasicMethod.RecoverOk());
    }

    /** The same without an answer. */
    public AmqpError recover(BasicMethod.RecoverAsync m) {
        return recover(m.requeue(), m, null);
    }

    private AmqpError recover(boolean requeue, Method method, Method answer) {
        if (!requeue) {
            return AmqpError.of(
                    ReplyCode.NOT_IMPLEMENTED,
                    "requeue=false: use requeue=true, messages go back to their queue",
                    method.id());
        }
        // Not Recover: what waits to be written was never seen by the client and just goes out.
        SettleBatch.Sink sink = connection.settles().sink(Outcome.NACK_REQUEUE);
        if (staged == null) {
            unacked.settleAll(sink);
        } else {
            staged.settleOthers(sink);
        }
        return answer == null ? null : channel.answer(answer);
    }
}
