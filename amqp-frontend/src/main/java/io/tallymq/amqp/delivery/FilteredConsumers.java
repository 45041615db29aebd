package io.tallymq.amqp.delivery;

import io.netty.util.collection.LongObjectHashMap;
import io.netty.util.collection.LongObjectMap;
import io.tallymq.amqp.channel.ConnectionContext;
import io.tallymq.amqp.filter.FilterCounts;
import io.tallymq.amqp.filter.FilterReader;
import io.tallymq.amqp.settle.UnackedTags;
import io.tallymq.broker.command.TakeMatching;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.filter.FilterScan;
import io.tallymq.broker.filter.MessageFilter;
import io.tallymq.broker.settings.ArgumentTable;
import io.tallymq.broker.spec.ConsumerSpec;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The consumers of a channel that have a filter (x-filter): each has a {@link FilterReader}. Event loop only. */
final class FilteredConsumers {
    private final ConnectionContext connection;
    private final FilterCounts counts;
    private final DeliveryPump pump;
    private final UnackedTags unacked;
    /** By the broker's number. */
    private final LongObjectMap<FilterReader> readers = new LongObjectHashMap<>(2);

    private boolean willTell;

    FilteredConsumers(ConnectionContext connection, FilterCounts counts, DeliveryPump pump, UnackedTags unacked) {
        this.connection = connection;
        this.counts = counts;
        this.pump = pump;
        this.unacked = unacked;
    }

    /**
     * A consumer takes by itself what its filter matches, once it is started.
     *
     * @param number the broker's
     * @param queue its queue's number
     */
    void add(ConsumerState consumer, long number, long queue, ConsumerSpec spec) {
        if (readers.isEmpty()) {
            unacked.onSettled(this::madeRoom);
            pump.accounts().onRoom(this::madeRoom);
        }
        MessageFilter filter = MessageFilter.of(spec.arguments().get(ArgumentTable.FILTER));
        int prefetch = spec.noAck() ? 0 : spec.prefetch();
        FilterReader reader = new FilterReader(new Door(number, queue, filter), counts, prefetch);
        readers.put(number, reader);
        consumer.filters(reader);
    }

    /** The consumer gets nothing more. */
    void end(ConsumerState consumer) {
        if (consumer.filter() != null) {
            consumer.filter().end();
            readers.remove(consumer.holder().number());
            if (readers.isEmpty()) {
                unacked.onSettled(null);
            }
        }
    }

    void ready(long number, long[] ranges) {
        FilterReader reader = readers.get(number);
        if (reader != null) {
            reader.ready(ranges);
        }
    }

    /**
     * Some of them may have more. What makes the room may not be on its way to the broker yet, so they wait until this turn of the event loop
     * is over: then it is before what they ask for.
     */
    void madeRoom() {
        if (willTell || readers.isEmpty()) {
            return;
        }
        willTell = true;
        connection.later(() -> {
            willTell = false;
            FilterReader[] all = readers.values().toArray(new FilterReader[0]);
            for (FilterReader reader : all) {
                reader.room();
            }
            connection.endTurn();
        });
    }

    private final class Door implements FilterReader.Door {
        private final long number;
        private final long queue;
        private final MessageFilter filter;

        Door(long number, long queue, MessageFilter filter) {
            this.number = number;
            this.queue = queue;
            this.filter = filter;
        }

        @Override
        public void look(long[] where, Consumer<FilterScan.Found> found, Runnable failed) {
            var unused = connection
                    .broker()
                    .matching(queue, filter, where)
                    .whenCompleteAsync(
                            (answer, failure) -> connection.run(() -> {
                                if (failure == null) {
                                    found.accept(answer);
                                } else {
                                    failed.run();
                                }
                                connection.endTurn();
                            }),
                            connection.loop());
        }

        @Override
        public void take(long[] ranges, Consumer<Reply.Taken> taken) {
            connection.submit(new TakeMatching(number, ranges), reply -> taken.accept((Reply.Taken) reply));
        }

        @Override
        public void later(long millis, Runnable task) {
            var timer = connection
                    .timers()
                    .after(
                            connection.loop(),
                            millis,
                            TimeUnit.MILLISECONDS,
                            "looking for messages again",
                            () -> connection.run(() -> {
                                task.run();
                                connection.endTurn();
                            }));
        }

        @Override
        public boolean isOver() {
            return pump.isClosed();
        }
    }
}
