package io.tallymq.clients.spring;

import static io.tallymq.clients.spring.PassFail.holds;
import static io.tallymq.clients.spring.PassFail.until;

import java.util.Map;
import org.aopalliance.aop.Advice;
import org.springframework.amqp.core.DirectExchange;
import org.springframework.amqp.core.Binding;
import org.springframework.amqp.core.BindingBuilder;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageBuilder;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.core.QueueBuilder;
import org.springframework.amqp.rabbit.config.RetryInterceptorBuilder;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory.ConfirmType;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;
import org.springframework.amqp.rabbit.retry.RejectAndDontRequeueRecoverer;
import org.springframework.amqp.rabbit.retry.RepublishMessageRecoverer;
import org.springframework.amqp.rabbit.retry.RepublishMessageRecovererWithConfirms;

/** Listeners that fail three times: in one delivery or in three, and what becomes of the message then. */
final class Retries {
    private static final String TEXT = "fails";

    private final SpringBroker broker;
    private final String dead;
    private final String errors;
    private final String exchange;
    private final Queue queue;

    private Retries(SpringBroker broker) {
        this.broker = broker;
        this.dead = broker.declare(QueueBuilder.durable(broker.name("retries.dead")).build());
        this.errors = broker.declare(QueueBuilder.durable(broker.name("retries.errors")).build());
        this.exchange = broker.name("retries.exchange");
        this.queue = QueueBuilder.durable(broker.name("retries"))
                .deadLetterExchange("")
                .deadLetterRoutingKey(dead)
                .build();
        broker.declare(queue);
        DirectExchange direct = new DirectExchange(exchange);
        Binding binding = BindingBuilder.bind(new Queue(errors)).to(direct).with("failed");
        broker.admin().declareExchange(direct);
        broker.admin().declareBinding(binding);
    }

    static void run(SpringBroker broker, PassFail report) {
        Retries retries = new Retries(broker);
        report.check("retries: then a dead letter", retries::deadLetter);
        report.check("retries: then republished", retries::republished);
        report.check("retries: then republished and confirmed", retries::republishedWithConfirms);
        report.check("retries: republished to nobody", retries::republishedToNobody);
        report.check("retries: over deliveries", retries::stateful);
        broker.admin().deleteQueue(retries.queue.getName());
        broker.admin().deleteQueue(retries.dead);
        broker.admin().deleteQueue(retries.errors);
        broker.admin().deleteExchange(retries.exchange);
    }

    /** Gives the message to a listener that always fails, and what arrives in the other queue. */
    private Message fail(Inbox inbox, Advice advice, String arrives) {
        SimpleMessageListenerContainer container = new SimpleMessageListenerContainer(broker.shared());
        container.setReceiveTimeout(100);
        container.setQueueNames(queue.getName());
        container.setMessageListener(inbox);
        container.setAdviceChain(advice);
        broker.start(container);
        Message message = MessageBuilder.withBody(TEXT.getBytes()).setMessageId("m1").setContentType("text/plain").build();
        broker.template().send("", queue.getName(), message);
        Message result = broker.template().receive(arrives, SpringBroker.WAIT_MILLIS);
        container.stop();
        holds(result != null, "nothing arrives in " + arrives + " after " + inbox.all().size() + " deliveries");
        holds(broker.waiting(queue.getName()) == 0, "left in the queue");
        return result;
    }

    private static Inbox failing() {
        return new Inbox((text, before) -> {
            throw new IllegalStateException("failure " + (before + 1));
        });
    }

    private Object deadLetter() {
        Inbox inbox = failing();
        Advice advice = RetryInterceptorBuilder.stateless()
                .maxAttempts(3)
                .backOffOptions(10, 1, 10)
                .recoverer(new RejectAndDontRequeueRecoverer())
                .build();
        Message letter = fail(inbox, advice, dead);
        Map<String, ?> death = letter.getMessageProperties().getXDeathHeader().get(0);
        holds(inbox.all().size() == 3 && "rejected".equals(death.get("reason")), inbox.all().size() + " " + death);
        return "3 attempts, " + death.get("reason");
    }

    private Object republished() {
        return republished(new RepublishMessageRecoverer(broker.template(), exchange, "failed"));
    }

    private Object republishedWithConfirms() {
        CachingConnectionFactory factory = broker.factory();
        factory.setPublisherConfirmType(ConfirmType.CORRELATED);
        factory.setPublisherReturns(true);
        RabbitTemplate template = new RabbitTemplate(factory);
        try {
            return republished(new RepublishMessageRecovererWithConfirms(template, exchange, "failed", ConfirmType.CORRELATED));
        } finally {
            factory.destroy();
        }
    }

    /** A stack trace is a header of the message then, cut to what the connection's frames hold. */
    private Object republished(RepublishMessageRecoverer recoverer) {
        Inbox inbox = failing();
        Advice advice = RetryInterceptorBuilder.stateless()
                .maxAttempts(3)
                .backOffOptions(10, 1, 10)
                .recoverer(recoverer)
                .build();
        Message error = fail(inbox, advice, errors);
        Object header = error.getMessageProperties().getHeader(RepublishMessageRecoverer.X_EXCEPTION_STACKTRACE);
        String trace = String.valueOf(header); // a long one is no String
        String from = error.getMessageProperties().getHeader(RepublishMessageRecoverer.X_ORIGINAL_ROUTING_KEY);
        holds(inbox.all().size() == 3 && trace.contains("failure 3") && queue.getName().equals(from), from + " " + trace);
        return "3 attempts, with a stack trace of " + trace.length() + " characters";
    }

    /** It is returned, so the message is not acked: it comes again until somebody takes what is republished. */
    private Object republishedToNobody() throws InterruptedException {
        CachingConnectionFactory factory = broker.factory();
        factory.setPublisherConfirmType(ConfirmType.CORRELATED);
        factory.setPublisherReturns(true);
        RabbitTemplate template = new RabbitTemplate(factory);
        template.setMandatory(true);
        RepublishMessageRecovererWithConfirms nobody =
                new RepublishMessageRecovererWithConfirms(template, "", broker.name("nobody"), ConfirmType.CORRELATED);
        Inbox inbox = failing();
        SimpleMessageListenerContainer container = new SimpleMessageListenerContainer(broker.shared());
        container.setReceiveTimeout(100);
        container.setQueueNames(queue.getName());
        container.setMessageListener(inbox);
        container.setAdviceChain(
                RetryInterceptorBuilder.stateless().maxAttempts(1).recoverer(nobody).build());
        broker.start(container);
        broker.template().convertAndSend("", queue.getName(), TEXT);
        until("it again", () -> inbox.all().size() >= 3);
        container.stop();
        factory.destroy();
        until("it is back", () -> broker.waiting(queue.getName()) == 1);
        broker.admin().purgeQueue(queue.getName());
        return "not lost after " + inbox.all().size() + " deliveries";
    }

    private Object stateful() {
        Inbox inbox = failing();
        Advice advice = RetryInterceptorBuilder.stateful()
                .maxAttempts(3)
                .recoverer(new RejectAndDontRequeueRecoverer())
                .build();
        fail(inbox, advice, dead);
        long again = inbox.all().stream().filter(m -> m.getMessageProperties().isRedelivered()).count();
        holds(inbox.all().size() == 3 && again == 2, inbox.all().size() + ", redelivered " + again);
        return "3 deliveries, 2 of them flagged";
    }
}
