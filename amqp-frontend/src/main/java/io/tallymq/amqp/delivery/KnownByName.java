package io.tallymq.amqp.delivery;

import io.tallymq.amqp.channel.AmqpError;
import io.tallymq.amqp.channel.ChannelContext;
import io.tallymq.amqp.channel.ConnectionContext;
import io.tallymq.amqp.channel.ReplyQueue;
import io.tallymq.amqp.receipts.ToldMessage;
import io.tallymq.amqp.settle.Holding;
import io.tallymq.amqp.wire.BasicMethod;
import io.tallymq.amqp.wire.MethodId;
import io.tallymq.amqp.wire.ReplyCode;
import io.tallymq.broker.ReceiptFields;
import io.tallymq.broker.ScheduleFields;
import io.tallymq.broker.access.Rights.Act;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.spec.ReceiptName;
import io.tallymq.broker.spec.ScheduleName;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.broker.view.IdReceipt;
import io.tallymq.broker.view.Receipt;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * basic.get from the name of a receipt or of a scheduled message: answered behind an entry that changes nothing, so that it knows of all that was confirmed before, on whatever
 * node. Event loop only.
 */
final class KnownByName {
    private static final Logger LOG = LoggerFactory.getLogger(KnownByName.class);

    /** Without a majority it is said after so many seconds that there is no answer. */
    private static final long SECONDS = 10;

    /** Names of one look. */
    private static final int AT_ONCE = 16;

    private static final long AGAIN_MILLIS = 50;

    private record Asked(String name, boolean noAck, ReplyQueue.Slot slot) {}

    private final ChannelContext channel;
    private final DeliveryPump pump;
    private final ConnectionContext connection;
    /** What is got is owed no ack, and may be given one. */
    private final Holding nobody = new Holding(ToldMessage.HOLDER, true);

    /** Those that are behind their entry. */
    private final ArrayDeque<Asked> asked = new ArrayDeque<>();

    private boolean looking;

    KnownByName(ChannelContext channel, DeliveryPump pump) {
        this.channel = channel;
        this.pump = pump;
        this.connection = channel.connection();
    }

    /** Null, or why the channel has to end. */
    AmqpError get(String name, boolean noAck) {
        AmqpError refused = connection.permits().queue(Act.READ, name, MethodId.BASIC_GET);
        if (refused != null) {
            return refused;
        }
        channel.noteKnown();
        ReplyQueue.Slot slot = channel.replies().open();
        boolean[] answered = {false};
        ScheduledFuture<?> alarm = connection
                .timers()
                .after(
                        connection.loop(),
                        SECONDS,
                        TimeUnit.SECONDS,
                        "giving an answer up",
                        () -> connection.run(() -> {
                            // In its turn it would wait for publishes that nobody decides; a channel that ends waits
                            // for it as
                            // for those.
                            if (!answered[0] && channel.isOpen()) {
                                answered[0] = true;
                                connection.fail(noMajority());
                            }
                        }));
        connection.submit(new Probe(false), reply -> {
            alarm.cancel(false);
            if (!answered[0]) {
                answered[0] = true;
                answer(new Asked(name, noAck, slot), reply);
            }
        });
        return null;
    }

    private void answer(Asked of, Reply reply) {
        if (reply instanceof Reply.Probed) {
            asked.add(of);
            lookOn();
        } else {
            channel.refused(of.slot, noMajority());
        }
    }

    /** Not here: the entry that is being applied may take long, and an event loop has other connections. One look of a channel at a time, for some of what it asked. */
    private void lookOn() {
        if (looking || asked.isEmpty()) {
            return;
        }
        looking = true;
        List<Asked> some = new ArrayList<>();
        while (some.size() < AT_ONCE && !asked.isEmpty()) {
            some.add(asked.poll());
        }
        String vhost = connection.vhost();
        var unused = connection
                .broker()
                .<List<Object>>readLater(v -> {
                    List<Object> all = new ArrayList<>();
                    some.forEach(of -> all.add(found(v, vhost, of.name)));
                    return all;
                })
                .whenCompleteAsync(
                        (found, e) -> connection.run(() -> {
                            if (e == null || StoreReads.isBusy(e)) {
                                looked(some, found);
                            } else {
                                failed(some, e);
                            }
                            connection.endTurn();
                        }),
                        connection.loop());
    }

