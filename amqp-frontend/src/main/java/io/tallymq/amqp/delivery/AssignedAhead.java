package io.tallymq.amqp.delivery;

import io.tallymq.amqp.channel.ConnectionContext;
import io.tallymq.amqp.config.FlowLimits;
import io.tallymq.amqp.settle.SettleBatch;
import io.tallymq.amqp.settle.UnackedTags;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.TakeBack;
import java.util.concurrent.TimeUnit;

/**
 * What the consumers of a channel were assigned ahead, beyond what their clients may have: it is held back until the client settles
 * something, or goes back to the queue for others to have. Event loop only.
 */
final class AssignedAhead {
    /** When it is looked again whether the reader of a stream may have more tags. */
    private static final long TAGS_MILLIS = 1_000;

    private final ConnectionContext connection;
    private final DeliveryPump pump;
    private final UnackedTags unacked;

    AssignedAhead(ConnectionContext connection, DeliveryPump pump, UnackedTags unacked) {
        this.connection = connection;
        this.pump = pump;
        this.unacked = unacked;
    }

    /**
     * How many messages may be written to the consumer's client now. Of a stream it may not have settled any number, so there is an end to what is kept of them;
     * one message each of them gets, so that it can go on by itself.
     */
    int room(ConsumerState consumer) {
        int room = consumer.room();
        if (room <= 0 || consumer.reader() == null || consumer.isNoAck()) {
            return room;
        }
        return Math.min(room, Math.max(unacked.room(), consumer.holder().outstanding() > 0 ? 0 : 1));
    }

    /** The client has as many unsettled messages as the consumer may have; these no longer wait to be written. */
    void holdBack(Pending.ForConsumer m) {
        ConsumerState consumer = m.consumer();
        if (consumer.phase() == ConsumerState.Phase.CANCELLING) {
            giveBack(m);
            consumer.gaveBack();
        } else {
            boolean wantsTags = consumer.room() > 0;
            consumer.holdBack(m, () -> pump.add(new Pending.Resume(consumer)));
            if (consumer.reader() != null) {
                awaitTags(consumer, wantsTags);
            } else if (consumer.beginWatch()) {
                watch(consumer, consumer.holder().settledSoFar());
            }
        }
    }

    /** Others settle, too, and of those nobody tells. */
    private void awaitTags(ConsumerState consumer, boolean wantsTags) {
        if (wantsTags && consumer.beginWatch()) {
            var unused = connection
                    .timers()
                    .after(
                            connection.loop(),
                            TAGS_MILLIS,
                            TimeUnit.MILLISECONDS,
                            "looking for room for tags",
                            () -> connection.run(() -> {
                                consumer.endWatch();
                                if (!pump.isClosed() && consumer.holdsBack()) {
                                    pump.add(new Pending.Resume(consumer));
                                    connection.endTurn();
                                }
                            }));
        }
    }

    /** What a consumer that does not settle was assigned ahead goes back, for others to have. */
    private void watch(ConsumerState consumer, long settledThen) {
        var unused = connection
                .timers()
                .after(
                        connection.loop(),
                        FlowLimits.HELD_BACK_MILLIS,
                        TimeUnit.MILLISECONDS,
                        "giving back what is held back",
                        () -> connection.run(() -> look(consumer, settledThen)));
    }

    private void look(ConsumerState consumer, long settledThen) {
        boolean asked = consumer.isAskedBack();
        if (pump.isClosed() || !asked && !consumer.holdsBack()) {
            consumer.endWatch();
        } else if (pump.isStreamingFor(consumer) || !asked && consumer.holder().settledSoFar() != settledThen) {
            watch(consumer, consumer.holder().settledSoFar());
        } else {
            consumer.endWatch();
            takeBack(consumer);
        }
    }

    /** Others wait for what the consumer was assigned ahead: it goes back now, or behind the message that is being written. */
    void askedBack(ConsumerState consumer) {
        if (consumer.isTakingBack()) {
            return;
        }
        consumer.askedBack(true);
        if (!pump.isStreamingFor(consumer)) {
            takeBack(consumer);
        } else if (consumer.beginWatch()) {
            watch(consumer, consumer.holder().settledSoFar());
        }
    }

    /**
     * Gives back all that the consumer was assigned and its client was not sent; also what is still on its way to this channel,
     * for it was assigned before: else it would be delivered before what goes back.
     */
    private void takeBack(ConsumerState consumer) {
        consumer.askedBack(false);
        consumer.dropHeldBack();
        pump.drop(consumer, m -> {});
        SettleBatch.Entry sent = new SettleBatch.Entry(consumer.holder(), Settle.Outcome.RELEASE);
        unacked.forEachOf(consumer.holder(), (holder, from, to) -> sent.add(from, to));
        consumer.takingBack(true);
        connection.submit(new TakeBack(consumer.holder().number(), sent.merged()), reply -> consumer.takingBack(false));
    }

    /** What a cancelled consumer was assigned and never sent goes back to the queue. */
    void giveBack(ConsumerState consumer) {
        for (Pending.ForConsumer m = consumer.takeLastHeldBack(); m != null; m = consumer.takeLastHeldBack()) {
            giveBack(m);
            consumer.gaveBack();
        }
    }

    /** The same, and what waits to be written is not written either: others have some of it. */
    void giveBackAll(ConsumerState consumer) {
        pump.drop(consumer, m -> {
            if (!m.isDone()) {
                giveBack(m);
            }
        });
        giveBack(consumer);
    }

    private void giveBack(Pending.ForConsumer m) {
        long firstSeq = m.delivery().chunk().firstSeq();
        connection
                .settles()
                .add(
                        m.holder(),
                        Settle.Outcome.RELEASE,
                        firstSeq + m.next(),
                        firstSeq + m.delivery().to() - 1);
    }
}
