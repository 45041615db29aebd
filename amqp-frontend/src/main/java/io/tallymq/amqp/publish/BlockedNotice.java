package io.tallymq.amqp.publish;

import io.tallymq.amqp.socket.ReadGate;
import io.tallymq.amqp.wire.ConnectionMethod;
import io.tallymq.amqp.wire.Method;
import java.util.function.Consumer;

/**
 * While the broker takes no messages, a client that publishes is not read any more, whether it understands RabbitMQ's
 * connection.blocked or not; those that do and have published are told, too. Who only consumes goes on. Event loop only.
 */
public final class BlockedNotice {
    private final Consumer<Method> writer;
    private final ReadGate gate;
    private final boolean understood;
    private boolean publisher;
    private String reason;
    /** Channels whose confirms wait for members of the cluster that lack copies, and those of which so many wait that no more are read. */
    private int late;

    private int full;
    private boolean closed;
    private volatile boolean told;
    /** The broker takes no messages and the client publishes: it is not read. */
    private volatile boolean gated;

    /** @param understood whether the client has the capability */
    public BlockedNotice(Consumer<Method> writer, ReadGate gate, boolean understood) {
        this.writer = writer;
        this.gate = gate;
        this.understood = understood;
    }

    /** Whether what the client publishes is not read, or it was told so and not told otherwise since. Any thread. */
    public boolean isInForce() {
        return told || gated;
    }

    /** Whether the client has published. */
    public boolean isPublisher() {
        return publisher;
    }

    /** The client publishes. */
    void published() {
        publisher = true;
        if (reason != null) {
            tell(reason);
            gated = true;
            gate.close(ReadGate.Reason.BLOCKED);
        }
    }

    /** The broker takes no messages, for this reason. */
    public void blocked(String why) {
        reason = why;
        tell(why);
    }

    private void tell(String why) {
        if (publisher && understood && !told && !closed) {
            told = true;
            writer.accept(new ConnectionMethod.Blocked(why));
        }
    }

    /** The broker takes messages again. */
    public void unblocked() {
        reason = null;
        gate.open(ReadGate.Reason.BLOCKED);
        gated = false;
        tellUnblocked();
    }

    private void tellUnblocked() {
        if (told && reason == null && late == 0 && !closed) {
            told = false;
            writer.accept(new ConnectionMethod.Unblocked());
        }
    }

    /** Confirms of one more channel wait for copies, for this reason. What it sends is read and stored nevertheless. */
    void late(String why) {
        late++;
        tell(why);
    }

    /** Of one fewer. */
    void inTime() {
        late--;
        tellUnblocked();
    }

    /** Of one more channel as many confirms wait as may, or of one fewer. */
    void full(boolean is) {
        full += is ? 1 : -1;
        if (full > 0) {
            gate.close(ReadGate.Reason.COPIES);
        } else {
            gate.open(ReadGate.Reason.COPIES);
        }
    }

    /** The connection ends: its client is told nothing more of this. */
    public void close() {
        closed = true;
    }
}
