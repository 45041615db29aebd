package io.tallymq.clients.spring;

import static io.tallymq.clients.spring.PassFail.holds;
import static io.tallymq.clients.spring.PassFail.until;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.springframework.amqp.core.BatchMessageListener;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.QueueBuilder;
import org.springframework.amqp.rabbit.batch.SimpleBatchingStrategy;
import org.springframework.amqp.rabbit.core.BatchingRabbitTemplate;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;

/** Batches that the consumer makes, and batches that the producer made. */
final class Batches {
    private static final int MANY = 100;
    private static final int SIZE = 10;

    private final SpringBroker broker;
    private final String queue;

    private Batches(SpringBroker broker) {
        this.broker = broker;
        this.queue = broker.declare(QueueBuilder.durable(broker.name("batches")).quorum().build());
    }

    static void run(SpringBroker broker, PassFail report) {
        Batches batches = new Batches(broker);
        report.check("batches: of the consumer", batches::consumers);
        report.check("batches: one fails as a whole", batches::fails);
        report.check("batches: of the producer", batches::producers);
        broker.admin().deleteQueue(batches.queue);
    }

    private SimpleMessageListenerContainer container() {
        SimpleMessageListenerContainer container = new SimpleMessageListenerContainer(broker.shared());
        container.setReceiveTimeout(200);
        container.setQueueNames(queue);
        return container;
    }

    private SimpleMessageListenerContainer consuming(BatchMessageListener listener) {
        SimpleMessageListenerContainer container = container();
        container.setConsumerBatchEnabled(true);
        container.setDeBatchingEnabled(true);
        container.setBatchSize(SIZE);
        container.setPrefetchCount(SIZE * 2);
        container.setMessageListener(listener);
        return broker.start(container);
    }

    private Object consumers() throws Exception {
        RabbitTemplate template = broker.template();
        for (int i = 0; i < MANY; i++) {
            template.convertAndSend("", queue, "b" + i);
        }
        List<List<Message>> got = new CopyOnWriteArrayList<>();
        SimpleMessageListenerContainer container = consuming(got::add);
        until("all messages", () -> got.stream().mapToInt(List::size).sum() >= MANY);
        container.stop();
        List<String> texts = got.stream().flatMap(List::stream).map(Inbox::text).toList();
        holds(texts.size() == MANY && texts.get(0).equals("b0") && texts.get(MANY - 1).equals("b99"), texts);
        holds(broker.waiting(queue) == 0, "left in the queue");
        return MANY + " messages in " + got.size() + " batches";
    }

    private Object fails() throws Exception {
        List<List<Message>> got = new CopyOnWriteArrayList<>();
        SimpleMessageListenerContainer container = consuming(messages -> {
            got.add(messages);
            if (got.size() == 1) {
                throw new IllegalStateException("the first batch");
            }
        });
        for (int i = 0; i < SIZE; i++) {
            broker.template().convertAndSend("", queue, "f" + i);
        }
        until("the batch again", () -> !got.isEmpty() && got.stream().mapToInt(List::size).sum() >= SIZE + got.get(0).size());
        container.stop();
        long again = got.stream().skip(1).flatMap(List::stream).filter(m -> m.getMessageProperties().isRedelivered()).count();
        holds(again == got.get(0).size() && broker.waiting(queue) == 0, again + " of " + got.get(0).size() + " flagged");
        return again + " came again, flagged";
    }

    private Object producers() throws Exception {
        ThreadPoolTaskScheduler scheduler = new ThreadPoolTaskScheduler();
        scheduler.initialize();
        BatchingRabbitTemplate template =
                new BatchingRabbitTemplate(broker.shared(), new SimpleBatchingStrategy(SIZE, 100_000, 1_000), scheduler);
        Inbox inbox = new Inbox((text, before) -> {});
        SimpleMessageListenerContainer container = container();
        container.setMessageListener(inbox);
        broker.start(container);
        for (int i = 0; i < MANY; i++) {
            template.convertAndSend("", queue, "p" + i);
        }
        until("all messages", () -> inbox.all().size() == MANY);
        container.stop();
        scheduler.shutdown();
        List<String> texts = inbox.all().stream().map(Inbox::text).toList();
        holds(texts.get(0).equals("p0") && texts.get(MANY - 1).equals("p99") && broker.waiting(queue) == 0, texts);
        return MANY + " messages, " + SIZE + " in one";
    }
}
