package io.tallymq.clients.spring;

import static io.tallymq.clients.spring.PassFail.holds;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.springframework.amqp.AmqpException;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageBuilder;
import org.springframework.amqp.core.MessageDeliveryMode;
import org.springframework.amqp.core.QueueBuilder;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory.ConfirmType;
import org.springframework.amqp.rabbit.connection.CorrelationData;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;

/**
 * Exactly once: messages have names; what had no confirm when a connection was lost is published again with its name; receipts tell of each, and each
 * is in the queue once.
 */
final class Receipts {
    private static final int MESSAGES = 10_000;
    private static final int BATCH = 1_000;
    /** Of a batch, before the connection is lost. */
    private static final int BEFORE_LOSS = 600;

    private final SpringBroker broker;
    private final String queue;
    private final String producer;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final CachingConnectionFactory factory;
    private final RabbitTemplate template;
    /** By number: what had no confirm. */
    private final Map<Long, Message> open = new TreeMap<>();

    private int again;

    private Receipts(SpringBroker broker) {
        this.broker = broker;
        queue = broker.declare(QueueBuilder.durable(broker.name("receipts")).quorum().build());
        producer = broker.name("producer");
        factory = broker.factory();
        factory.setPublisherConfirmType(ConfirmType.CORRELATED);
        factory.getRabbitConnectionFactory().setSocketConfigurator(sockets::add);
        template = new RabbitTemplate(factory);
    }

    static void run(SpringBroker broker, PassFail report) {
        Receipts receipts = new Receipts(broker);
        report.check("receipts: published again by name", receipts::publish);
        report.check("receipts: asked", receipts::ask);
        report.check("receipts: exactly once", receipts::once);
        receipts.factory.destroy();
        broker.admin().deleteQueue(receipts.queue);
    }

    private Object publish() throws Exception {
        int lost = 0;
        for (long first = 1; first <= MESSAGES; first += BATCH) {
            LongStream.range(first, first + BATCH).forEach(number -> open.put(number, message(number)));
            boolean loses = true;
            while (!open.isEmpty()) {
                again += loses ? 0 : open.size();
                lost += loses ? 1 : 0;
                if (loses && first == MESSAGES / 2 + 1) {
                    broker.kill();
                }
                confirmed(send(loses)).forEach(open::remove);
                loses = false;
            }
        }
        holds(again > 0, again);
        return MESSAGES + " published, connections lost " + lost + " times, " + again + " published again";
    }

    private Message message(long number) {
        return MessageBuilder.withBody(Long.toString(number).getBytes(StandardCharsets.US_ASCII))
                .setDeliveryMode(MessageDeliveryMode.PERSISTENT)
                .setHeader("x-producer-id", producer)
                .setHeader("x-publish-seq", number)
                .build();
    }

    /** All that are open, in order. */
    private List<CorrelationData> send(boolean loses) {
        List<CorrelationData> sent = new ArrayList<>();
        try {
            for (Map.Entry<Long, Message> one : open.entrySet()) {
                CorrelationData data = new CorrelationData(one.getKey().toString());
                template.send("", queue, one.getValue(), data);
                sent.add(data);
                if (loses && sent.size() == BEFORE_LOSS) {
                    cut();
                }
            }
        } catch (AmqpException e) {
            return sent; // the connection is gone: what was not sent stays open
        }
        return sent;
    }

    /** As if the cable was cut. */
    private void cut() {
        for (Socket socket : sockets) {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        sockets.clear();
    }

    /** Spring answers for those whose channel was closed with a confirm that is none: it is not known what became of them. */
    private static Collection<Long> confirmed(List<CorrelationData> sent) throws Exception {
        Set<Long> confirmed = new TreeSet<>();
        for (CorrelationData data : sent) {
            if (data.getFuture().get(SpringBroker.WAIT_MILLIS, TimeUnit.MILLISECONDS).isAck()) {
                confirmed.add(Long.valueOf(data.getId()));
            }
        }
        return confirmed;
    }

    private Object ask() {
        Message last = broker.template().receive("amq.receipt." + producer + "." + MESSAGES);
        Map<String, Object> told = last.getMessageProperties().getHeaders();
        holds("stored".equals(told.get("x-outcome")) && Boolean.TRUE.equals(told.get("x-final")), told);
        Message next = broker.template().receive("amq.receipt." + producer + "." + (MESSAGES + 1));
        holds("unseen".equals(next.getMessageProperties().getHeader("x-outcome")), next);
        return told.get("x-outcome");
    }

    private Object once() throws InterruptedException {
        holds(broker.waiting(queue) == MESSAGES, broker.waiting(queue) + " messages");
        Set<Long> seen = ConcurrentHashMap.newKeySet();
        AtomicInteger came = new AtomicInteger();
        SimpleMessageListenerContainer container = new SimpleMessageListenerContainer(factory);
        container.setQueueNames(queue);
        container.setMessageListener(message -> {
            seen.add(Long.valueOf(new String(message.getBody(), StandardCharsets.US_ASCII)));
            came.incrementAndGet();
        });
        broker.start(container);
        PassFail.until("all messages", () -> came.get() >= MESSAGES);
        holds(came.get() == MESSAGES, came + " messages");
        holds(seen.size() == MESSAGES && seen.contains(1L) && seen.contains((long) MESSAGES), seen.size() + " different messages");
        return seen.size() + " messages, each once";
    }
}
