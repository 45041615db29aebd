package io.tallymq.amqp.delivery;

import io.netty.util.collection.LongObjectHashMap;
import io.netty.util.collection.LongObjectMap;
import io.tallymq.amqp.channel.AmqpError;
import io.tallymq.amqp.channel.BrokerArguments;
import io.tallymq.amqp.channel.ChannelContext;
import io.tallymq.amqp.channel.ConnectionContext;
import io.tallymq.amqp.channel.LastQueue;
import io.tallymq.amqp.channel.Names;
import io.tallymq.amqp.channel.ReplyQueue;
import io.tallymq.amqp.config.FlowLimits;
import io.tallymq.amqp.settle.Holding;
import io.tallymq.amqp.settle.UnackedTags;
import io.tallymq.amqp.wire.BasicMethod;
import io.tallymq.amqp.wire.ChannelMethod;
import io.tallymq.amqp.wire.Method;
import io.tallymq.amqp.wire.MethodId;
import io.tallymq.amqp.wire.ReplyCode;
import io.tallymq.broker.access.Rights.Act;
import io.tallymq.broker.command.Cancel;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.Qos;
import io.tallymq.broker.command.Subscribe;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.effect.StreamStart;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.settings.ArgumentTable;
import io.tallymq.broker.spec.ConsumerSpec;
import io.tallymq.broker.spec.DeferredName;
import io.tallymq.broker.spec.DirectReplyTo;
import io.tallymq.broker.spec.ReceiptName;
import io.tallymq.broker.spec.ScheduleName;
import io.tallymq.broker.store.Chunk;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** basic.qos, consume, cancel and get on a channel. Each returns an error, or null. Event loop only. */
public final class Consumers {
    private static final int MOST_PREFETCH = 0xFFFF;

    private final ChannelContext channel;
    private final DeliveryPump pump;
    private final ConnectionContext connection;
    private final DirectReplies directReplies;
    private final UnackedTags unacked;
    private final FilteredConsumers filters;
    private final Map<String, ConsumerState> byTag = new HashMap<>();
    private final LongObjectMap<ConsumerState> byNumber = new LongObjectHashMap<>();
    /** Unacked messages that a consumer may have, for consumers to come; 0 is no limit. */
    private int prefetch;
    /** The same of all of the channel together. */
    private int globalPrefetch;
    /** Who holds what basic.get fetched last; the others are known to what they hold. */
    private Holding getter;

    private final KnownByName knownByName;
    private final RightsLook rightsLook;

    /** @param unacked of the channel */
    public Consumers(
            ChannelContext channel,
            DeliveryContext deliveries,
            DeliveryPump pump,
            DirectReplies directReplies,
            UnackedTags unacked) {
        this.channel = channel;
        this.pump = pump;
        this.filters = new FilteredConsumers(channel.connection(), deliveries.filterCounts(), pump, unacked);
        this.directReplies = directReplies;
        this.unacked = unacked;
        this.connection = channel.connection();
        this.knownByName = new KnownByName(channel, pump);
        this.rightsLook = deliveries.rightsLook();
    }

    /** Whether the channel has no consumer, not even one that is being cancelled. */
    public boolean isEmpty() {
        return byTag.isEmpty();
    }

    /** Unacked messages that a consumer to come may have; 0 is no limit. Any thread. */
    public int prefetch() {
        return prefetch;
    }

    /** The same of all consumers together. Any thread. */
    public int globalPrefetch() {
        return globalPrefetch;
    }

    /** The broker found messages for a consumer with a filter. */
    public void ready(long number, long[] ranges) {
        filters.ready(number, ranges);
    }

    /** 540 for a limit in bytes. */
    public AmqpError qos(BasicMethod.Qos m) {
        if (m.prefetchSize() != 0) {
            return AmqpError.of(
                    ReplyCode.NOT_IMPLEMENTED,
                    "prefetch_size!=0 (" + m.prefetchSize() + "): limit the number of messages with prefetch_count",
                    m.id());
        }
        if (!m.global()) {
            prefetch = m.prefetchCount();
        }
        if (m.global() || qosOfChannel()) {
            // For the consumers that there are, too, and all together: only the broker knows what they have been given.
            channel.noteKnown();
            globalPrefetch = m.prefetchCount();
            Command limit = new Qos(connection.session().id(), channel.number(), m.prefetchCount());
            return channel.call(limit, m, false, reply -> {
                filters.madeRoom();
                return new BasicMethod.QosOk();
            });
        }
        return channel.answer(new BasicMethod.QosOk());
    }

    private boolean qosOfChannel() {
        return connection.terms().capabilities().qosOfChannel();
    }

