package io.tallymq.amqp.publish;

import io.tallymq.amqp.channel.AmqpError;
import io.tallymq.amqp.channel.ConnectionContext;
import io.tallymq.amqp.socket.Deadline;
import io.tallymq.amqp.socket.ReadGate;
import io.tallymq.amqp.wire.MethodId;
import io.tallymq.amqp.wire.ReplyCode;
import java.util.concurrent.atomic.AtomicLong;

/** What a connection has of the {@link PublishBudget}. Event loop only, but for what the budget calls. */
final class PublishShare implements PublishBudget.Holding {
    private final ConnectionContext connection;
    private final ReadGate gate;
    private final PublishBudget budget;
    private final Deadline patience;
    private final int patienceMillis;
    private boolean waiting;
    /** Bytes reserved for a frame that has come in part. */
    private int frame;

    private boolean ended;
    /** Written by the event loop only. */
    private final AtomicLong gained = new AtomicLong();

    /** Whether the node read it when it was asked last. */
    private boolean readThen;

    PublishShare(ConnectionContext connection, ReadGate gate, PublishBudget budget) {
        this.connection = connection;
        this.gate = gate;
        this.budget = budget;
        this.patience = new Deadline(connection.loop(), connection.timers());
        this.patienceMillis = connection.flow().publish().patience();
    }

    /** Reserves room for a body or a part; if there is none the socket is not read until there is. Null, or why the connection has to end. */
    AmqpError take(int bytes) {
        switch (budget.take(this, bytes)) {
            case GRANTED -> {
                return null;
            }
            case WAIT -> {
                if (!waiting) {
                    waiting = true;
                    gate.close(ReadGate.Reason.PUBLISH_MEMORY);
                    beginToWait();
                }
                return null;
            }
            case TOO_MUCH -> {
                return tooMuch();
            }
            default -> throw new IllegalStateException("no such answer");
        }
    }

    private AmqpError tooMuch() {
        return AmqpError.of(
                ReplyCode.RESOURCE_ERROR,
                "this node has " + budget.most()
                        + " bytes for messages that are not complete (amqp.publish-memory), and"
                        + " this connection begins more than its share: publish on fewer channels at once",
                MethodId.BASIC_PUBLISH);
    }

    /** So much is kept of a method or a header that has come in part. Null, or why the connection has to end. */
    AmqpError keepsOfFrame(int bytes) {
        int large = bytes > PropertyRules.MOST_KEPT ? bytes : 0;
        AmqpError error = null;
        if (large > frame) {
            gained(large - frame);
            error = take(large - frame);
        } else if (large < frame) {
            give(frame - large);
        }
        frame = error == null ? large : frame;
        return error;
    }

    private void beginToWait() {
        patience.start(
                patienceMillis,
                () -> connection.run(() -> {
                    if (waiting) {
                        budget.waitedLong(this, System.nanoTime());
                        beginToWait();
                    }
                }));
    }

    /** So many octets came of what it has room for. */
    void gained(int octets) {
        gained.lazySet(gained.get() + octets);
    }

    @Override
    public long gained() {
        return gained.get();
    }

    void give(int bytes) {
        gained(bytes);
        if (bytes > 0 && !ended && budget.give(this, bytes)) {
            stopWaiting(); // the message that waited has gone: its channel ended, or a transaction was rolled back
        }
    }

    private void stopWaiting() {
        if (waiting) {
            waiting = false;
            patience.stop();
            gate.open(ReadGate.Reason.PUBLISH_MEMORY);
        }
    }

    /** The connection publishes nothing any more. */
    void end() {
        if (!ended) {
            ended = true;
            waiting = false;
            patience.stop();
            budget.end(this);
        }
    }

    @Override
    public void granted() {
        connection.later(() -> {
            if (!budget.isWaiting(this)) { // again
                stopWaiting();
            }
        });
    }

    @Override
    public void asked(boolean slow) {
        connection.later(() -> {
            boolean wasRead = readThen;
            // While the node itself does not read it the client can't be blamed.
            readThen = !gate.isClosedByNode();
            if (slow && wasRead && readThen) {
                evict(AmqpError.of(
                        ReplyCode.RESOURCE_ERROR,
                        "nothing or little came of messages that were begun, for " + patienceMillis
                                + " ms, while others waited for their room (amqp.publish-memory): send a message without a pause",
                        MethodId.BASIC_PUBLISH));
            }
        });
    }

    @Override
    public void hasTooMuch() {
        connection.later(() -> evict(tooMuch()));
    }

    private void evict(AmqpError why) {
        if (!ended) {
            budget.noteEvicted();
            connection.fail(why);
            connection.endTurn();
        }
    }
}
