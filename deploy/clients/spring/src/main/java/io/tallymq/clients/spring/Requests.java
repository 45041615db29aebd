package io.tallymq.clients.spring;

import static io.tallymq.clients.spring.PassFail.holds;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.springframework.amqp.core.QueueBuilder;
import org.springframework.amqp.rabbit.AsyncRabbitTemplate;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.amqp.rabbit.listener.DirectMessageListenerContainer;
import org.springframework.amqp.rabbit.listener.adapter.MessageListenerAdapter;

/** Requests and their answers, over amq.rabbitmq.reply-to and over queues. */
final class Requests {
    private static final int MANY = 100;

    private final SpringBroker broker;
    private final String queue;

    private Requests(SpringBroker broker) {
        this.broker = broker;
        this.queue = broker.declare(QueueBuilder.nonDurable(broker.name("requests")).build());
    }

    /** What answers: the adapter's delegate. */
    public static final class Answers {
        public String handleMessage(String request) {
            return request.startsWith("silent") ? null : request.toUpperCase();
        }
    }

    static void run(SpringBroker broker, PassFail report) {
        Requests requests = new Requests(broker);
        DirectMessageListenerContainer server = new DirectMessageListenerContainer(broker.shared());
        server.setQueueNames(requests.queue);
        server.setConsumersPerQueue(2);
        server.setMessageListener(new MessageListenerAdapter(new Answers()));
        server.afterPropertiesSet();
        server.start();
        report.check("requests: direct reply-to", () -> requests.many(broker.template()));
        report.check("requests: direct reply-to on the sender's channel", () -> requests.many(requests.onChannel()));
        report.check("requests: a temporary queue each", () -> requests.many(requests.temporary()));
        report.check("requests: asynchronous", requests::asynchronous);
        report.check("requests: no answer", requests::silent);
        server.stop();
        broker.admin().deleteQueue(requests.queue);
    }

    private RabbitTemplate onChannel() {
        RabbitTemplate template = broker.template();
        template.setUseDirectReplyToContainer(false);
        return template;
    }

    private RabbitTemplate temporary() {
        RabbitTemplate template = broker.template();
        template.setUseTemporaryReplyQueues(true);
        return template;
    }

    private Object many(RabbitTemplate template) throws Exception {
        template.setReplyTimeout(SpringBroker.WAIT_MILLIS);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        List<Future<Object>> all = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            String request = "request " + i;
            all.add(threads.submit(() -> template.convertSendAndReceive("", queue, request)));
        }
        for (int i = 0; i < MANY; i++) {
            Object answer = all.get(i).get(SpringBroker.WAIT_MILLIS, TimeUnit.MILLISECONDS);
            holds(("REQUEST " + i).equals(answer), "request " + i + ": " + answer);
        }
        threads.shutdown();
        template.destroy();
        return MANY + " answers to four threads";
    }

    private Object asynchronous() throws Exception {
        AsyncRabbitTemplate template = new AsyncRabbitTemplate(broker.template());
        template.setReceiveTimeout(SpringBroker.WAIT_MILLIS);
        template.start();
        List<CompletableFuture<Object>> all = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            all.add(template.convertSendAndReceive("", queue, "request " + i));
        }
        for (int i = 0; i < MANY; i++) {
            Object answer = all.get(i).get(SpringBroker.WAIT_MILLIS, TimeUnit.MILLISECONDS);
            holds(("REQUEST " + i).equals(answer), "request " + i + ": " + answer);
        }
        template.stop();
        return MANY + " answers";
    }

    private Object silent() {
        RabbitTemplate template = broker.template();
        template.setReplyTimeout(300);
        Object answer = template.convertSendAndReceive("", queue, "silent");
        template.destroy();
        holds(answer == null, answer);
        return "none after 300 ms";
    }
}
