package io.tallymq.broker.processing;

import io.tallymq.broker.command.Qos;
import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.life.Connections;
import io.tallymq.broker.queue.ChannelState;
import java.util.function.IntSupplier;

/** AMQP's basic.qos with global: a channel's consumers have a prefetch together, and there are not too many of them for it. */
public final class QosCommands {
    private final QueueCommands queueCommands;
    private final Connections connections;
    private final IntSupplier level;

    /** @param level of the state */
    public QosCommands(QueueCommands queueCommands, Connections connections, IntSupplier level) {
        this.queueCommands = queueCommands;
        this.connections = connections;
        this.level = level;
    }

    public Reply qos(Qos q, Effects effects) {
        Connections.Connection c = connections.get(q.connection());
        if (c == null) {
            return Fenced.REPLY;
        }
        Reply.Rejected refused = q.limit() > 0 ? together(c, q.channel(), 0) : null;
        if (refused != null) {
            return refused;
        }
        connections.limit(c, q.channel(), q.limit());
        queueCommands.dispatchChannel(c, q.channel(), 0, null, effects);
        return Reply.OK;
    }

    /** Why a channel whose consumers have a limit together can't have one more; null when it can. */
    Reply.Rejected noMore(Connections.Connection c, int channel) {
        ChannelState state = c.state(channel);
        return state == null || !state.isLimited() ? null : together(c, channel, 1);
    }

    /** Why a channel can't have so many consumers more with a limit for all of them; null when it can. */
    private Reply.Rejected together(Connections.Connection c, int channel, int more) {
        return level.getAsInt() < ChannelState.MOST_LEVEL || c.consumers(channel) + more <= ChannelState.MOST_CONSUMERS
                ? null
                : new Reply.Rejected(
                        506,
                        Reply.Reason.LIMIT,
                        "a prefetch for all consumers of a channel together (basic.qos with global) is for "
                                + ChannelState.MOST_CONSUMERS + " consumers at most: open another channel");
    }
}