    /** 540 for a stop: limits are basic.qos's. */
    public AmqpError flow(ChannelMethod.Flow flow) {
        if (!flow.active()) {
            return AmqpError.of(
                    ReplyCode.NOT_IMPLEMENTED,
                    "channel.flow active=false: limit what is delivered with basic.qos",
                    MethodId.CHANNEL_FLOW);
        }
        return channel.answer(new ChannelMethod.FlowOk(true));
    }

    /** As with other brokers, no-local makes no difference: a client gets what it published itself. */
    public AmqpError consume(BasicMethod.Consume m) {
        String queue = channel.lastQueue().meant(m.queue());
        if (queue.isEmpty()) {
            return LastQueue.none(m.id());
        }
        AmqpError refused = rightsLook.admitted(permit(queue, m.id()));
        refused = refused != null ? refused : BrokerArguments.refusal(BrokerArguments.of(m.arguments()), m.id());
        if (refused != null) {
            return refused;
        }
        String tag = m.consumerTag().isEmpty()
                ? Names.random(connection.random(), Names.SERVER_TAG_PREFIX)
                : m.consumerTag();
        ConsumerState earlier = byTag.get(tag);
        boolean taken = earlier != null && earlier.phase() != ConsumerState.Phase.CANCELLING;
        if (taken || directReplies.has(tag)) {
            return AmqpError.of(ReplyCode.NOT_ALLOWED, "attempt to reuse consumer tag '" + tag + "'", m.id());
        }
        if (queue.equals(DirectReplyTo.QUEUE)) {
            return directReplies.consume(m, tag);
        }
        subscribe(m, queue, tag);
        return null;
    }

    private void subscribe(BasicMethod.Consume m, String queue, String tag) {
        int channels = prefetch;
        // A channel's limit can be raised, so nothing else may stand below it; streams go by what it is now.
        int own = channels > 0 && qosOfChannel() ? MOST_PREFETCH : channels;
        boolean unlimited = !m.noAck() && own == 0;
        int window = m.noAck()
                ? FlowLimits.NO_ACK_WINDOW
                : unlimited ? FlowLimits.UNLIMITED_WINDOW : FlowLimits.lookahead(own);
        ConsumerState consumer = new ConsumerState(tag, queue, m.noAck(), own, unlimited ? window : 0);
        byTag.put(tag, consumer);
        channel.noteKnown();
        ConsumerSpec spec =
                new ConsumerSpec(tag, m.noAck(), m.exclusive(), own, window, BrokerArguments.of(m.arguments()));
        Command command = new Subscribe(connection.session().id(), channel.number(), connection.vhost(), queue, spec);
        ReplyQueue.Slot slot = channel.replies().open();
        channel.submit(command, reply -> {
            if (reply instanceof Reply.Rejected why) {
                byTag.remove(tag, consumer);
                channel.refused(slot, AmqpError.of(why, MethodId.BASIC_CONSUME));
            } else {
                Reply.Subscribed done = (Reply.Subscribed) reply;
                if (done.stream() != null) {
                    consumer.limit(channels);
                    consumer.reads(reader(consumer, done.stream(), spec.arguments()));
                }
                if (done.filtered() != 0) {
                    filters.add(consumer, done.consumer(), done.filtered(), spec);
                }
                subscribed(consumer, new Holding(done.consumer(), done.stream() != null), slot, m.noWait());
            }
        });
    }

    private StreamReader reader(ConsumerState consumer, StreamStart start, Arguments arguments) {
        Object filter = arguments.get(ArgumentTable.STREAM_FILTER);
        Set<String> values = filter == null
                ? null
                : filter instanceof String one
                        ? Set.of(one)
                        : ((List<?>) filter).stream().map(String.class::cast).collect(Collectors.toSet());
        boolean unfiltered = Boolean.TRUE.equals(arguments.get(ArgumentTable.STREAM_UNFILTERED));
        boolean tracks = Boolean.TRUE.equals(arguments.get(ArgumentTable.STREAM_TRACKING));
        return new StreamReader(connection, pump, consumer, start, values, unfiltered, tracks);
    }

    /** A stream has more. */
    public void grew(long number, Chunk chunk) {
        ConsumerState consumer = byNumber.get(number);
        if (consumer != null && consumer.reader() != null && consumer.isStarted()) {
            consumer.reader().grew(chunk);
        }
    }

    private void subscribed(ConsumerState consumer, Holding holder, ReplyQueue.Slot slot, boolean noWait) {
        byNumber.put(holder.number(), consumer);
        consumer.subscribed(holder);
        channel.replies().complete(slot, () -> {
            if (!noWait) {
                channel.writer().method(new BasicMethod.ConsumeOk(consumer.tag()));
            }
            start(consumer);
        });
    }

