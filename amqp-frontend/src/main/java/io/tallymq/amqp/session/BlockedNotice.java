package io.tallymq.amqp.session;

import io.tallymq.amqp.wire.ConnectionMethod;
import io.tallymq.amqp.wire.Method;
import java.util.function.Consumer;

/**
 * RabbitMQ's connection.blocked and connection.unblocked: for clients that understand them and have published. Event loop
 * only.
 */
final class BlockedNotice {
    private final Consumer<Method> writer;
    private final boolean understood;
    private boolean publisher;
    private String reason;
    private volatile boolean told;

    /** @param understood whether the client has the capability */
    BlockedNotice(Consumer<Method> writer, boolean understood) {
        this.writer = writer;
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
        if (!publisher) {
            publisher = true;
            tell();
        }
    }

    void blocked(String why) {
        reason = why;
        tell();
    }

    private void tell() {
        if (reason != null && publisher && understood && !told) {
            told = true;
            writer.accept(new ConnectionMethod.Blocked(reason));
        }
    }

    void unblocked() {
        reason = null;
        if (told) {
            told = false;
            writer.accept(new ConnectionMethod.Unblocked());
        }
    }
}
