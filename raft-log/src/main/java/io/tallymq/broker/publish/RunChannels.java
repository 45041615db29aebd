package io.tallymq.broker.publish;

import io.tallymq.broker.chunk.PublishRun;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.life.Connections;
import io.tallymq.broker.spec.ConnectionInfo;

/** The channels by which the messages of a run came. */
final class RunChannels {
    private final Connections connections;

    RunChannels(Connections connections) {
        this.connections = connections;
    }

    /** Whether the client of message {@code i} sent it behind an error that has ended its channel. */
    boolean haveEnded(PublishRun run, int i) {
        if (!connections.haveEnded()) {
            return false;
        }
        Origins origins = run.origins();
        int origin = origins.of(run.ordinal(i));
        return origin >= 0 && connections.hasEnded(origins.connection(origin), origins.channel(origin));
    }

    /** Whose client sent message {@code i}; null if it was none of AMQP's. */
    String user(PublishRun run, int i) {
        Origins origins = run.origins();
        int origin = origins.of(run.ordinal(i));
        ConnectionInfo by = origin < 0 ? null : connections.infoOf(origins.connection(origin));
        return by == null ? null : by.user();
    }

    /** Message {@code i} is an error that ends its channel. */
    void end(PublishRun run, int i) {
        Origins origins = run.origins();
        int origin = origins.of(run.ordinal(i));
        if (origin >= 0) {
            connections.end(origins.connection(origin), origins.channel(origin));
        }
    }
}