    /** consume-ok was written: deliveries may follow. */
    private void start(ConsumerState consumer) {
        List<Delivery> early = consumer.start();
        lookAt(consumer); // rights may have changed since it was asked for: then what came goes back from where it
        // waits
        for (Delivery delivery : early) {
            if (channel.isOpen()) {
                pump.add(new Pending.ForConsumer(delivery, consumer));
            }
        }
        if (channel.isOpen() && consumer.phase() == ConsumerState.Phase.ACTIVE) {
            begin(consumer);
        }
    }

    /** It takes by itself what it is to get, if it is one that does. */
    private static void begin(ConsumerState consumer) {
        if (consumer.reader() != null) {
            consumer.reader().begin();
        }
        if (consumer.filter() != null) {
            consumer.filter().begin();
        }
    }

    /** cancel-ok follows the last deliver, also for a tag that nobody has. */
    public AmqpError cancel(BasicMethod.Cancel m) {
        String tag = m.consumerTag();
        ConsumerState consumer = byTag.get(tag);
        BasicMethod.CancelOk ok = m.noWait() ? null : new BasicMethod.CancelOk(tag);
        if (directReplies.has(tag)) {
            directReplies.cancel(ok);
            return null;
        }
        if (consumer == null || consumer.phase() == ConsumerState.Phase.CANCELLING) {
            channel.complete(channel.replies().openBehindPublishes(), ok);
            return null;
        }
        cancel(consumer, ok);
        return null;
    }

    private void cancel(ConsumerState consumer, Method last) {
        ReplyQueue.Slot slot = channel.replies().open();
        if (consumer.reader() != null) {
            pump.offsets().tell(consumer.reader());
        }
        filters.end(consumer);
        consumer.cancel(() ->
                connection.submit(new Cancel(consumer.holder().number()), reply -> cancelled(consumer, slot, last)));
    }

    /** Cancel-ok, or the server's cancel, follows the last deliver: in its turn, when consume-ok is written, and after what was assigned before. */
    private void cancelled(ConsumerState consumer, ReplyQueue.Slot slot, Method last) {
        remove(consumer);
        channel.replies().inTurn(slot, () -> {
            pump.ahead().giveBack(consumer);
            pump.then(() -> channel.complete(slot, last));
        });
    }

    /** Rights have changed: each consumer has its turn. */
    public void accessChanged(RightsLook look) {
        look.add(() -> directReplies.lookAt(connection.permits()));
        byTag.values().forEach(consumer -> look.add(() -> lookAt(consumer)));
    }

    /**
     * Cancels a consumer whose user may not read its queue any more. What it was not sent goes back; what it was sent its client may settle. A client
     * that would not hear of the cancel loses the channel. One whose consume-ok is not written is looked at then.
     */
    private void lookAt(ConsumerState consumer) {
        boolean isOn = channel.isOpen() && consumer.isStarted() && consumer.phase() == ConsumerState.Phase.ACTIVE;
        AmqpError refused =
                isOn && byTag.get(consumer.tag()) == consumer ? permit(consumer.queue(), MethodId.BASIC_CONSUME) : null;
        if (refused == null) {
            return;
        }
        if (!connection.terms().capabilities().consumerCancelNotify()) {
            channel.refused(channel.replies().open(), refused);
            return;
        }
        pump.ahead().giveBackAll(consumer);
        consumer.gaveBack(); // what is on its way to it goes back, too
        cancel(consumer, new BasicMethod.Cancel(consumer.tag(), true));
    }

    /** The channel closes: the broker hears how far its readers are. */
    public void tellOffsets() {
        List<StreamReader> tracking = new ArrayList<>();
        for (ConsumerState consumer : byNumber.values()) {
            if (consumer.reader() != null && consumer.reader().tracks()) {
                tracking.add(consumer.reader());
            }
        }
        pump.offsets().tell(tracking);
    }

    private void remove(ConsumerState consumer) {
        if (consumer.reader() != null) {
            consumer.reader().end();
        }
        filters.end(consumer);
        filters.madeRoom();
        byTag.remove(consumer.tag(), consumer);
        if (consumer.holder() != null) {
            byNumber.remove(consumer.holder().number());
        }
    }

    /** What was put aside is its queue's: the broker looks at that. Direct replies are their connection's own. */
    private AmqpError permit(String queue, MethodId id) {
        return DeferredName.isName(queue) || queue.equals(DirectReplyTo.QUEUE)
                ? null
                : connection.permits().queue(Act.READ, queue, id);
    }

