package io.tallymq.amqp.session;

import io.tallymq.amqp.wire.ConnectionMethod;
import io.tallymq.amqp.wire.Method;
import java.util.function.Consumer;

/**
 * While the broker takes no messages, a client that publishes is not read any more, whether it understands RabbitMQ's
 * connection.blocked or not; those that do and have published are told, too. Who only consumes goes on. Event loop only.
 */
final class BlockedNotice {
    private final Consumer<Method> writer;
    private final ReadGate gate;
    private final boolean understood;
    private boolean publisher;
    private String reason;
    private volatile boolean told;

    /** @param understood whether the client has the capability */
    BlockedNotice(Consumer<Method> writer, ReadGate gate, boolean understood) {
        this.writer = writer;
        this.gate = gate;
        this.understood = understood;
    }

    /** Whether the client was told, and not told otherwise since. Any thread. */
    boolean isTold() {
        return told;
    }

    /** Whether the client has published. */
    boolean isPublisher() {
        return publisher;
    }

    /** The client publishes. */
    void published() {
        publisher = true;
        if (reason != null) {
            tell();
            gate.close(ReadGate.Reason.BLOCKED);
        }
    }

    void blocked(String why) {
        reason = why;
        tell();
    }

    private void tell() {
        if (publisher && understood && !told) {
            told = true;
            writer.accept(new ConnectionMethod.Blocked(reason));
        }
    }

    void unblocked() {
        reason = null;
        gate.open(ReadGate.Reason.BLOCKED);
        if (told) {
            told = false;
            writer.accept(new ConnectionMethod.Unblocked());
        }
    }
}
