package io.tallymq.amqp.delivery;

import io.tallymq.amqp.channel.AmqpError;
import io.tallymq.amqp.channel.ConnectionContext;
import io.tallymq.amqp.channel.Permits;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Looks, after rights have changed, whether the user of a connection may still read what its consumers read: rights are asked for with a method, and a
 * consumer needs none to go on. Some consumers in each turn of the event loop, and none while what the user may read is what it was. Event loop only.
 */
public final class RightsLook {
    /** Consumers of a connection that are looked at in one turn. */
    static final int AT_ONCE = 64;

    private final ConnectionContext connection;
    private final Permits permits;
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
    /** What the user could read by the rights that let all consumers in; null when nobody knows, or these were several. */
    private Optional<String> readable;

    /** The same of those by which they are being looked at, until all have been; null when one was let in by others meanwhile. */
    private Optional<String> looked;

    private boolean willLook;

    RightsLook(ConnectionContext connection) {
        this.connection = connection;
        this.permits = connection.permits();
    }

    /** A consumer was let in by the rights of now; returns the error of one that was not. */
    AmqpError admitted(AmqpError refused) {
        if (refused == null) {
            Optional<String> now = permits.readable();
            readable = now.equals(readable) ? readable : null;
            looked = now.equals(looked) ? looked : null;
        }
        return refused;
    }

    /**
     * Something about users has changed: somebody's rights, it may be.
     *
     * @param all adds the consumers that there are
     */
    public void accessChanged(Consumer<RightsLook> all) {
        Optional<String> now = permits.readable();
        if (now.equals(readable)) {
            return;
        }
        readable = null; // should a look throw, the next change begins anew
        looked = now;
        waiting.clear();
        all.accept(this);
        if (!willLook) {
            turn();
        }
    }

    /** One of them: it is looked at when its turn comes. */
    void add(Runnable look) {
        waiting.add(look);
    }

    private void turn() {
        willLook = false;
        for (int i = 0; i < AT_ONCE && !waiting.isEmpty(); i++) {
            waiting.remove().run();
        }
        willLook = !waiting.isEmpty();
        if (!willLook) {
            readable = looked;
        } else {
            connection.later(() -> {
                turn();
                connection.endTurn();
            });
        }
    }
}
