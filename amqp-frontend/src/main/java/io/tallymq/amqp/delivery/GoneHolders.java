package io.tallymq.amqp.delivery;

import io.tallymq.amqp.channel.ConnectionContext;
import io.tallymq.amqp.settle.UnackedTags;
import io.tallymq.broker.view.BrokerView;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/**
 * Looks now and then whose messages a client has and does not settle. What their holders have is bounded by the broker, or for streams by
 * {@link io.tallymq.amqp.settle.TagBudget}; of those that are gone, with their queues or because they were given back, there may be any number, and
 * of what they had little more is kept than that it may be settled. Event loop only.
 */
final class GoneHolders {
    private final ConnectionContext connection;
    private final UnackedTags unacked;
    private boolean looking;

    GoneHolders(ConnectionContext connection, UnackedTags unacked) {
        this.connection = connection;
        this.unacked = unacked;
    }

    /** The client has more messages: looks if it is time. */
    void look() {
        if (looking || !unacked.mayHaveGone()) {
            return;
        }
        looking = true;
        long[] holders = unacked.holders();
        CompletableFuture<Set<Long>> unused = connection
                .broker()
                .readLater(view -> gone(view, holders))
                .whenCompleteAsync(
                        (gone, failure) -> connection.run(() -> {
                            looking = false;
                            if (failure == null) { // else too many wait to read, and it looks again
                                unacked.gone(gone);
                            }
                        }),
                        connection.loop());
    }

    private static Set<Long> gone(BrokerView view, long[] holders) {
        return Arrays.stream(holders)
                .filter(holder -> !view.isHolder(holder))
                .boxed()
                .collect(Collectors.toSet());
    }
}