    /** Answered in its turn, from the queue or, by the name of a receipt or of a scheduled message, from what is known of that. */
    public AmqpError get(BasicMethod.Get m) {
        String queue = channel.lastQueue().meant(m.queue());
        if (queue.isEmpty()) {
            return LastQueue.none(m.id());
        }
        if (ReceiptName.isName(queue) || ScheduleName.isKey(queue)) {
            return knownByName.get(queue, m.noAck());
        }
        AmqpError refused = permit(queue, m.id());
        if (refused != null) {
            return refused;
        }
        channel.noteKnown();
        ReplyQueue.Slot slot = channel.replies().open();
        Command command = new Get(connection.session().id(), channel.number(), connection.vhost(), queue, m.noAck());
        channel.submit(command, reply -> {
            if (reply instanceof Reply.Got got) {
                channel.replies()
                        .inTurn(slot, () -> got(new Pending.ForGet(got, getter(got.holder()), m.noAck(), slot)));
            } else if (reply instanceof Reply.Rejected why) {
                channel.refused(slot, AmqpError.of(why, MethodId.BASIC_GET));
            } else {
                channel.counts().gotNothing();
                channel.complete(slot, new BasicMethod.GetEmpty());
            }
        });
        return null;
    }

    private void got(Pending.ForGet message) {
        if (channel.isOpen()) {
            pump.add(message);
        } else {
            channel.complete(message.slot(), null);
        }
    }

    private Holding getter(long number) {
        if (getter == null || getter.number() != number) {
            getter = new Holding(number);
        }
        return getter;
    }

    /** Messages for one of the consumers. Those for a consumer of an earlier channel are the broker's again. */
    public void deliver(String tag, Delivery delivery) {
        ConsumerState consumer = byNumber.get(delivery.holder());
        if (consumer == null) {
            ConsumerState subscribing = byTag.get(tag);
            if (subscribing != null && subscribing.holder() == null) {
                subscribing.early(delivery);
            }
        } else if (consumer.isTakingBack()) {
            return; // the broker has it again
        } else if (consumer.isStarted()) {
            pump.add(new Pending.ForConsumer(delivery, consumer));
        } else {
            consumer.early(delivery);
        }
    }

    /** Others wait for what the consumer was assigned ahead. One that is being cancelled gives back anyway. */
    public void giveBack(long number) {
        ConsumerState consumer = byNumber.get(number);
        if (consumer != null && consumer.phase() == ConsumerState.Phase.ACTIVE) {
            pump.ahead().askedBack(consumer);
        }
    }

    /**
     * A client has not acked in time: its consumer is cancelled. What it was not sent goes back, what it has had for less than the timeout
     * it may still settle, told or not. Returns false if the client would not hear of it: then its channel has to end.
     */
    public boolean timedOut(long number) {
        ConsumerState consumer = byNumber.get(number);
        if (consumer == null) {
            return (getter == null || getter.number() != number) && !ownsUntold(number);
        }
        pump.ahead().giveBackAll(consumer);
        if (consumer.phase() == ConsumerState.Phase.CANCELLING) {
            return !ownsUntold(number); // its client expects no cancel, and may ack
        }
        if (!connection.terms().capabilities().consumerCancelNotify()) {
            return false;
        }
        remove(consumer);
        consumer.holder().tell();
        channel.replies().answer(() -> {
            pump.ahead().giveBackAll(consumer); // what came before consume-ok was written
            tellCancelled(consumer);
        });
        return true;
    }

    /** Whether the client has, or is about to have, messages of this holder, and was not told that it acks too late. */
    private boolean ownsUntold(long number) {
        Holding holder = unacked.holder(number);
        holder = holder != null ? holder : pump.waitingFor(number);
        return holder != null && !holder.isTold();
    }

    private void tellCancelled(ConsumerState consumer) {
        pump.then(() -> channel.writer().method(new BasicMethod.Cancel(consumer.tag(), true)));
    }

    /** The server cancels: the queue is gone. Not told to a client that cancels itself, and may use the tag for another consumer. */
    public void cancelled(long number) {
        ConsumerState consumer = byNumber.get(number);
        if (consumer == null) {
            return;
        }
        boolean asked = consumer.phase() == ConsumerState.Phase.CANCELLING;
        remove(consumer);
        consumer.dropHeldBack();
        if (!asked && connection.terms().capabilities().consumerCancelNotify()) {
            // Behind consume-ok, if that was not written yet.
            channel.replies().answer(() -> tellCancelled(consumer));
        }
    }
}
