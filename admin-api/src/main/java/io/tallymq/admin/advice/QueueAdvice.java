package io.tallymq.admin.advice;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.advice.Advice.Level;
import io.tallymq.admin.request.Json;
import io.tallymq.admin.stats.Rates;
import io.tallymq.broker.settings.ArgumentTable;
import io.tallymq.broker.view.BrokerView.ConsumerView;
import io.tallymq.broker.view.BrokerView.QueueInfo;
import java.util.OptionalDouble;
import java.util.SortedSet;
import java.util.TreeSet;

/** Advice about queues and those who consume them. */
final class QueueAdvice {
    /** Messages below which nothing is said. */
    private static final long MANY = 1_000;
    /** Messages with one consumer without a prefetch. */
    private static final long MANY_UNACKED = 1_000;

    private final AdviceList list;
    private final Rates rates;

    QueueAdvice(AdviceList list, Rates rates) {
        this.list = list;
        this.rates = rates;
    }

    private static ObjectNode name(String vhost, String queue) {
        return Json.object().put("vhost", vhost).put("name", queue);
    }

    void queue(QueueInfo q) {
        boolean stream = "stream".equals(q.spec().arguments().get("x-queue-type"));
        Rates.QueuePair pair = rates.of(q);
        if (!stream && q.ready() > 0 && q.consumers() == 0) {
            list.add(new Advice(
                    Level.NOTICE,
                    "no-consumer",
                    "queue",
                    name(q.vhost(), q.name()),
                    Json.object().put("messages_ready", q.ready()),
                    q.ready() + " messages wait and nobody consumes them",
                    "start a consumer, delete the queue, or give it a message-ttl, max-length or expires by a policy"));
        }
        if (pair != null && !stream) {
            grows(q, pair);
            unacked(q, pair);
        }
        if (q.deadLetters().stuck()) {
            list.add(new Advice(
                    Level.WARNING,
                    "dead-letters-wait",
                    "queue",
                    name(q.vhost(), q.name()),
                    Json.object().put("messages_dlx", q.deadLetters().messages()),
                    "dead letters can't leave the queue: " + q.deadLetters().reason(),
                    "make the target or room in it"));
        }
        withoutMeaning(q);
    }

    private void grows(QueueInfo q, Rates.QueuePair pair) {
        OptionalDouble growth = rates.of(pair, x -> x.ready() + x.unacked());
        OptionalDouble in = rates.of(pair, x -> x.counters().published());
        boolean grows = growth.isPresent()
                && growth.getAsDouble() > 0
                && q.ready() > pair.is().ready();
        if (grows && q.consumers() > 0 && q.ready() > MANY) {
            list.add(new Advice(
                    Level.WARNING,
                    "grows",
                    "queue",
                    name(q.vhost(), q.name()),
                    Json.object()
                            .put("messages_ready", q.ready())
                            .put("growth_per_second", growth.getAsDouble())
                            .put("publish_per_second", in.orElse(0))
                            .put("consumers", q.consumers()),
                    "it grows by " + growth.getAsDouble() + " messages a second although there are consumers",
                    "run more consumers, make them faster, or bound the queue (max-length, overflow) by a policy"));
        }
    }

    private void unacked(QueueInfo q, Rates.QueuePair pair) {
        boolean still = q.unacked() > 0
                && pair.was().unacked() > 0
                && q.counters().acked() == pair.was().counters().acked()
                && q.counters().delivered() == pair.was().counters().delivered();
        if (still) {
            double seconds = (rates.newer().nanos() - rates.older().nanos()) / 1e9;
            list.add(new Advice(
                    Level.NOTICE,
                    "nothing-acked",
                    "queue",
                    name(q.vhost(), q.name()),
                    Json.object().put("messages_unacknowledged", q.unacked()).put("seconds", Math.round(seconds)),
                    q.unacked() + " messages are with consumers who acknowledged none for " + Math.round(seconds)
                            + " seconds or more",
                    "see who holds them in the queue's consumers; a consumer-timeout takes them back"));
        }
    }

    /** What was written for RabbitMQ's ways of storing and placing queues. */
    private void withoutMeaning(QueueInfo q) {
        SortedSet<String> hints = new TreeSet<>(ArgumentTable.hints());
        hints.retainAll(q.spec().arguments().values().keySet());
        if (!hints.isEmpty()) {
            ObjectNode figures = Json.object();
            figures.set("arguments", Json.strings(hints));
            list.add(new Advice(
                    Level.NOTICE,
                    "arguments-without-meaning",
                    "queue",
                    name(q.vhost(), q.name()),
                    figures,
                    "it was declared with arguments that are taken and mean nothing here: every queue is on every node"
                            + " and on disk",
                    "leave them out when it is declared anew"));
        }
    }

    void consumer(ConsumerView c) {
        if (c.spec().prefetch() == 0 && !c.spec().noAck() && c.unacked() > MANY_UNACKED) {
            ObjectNode subject = name(c.vhost(), c.queue())
                    .put("consumer_tag", c.spec().tag())
                    .put("connection", c.info().name());
            list.add(
                    new Advice(
                            Level.WARNING,
                            "no-prefetch",
                            "consumer",
                            subject,
                            Json.object().put("messages_unacknowledged", c.unacked()),
                            "a consumer without a prefetch holds " + c.unacked() + " messages",
                            "give it one (basic.qos): what it holds nobody else can have, and all of it comes again when it goes"));
        }
    }
}
