package io.tallymq.clients.spring;

import static io.tallymq.clients.spring.PassFail.holds;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.springframework.amqp.core.QueueBuilder;
import org.springframework.amqp.core.QueueBuilder.Overflow;
import org.springframework.amqp.core.ReturnedMessage;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory.ConfirmType;
import org.springframework.amqp.rabbit.connection.CorrelationData;
import org.springframework.amqp.rabbit.connection.CorrelationData.Confirm;
import org.springframework.amqp.rabbit.core.RabbitTemplate;

/** Confirms and returns of a template: what is said of each publish. */
final class SpringConfirms {
    private static final int MANY = 500;

    private final SpringBroker broker;
    private final String queue;

    private SpringConfirms(SpringBroker broker) {
        this.broker = broker;
        this.queue = broker.declare(QueueBuilder.durable(broker.name("confirms")).quorum().build());
    }

    static void run(SpringBroker broker, PassFail report) {
        SpringConfirms confirms = new SpringConfirms(broker);
        CachingConnectionFactory factory = broker.factory();
        factory.setPublisherConfirmType(ConfirmType.CORRELATED);
        factory.setPublisherReturns(true);
        RabbitTemplate template = new RabbitTemplate(factory);
        template.setMandatory(true);
        report.check("confirms: ack", () -> confirms.ack(template));
        report.check("confirms: many", () -> confirms.many(template));
        report.check("confirms: unroutable, mandatory", () -> confirms.returned(template));
        report.check("confirms: a full queue", () -> confirms.full(template));
        report.check("confirms: an exchange that is not there", () -> confirms.noExchange(template));
        report.check("confirms: waitForConfirmsOrDie", confirms::simple);
        factory.destroy();
        broker.admin().deleteQueue(confirms.queue);
    }

    private static CorrelationData send(RabbitTemplate template, String exchange, String key, String body) {
        CorrelationData data = new CorrelationData(body);
        template.convertAndSend(exchange, key, body, data);
        return data;
    }

    private static Confirm of(CorrelationData data) throws Exception {
        return data.getFuture().get(SpringBroker.WAIT_MILLIS, TimeUnit.MILLISECONDS);
    }

    private Object ack(RabbitTemplate template) throws Exception {
        CorrelationData data = send(template, "", queue, "one");
        Confirm confirm = of(data);
        holds(confirm.isAck() && data.getReturned() == null, confirm);
        Object got = broker.template().receiveAndConvert(queue, SpringBroker.WAIT_MILLIS);
        holds("one".equals(got), got);
        return confirm;
    }

    private Object many(RabbitTemplate template) throws Exception {
        List<CorrelationData> all = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            all.add(send(template, "", queue, "m" + i));
        }
        for (CorrelationData data : all) {
            holds(of(data).isAck(), data);
        }
        holds(broker.waiting(queue) == MANY, broker.waiting(queue));
        broker.admin().purgeQueue(queue);
        return MANY + " acks";
    }

    private Object returned(RabbitTemplate template) throws Exception {
        AtomicReference<ReturnedMessage> back = new AtomicReference<>();
        template.setReturnsCallback(back::set);
        CorrelationData data = send(template, "", broker.name("nowhere"), "nobody");
        Confirm confirm = of(data);
        ReturnedMessage returned = data.getReturned();
        holds(confirm.isAck() && returned != null && returned.getReplyCode() == 312, confirm + " " + returned);
        holds(new String(returned.getMessage().getBody()).equals("nobody"), returned);
        holds(back.get() != null && back.get().getReplyCode() == 312, "the template's callback: " + back.get());
        return confirm + ", returned with " + returned.getReplyCode() + " " + returned.getReplyText();
    }

    /** A nack; of a mandatory message the reason comes back before it, which RabbitMQ does not have. */
    private Object full(RabbitTemplate template) throws Exception {
        String full = broker.declare(QueueBuilder.durable(broker.name("full"))
                .maxLength(1L)
                .overflow(Overflow.rejectPublish)
                .build());
        holds(of(send(template, "", full, "one")).isAck(), "the first one was refused");
        CorrelationData refused = send(template, "", full, "two");
        Confirm confirm = of(refused);
        ReturnedMessage reason = refused.getReturned();
        holds(!confirm.isAck() && reason != null && reason.getReplyCode() == 506, confirm + " " + reason);
        RabbitTemplate silent = new RabbitTemplate(template.getConnectionFactory());
        CorrelationData third = send(silent, "", full, "three");
        holds(!of(third).isAck() && third.getReturned() == null, third);
        holds(broker.waiting(full) == 1, broker.waiting(full));
        broker.admin().deleteQueue(full);
        return confirm + ", returned with " + reason.getReplyCode() + " " + reason.getReplyText();
    }

    private Object noExchange(RabbitTemplate template) throws Exception {
        Confirm confirm = of(send(template, broker.name("no-exchange"), "", "lost"));
        holds(!confirm.isAck() && confirm.getReason().contains("404"), confirm);
        return confirm.getReason();
    }

    private Object simple() throws TimeoutException {
        CachingConnectionFactory factory = broker.factory();
        factory.setPublisherConfirmType(ConfirmType.SIMPLE);
        RabbitTemplate template = new RabbitTemplate(factory);
        template.invoke(operations -> {
            for (int i = 0; i < MANY; i++) {
                operations.convertAndSend("", queue, "s" + i);
            }
            operations.waitForConfirmsOrDie(SpringBroker.WAIT_MILLIS);
            return null;
        });
        holds(broker.waiting(queue) == MANY, broker.waiting(queue));
        factory.destroy();
        return MANY + " messages in one scope";
    }
}
