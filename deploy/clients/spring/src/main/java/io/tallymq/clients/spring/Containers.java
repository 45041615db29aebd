package io.tallymq.clients.spring;

import static io.tallymq.clients.spring.PassFail.holds;
import static io.tallymq.clients.spring.PassFail.until;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.springframework.amqp.AmqpRejectAndDontRequeueException;
import org.springframework.amqp.core.AcknowledgeMode;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageListener;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.core.QueueBuilder;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.amqp.rabbit.listener.AbstractMessageListenerContainer;
import org.springframework.amqp.rabbit.listener.DirectMessageListenerContainer;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;
import org.springframework.amqp.rabbit.listener.api.ChannelAwareMessageListener;

/** Both kinds of listener containers: acks, what comes again, what dies, and what becomes of a consumer whose queue or connection goes. */
final class Containers {
    private static final int MANY = 300;

    private final SpringBroker broker;
    private final String kind;
    private final Supplier<AbstractMessageListenerContainer> fresh;
    private final Queue queue;
    private final String dead;

    private Containers(SpringBroker broker, String kind, Supplier<AbstractMessageListenerContainer> fresh) {
        this.broker = broker;
        this.kind = kind;
        this.fresh = fresh;
        this.dead = broker.declare(QueueBuilder.durable(broker.name(kind + ".dead")).build());
        this.queue = QueueBuilder.durable(broker.name(kind))
                .quorum()
                .deadLetterExchange("")
                .deadLetterRoutingKey(dead)
                .build();
        broker.declare(queue);
    }

    static void run(SpringBroker broker, PassFail report) {
        CachingConnectionFactory factory = broker.factory();
        new Containers(broker, "simple", () -> simple(factory)).checks(report, factory);
        new Containers(broker, "direct", () -> direct(factory)).checks(report, factory);
        factory.destroy();
    }

    private static AbstractMessageListenerContainer simple(CachingConnectionFactory factory) {
        SimpleMessageListenerContainer container = new SimpleMessageListenerContainer(factory);
        container.setConcurrentConsumers(3);
        container.setReceiveTimeout(100);
        return container;
    }

    private static AbstractMessageListenerContainer direct(CachingConnectionFactory factory) {
        DirectMessageListenerContainer container = new DirectMessageListenerContainer(factory);
        container.setConsumersPerQueue(3);
        container.setMonitorInterval(200);
        return container;
    }

    private void checks(PassFail report, CachingConnectionFactory factory) {
        report.check(kind + " container: acks", this::acks);
        report.check(kind + " container: reject and requeue", this::requeues);
        report.check(kind + " container: reject without requeue", this::deadLetters);
        report.check(kind + " container: manual acks", this::manual);
        report.check(kind + " container: stopped with messages in hand", this::stopped);
        report.check(kind + " container: its connection ends", () -> reconnects(factory));
        report.check(kind + " container: its queue is deleted and declared", this::redeclared);
        broker.admin().deleteQueue(queue.getName());
        broker.admin().deleteQueue(dead);
    }

    private AbstractMessageListenerContainer started(MessageListener listener) {
        AbstractMessageListenerContainer container = fresh.get();
        container.setQueueNames(queue.getName());
        container.setPrefetchCount(20);
        container.setRecoveryInterval(200);
        container.setMissingQueuesFatal(false);
        container.setMessageListener(listener);
        return broker.start(container);
    }

    private void send(String... texts) {
        RabbitTemplate template = broker.template();
        for (String text : texts) {
            template.convertAndSend("", queue.getName(), text);
        }
    }

    private void drained() throws InterruptedException {
        until("an empty queue", () -> broker.waiting(queue.getName()) == 0);
    }

    private Object acks() throws Exception {
        Inbox inbox = new Inbox((text, before) -> {});
        AbstractMessageListenerContainer container = started(inbox);
        for (int i = 0; i < MANY; i++) {
            send("m" + i);
        }
        until("all messages", () -> inbox.all().size() >= MANY);
        container.stop();
        holds(inbox.all().size() == MANY && broker.waiting(queue.getName()) == 0, inbox.all().size());
        return MANY + " messages, three consumers";
    }