    /** A fault of ours: nobody waits for ever. */
    private void failed(List<Asked> some, Throwable e) {
        LOG.error("What clients asked for by name could not be looked up; they are told so", e);
        looking = false;
        some.forEach(of -> channel.refused(
                of.slot,
                AmqpError.of(
                        ReplyCode.INTERNAL_ERROR, "no answer: an error of the node, see its log", MethodId.BASIC_GET)));
        lookOn();
    }

    /** @param found null if too many wait to read: they look again, unless the channel has ended */
    private void looked(List<Asked> some, List<Object> found) {
        if (found == null && channel.isOpen()) {
            for (int i = some.size() - 1; i >= 0; i--) {
                asked.addFirst(some.get(i));
            }
            var unused = connection
                    .timers()
                    .after(
                            connection.loop(),
                            AGAIN_MILLIS,
                            TimeUnit.MILLISECONDS,
                            "looking names up",
                            () -> connection.run(() -> {
                                looking = false;
                                lookOn();
                            }));
            return;
        }
        looking = false;
        for (int i = 0; i < some.size(); i++) {
            if (found == null) {
                channel.complete(some.get(i).slot, null); // nobody knows, and nobody waits for it any more
            } else {
                tell(some.get(i), found.get(i));
            }
        }
        lookOn();
    }

    /** Null for a producer that is not known, if no exchange of such a name remembers ids, or if no such message waits for its time. */
    private static Object found(BrokerView v, String vhost, String name) {
        if (ScheduleName.isKey(name)) {
            return v.scheduled(vhost, ScheduleName.key(name)).orElse(null);
        }
        if (ReceiptName.isOfId(name)) {
            return v.ids().receipt(vhost, ReceiptName.exchangeAndId(name));
        }
        ReceiptName of = v.receipts().named(vhost, name);
        return of.seq() >= 0
                ? v.receipts().receipt(vhost, of.producer(), of.seq())
                : v.receipts().producer(vhost, of.producer());
    }

    private Map<String, Object> fields(Object found) {
        if (found instanceof BrokerView.ScheduledView s) {
            return ScheduleFields.of(s);
        } else if (found instanceof Receipt r) {
            return ReceiptFields.of(r, connection.broker()::durableOn);
        } else if (found instanceof IdReceipt r) {
            return ReceiptFields.of(r, connection.broker()::durableOn);
        }
        return ReceiptFields.of((Receipt.ProducerView) found);
    }

    private void tell(Asked of, Object found) {
        if (found == null && ReceiptName.isOfId(of.name)) {
            channel.refused(of.slot, noIds(of.name));
            return;
        }
        if (found == null) {
            channel.complete(of.slot, new BasicMethod.GetEmpty());
            return;
        }
        Reply.Got got = ToldMessage.of(
                connection.vhost(), of.name, ScheduleName.isKey(of.name) ? "schedule" : "receipt", fields(found));
        channel.replies().inTurn(of.slot, () -> {
            if (channel.isOpen()) {
                pump.add(new Pending.ForGet(got, nobody, of.noAck, of.slot));
            } else {
                channel.complete(of.slot, null);
            }
        });
    }

    private AmqpError noIds(String name) {
        return AmqpError.of(
                ReplyCode.NOT_FOUND,
                "no receipt '" + name + "' in vhost '" + connection.vhost()
                        + "': no exchange of that name remembers ids (policy dedup-id)",
                MethodId.BASIC_GET);
    }

    private static AmqpError noMajority() {
        return AmqpError.of(
                ReplyCode.INTERNAL_ERROR,
                "no answer: nothing was confirmed within " + SECONDS
                        + " s, no majority of the nodes answers; ask again",
                MethodId.BASIC_GET);
    }
}
