package io.tallymq.admin.advice;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.advice.Advice.Level;
import io.tallymq.admin.request.Json;
import io.tallymq.broker.settings.ArgumentTable;
import io.tallymq.broker.view.BrokerView.ConsumerView;
import io.tallymq.broker.view.BrokerView.QueueInfo;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeSet;

/** Advice about queues and those who consume them. */
final class QueueAdvice {
    /** Messages with one consumer without a prefetch. */
    private static final long MANY_UNACKED = 1_000;

    private final AdviceList list;
    private final Trends trends;

    QueueAdvice(AdviceList list, Trends trends) {
        this.list = list;
        this.trends = trends;
    }

    private static ObjectNode name(String vhost, String queue) {
        return Json.object().put("vhost", vhost).put("name", queue);
    }

    void queue(QueueInfo q) {
        boolean stream = "stream".equals(q.spec().arguments().get("x-queue-type"));
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
        if (!stream) {
            grows(q);
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

    private void grows(QueueInfo q) {
        Trends.Growth growth = trends.growth(q);
        if (growth != null && q.consumers() > 0) {
            long minutes = growth.duration().toMinutes();
            list.add(new Advice(
                    Level.WARNING,
                    "grows",
                    "queue",
                    name(q.vhost(), q.name()),
                    Json.object()
                            .put("messages_ready", q.ready())
                            .put("growth_per_second", growth.perSecond())
                            .put("minutes", minutes)
                            .put("consumers", q.consumers()),
                    "it has grown for " + minutes + " minutes, by " + growth.perSecond()
                            + " messages a second, although there are consumers",
                    "run more consumers, make them faster, or bound the queue (max-length, overflow) by a policy"));
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
        held(c);
        if (c.spec().prefetch() == 0 && !c.spec().noAck() && c.unacked() > MANY_UNACKED) {
            list.add(
                    new Advice(
                            Level.WARNING,
                            "no-prefetch",
                            "consumer",
                            subject(c),
                            Json.object().put("messages_unacknowledged", c.unacked()),
                            "a consumer without a prefetch holds " + c.unacked() + " messages",
                            "give it one (basic.qos): what it holds nobody else can have, and all of it comes again when it goes"));
        }
    }

    private static ObjectNode subject(ConsumerView c) {
        return name(c.vhost(), c.queue())
                .put("consumer_tag", c.spec().tag())
                .put("connection", c.info().name());
    }

    /** One that hangs beside others that work, too. */
    private void held(ConsumerView c) {
        OptionalLong seconds = trends.heldSeconds(c);
        if (seconds.isPresent()) {
            long minutes = Duration.ofSeconds(seconds.getAsLong()).toMinutes();
            list.add(
                    new Advice(
                            Level.NOTICE,
                            "nothing-acked",
                            "consumer",
                            subject(c),
                            Json.object()
                                    .put("messages_unacknowledged", c.unacked())
                                    .put("seconds", seconds.getAsLong())
                                    .put("consumer_timeout", c.timeout()),
                            "its consumer '" + c.spec().tag() + "' has had a message for " + minutes
                                    + " minutes and more without acknowledging it, of " + c.unacked()
                                    + " that it holds",
                            c.timeout() > 0
                                    ? "see whether it hangs; after "
                                            + Duration.ofMillis(c.timeout()).toSeconds()
                                            + " seconds (consumer-timeout) the message goes to others"
                                    : "see whether it hangs: nothing takes the message back before it goes; give it a consumer-timeout"));
        }
    }
}
