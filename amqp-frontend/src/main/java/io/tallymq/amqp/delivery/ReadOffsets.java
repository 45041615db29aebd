package io.tallymq.amqp.delivery;

import io.tallymq.amqp.channel.ConnectionContext;
import io.tallymq.amqp.settle.Holding;
import io.tallymq.amqp.settle.UnackedTags;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Tells the broker how far the readers of streams of a channel are: a second after one of them has moved all that have, in one walk over what is not
 * settled. There may be many of either. Event loop only.
 */
final class ReadOffsets {
    /** How often the broker is told, at most. */
    private static final long TELL_MILLIS = 1_000;

    private final ConnectionContext connection;
    private final DeliveryPump pump;
    private final UnackedTags unacked;
    private List<StreamReader> moved = new ArrayList<>();

    ReadOffsets(ConnectionContext connection, DeliveryPump pump, UnackedTags unacked) {
        this.connection = connection;
        this.pump = pump;
        this.unacked = unacked;
    }

    /** The client has acked something of it; not again before the broker was told. */
    void moved(StreamReader reader) {
        moved.add(reader);
        if (moved.size() == 1) {
            var timer = connection
                    .timers()
                    .after(
                            connection.loop(),
                            TELL_MILLIS,
                            TimeUnit.MILLISECONDS,
                            "telling how far streams are read",
                            () -> connection.run(() -> {
                                List<StreamReader> these = moved;
                                moved = new ArrayList<>();
                                tell(these);
                                connection.endTurn();
                            }));
        }
    }

    /** How far this one is; nothing if nobody wants to know. */
    void tell(StreamReader reader) {
        if (reader.tracks() && !pump.isClosed()) {
            reader.tell(unacked.firstOf(reader.holder()));
        }
    }

    /** How far these are. */
    void tell(List<StreamReader> readers) {
        if (readers.isEmpty() || pump.isClosed()) {
            return; // the channel told it as it ended; what it has forgotten since would look like acked
        }
        Map<Holding, Long> firsts = unacked.firstsOfReaders();
        readers.forEach(reader -> reader.tell(firsts.getOrDefault(reader.holder(), -1L)));
    }
}