    private Object requeues() throws Exception {
        Inbox inbox = new Inbox((text, before) -> {
            if (before == 0) {
                throw new IllegalStateException("the first time");
            }
        });
        AbstractMessageListenerContainer container = started(inbox);
        send("one", "two");
        until("both again", () -> inbox.all().size() == 4);
        container.stop();
        List<Boolean> again = inbox.of("two").stream()
                .map(m -> m.getMessageProperties().isRedelivered())
                .toList();
        holds(again.equals(List.of(false, true)), again);
        holds(broker.waiting(queue.getName()) == 0, "left in the queue");
        // Spring gives it back with basic.nack, which a quorum queue does not count as a failure.
        Object count = inbox.of("one").get(1).getMessageProperties().getHeader("x-acquired-count");
        holds(Long.valueOf(1).equals(count), count);
        return "redelivered " + again + ", x-acquired-count " + count;
    }

    private Object deadLetters() throws Exception {
        AbstractMessageListenerContainer container = started(new Inbox((text, before) -> {
            throw new AmqpRejectAndDontRequeueException("not wanted");
        }));
        send("unwanted");
        Message letter = broker.template().receive(dead, SpringBroker.WAIT_MILLIS);
        container.stop();
        holds(letter != null, "no dead letter");
        Map<String, ?> death = letter.getMessageProperties().getXDeathHeader().get(0);
        holds("rejected".equals(death.get("reason")) && queue.getName().equals(death.get("queue")), death);
        return death.get("reason") + ", count " + death.get("count");
    }

    private Object manual() throws Exception {
        List<String> got = new CopyOnWriteArrayList<>();
        AbstractMessageListenerContainer container = started((ChannelAwareMessageListener) (message, channel) -> {
            long tag = message.getMessageProperties().getDeliveryTag();
            String text = Inbox.text(message);
            boolean first = got.stream().noneMatch(text::equals);
            got.add(text);
            switch (text) {
                case "nack" -> channel.basicNack(tag, false, first);
                case "reject" -> channel.basicReject(tag, false);
                default -> channel.basicAck(tag, false);
            }
        }, AcknowledgeMode.MANUAL);
        send("ack", "nack", "reject");
        Object first = broker.template().receiveAndConvert(dead, SpringBroker.WAIT_MILLIS);
        Object second = broker.template().receiveAndConvert(dead, SpringBroker.WAIT_MILLIS);
        container.stop();
        holds(got.size() == 4 && first != null && second != null && !first.equals(second), got + " " + first + " " + second);
        return "dead letters: " + first + ", " + second;
    }

    private AbstractMessageListenerContainer started(ChannelAwareMessageListener listener, AcknowledgeMode mode) {
        AbstractMessageListenerContainer container = started(listener);
        container.stop();
        container.setAcknowledgeMode(mode);
        container.start();
        return container;
    }

    /** What was prefetched and not worked on is there again. */
    private Object stopped() throws Exception {
        AbstractMessageListenerContainer container = started((ChannelAwareMessageListener) (message, channel) -> {}, AcknowledgeMode.MANUAL);
        for (int i = 0; i < 30; i++) {
            send("held");
        }
        until("all in hand", () -> broker.waiting(queue.getName()) == 0);
        container.stop();
        until("all back", () -> broker.waiting(queue.getName()) == 30);
        broker.admin().purgeQueue(queue.getName());
        return "30 are back";
    }

    private Object reconnects(CachingConnectionFactory factory) throws Exception {
        Inbox inbox = new Inbox((text, before) -> {});
        AbstractMessageListenerContainer container = started(inbox);
        send("before");
        until("a message", () -> !inbox.of("before").isEmpty());
        factory.resetConnection();
        send("after");
        until("a message after it", () -> !inbox.of("after").isEmpty());
        container.stop();
        drained();
        return "goes on";
    }

    /** The consumers are told that they are cancelled, and come back when there is a queue again. */
    private Object redeclared() throws Exception {
        Inbox inbox = new Inbox((text, before) -> {});
        AbstractMessageListenerContainer container = started(inbox);
        until("consumers", () -> broker.admin().getQueueInfo(queue.getName()).getConsumerCount() == 3);
        broker.admin().deleteQueue(queue.getName());
        broker.declare(queue);
        send("new");
        until("a message of the new queue", () -> !inbox.of("new").isEmpty());
        container.stop();
        return "consumes from the new one";
    }
}
