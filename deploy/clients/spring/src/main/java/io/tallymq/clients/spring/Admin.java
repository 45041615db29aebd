package io.tallymq.clients.spring;

import static io.tallymq.clients.spring.PassFail.holds;
import static io.tallymq.clients.spring.PassFail.until;

import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.springframework.amqp.AmqpIOException;
import org.springframework.amqp.core.Binding;
import org.springframework.amqp.core.BindingBuilder;
import org.springframework.amqp.core.Declarables;
import org.springframework.amqp.core.DirectExchange;
import org.springframework.amqp.core.HeadersExchange;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.core.QueueBuilder;
import org.springframework.amqp.core.TopicExchange;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.core.RabbitAdmin;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.context.support.GenericApplicationContext;

/** What RabbitAdmin declares, and declares again with each new connection. */
final class Admin {
    private final SpringBroker broker;
    private final Queue queue;
    private final TopicExchange topic;

    private Admin(SpringBroker broker) {
        this.broker = broker;
        this.queue = QueueBuilder.durable(broker.name("admin")).quorum().deliveryLimit(5).build();
        this.topic = new TopicExchange(broker.name("topic"));
    }

    static void run(SpringBroker broker, PassFail report) {
        Admin admin = new Admin(broker);
        report.check("admin: declares at connect, and again", admin::declares);
        report.check("admin: redeclares what went with a connection", admin::redeclares);
        report.check("admin: otherwise than it is", admin::inequivalent);
        report.check("admin: exchanges to exchanges, headers, unbind", admin::exchanges);
        report.check("admin: what it tells of a queue", admin::tells);
        broker.admin().deleteQueue(admin.queue.getName());
        broker.admin().deleteExchange(admin.topic.getName());
    }

    /** A context's admin that declares these as soon as there is a connection. */
    private static GenericApplicationContext context(CachingConnectionFactory factory, Declarables declarables) {
        GenericApplicationContext context = new GenericApplicationContext();
        context.registerBean("declarables", Declarables.class, () -> declarables);
        context.registerBean("admin", RabbitAdmin.class, () -> new RabbitAdmin(factory));
        context.refresh();
        return context;
    }

    private Object declares() {
        Binding binding = BindingBuilder.bind(queue).to(topic).with("orders.#");
        Declarables all = new Declarables(queue, topic, binding);
        for (int i = 0; i < 3; i++) {
            CachingConnectionFactory factory = broker.factory();
            try (GenericApplicationContext context = context(factory, all)) {
                factory.createConnection();
                new RabbitTemplate(factory).convertAndSend(topic.getName(), "orders.new", "order " + i);
            }
            factory.destroy();
        }
        RabbitTemplate template = broker.template();
        for (int i = 0; i < 3; i++) {
            Object got = template.receiveAndConvert(queue.getName(), SpringBroker.WAIT_MILLIS);
            holds(("order " + i).equals(got), got);
        }
        return "three times, one queue";
    }

    /** An exclusive queue goes with its connection; the next connection has it again, with its binding. */
    private Object redeclares() throws InterruptedException {
        Queue own = new Queue(broker.name("own"), false, true, true);
        Declarables all = new Declarables(topic, own, BindingBuilder.bind(own).to(topic).with("own"));
        CachingConnectionFactory factory = broker.factory();
        try (GenericApplicationContext context = context(factory, all)) {
            RabbitTemplate template = new RabbitTemplate(factory);
            template.convertAndSend(topic.getName(), "own", "before");
            factory.resetConnection();
            template.convertAndSend(topic.getName(), "own", "after");
            Object got = template.receiveAndConvert(own.getName(), SpringBroker.WAIT_MILLIS);
            holds("after".equals(got), got);
        } finally {
            factory.destroy();
        }
        until("the queue's end", () -> broker.admin().getQueueInfo(own.getName()) == null);
        return "an exclusive queue, twice";
    }

    private Object inequivalent() {
        Queue other = QueueBuilder.durable(queue.getName()).quorum().deliveryLimit(6).build();
        String told;
        try {
            told = broker.admin().declareQueue(other);
        } catch (AmqpIOException e) {
            told = e.getCause().getCause().getMessage();
        }
        holds(told != null && told.contains("406") && told.contains("x-delivery-limit"), told);
        RabbitAdmin lenient = new RabbitAdmin(broker.shared());
        lenient.setIgnoreDeclarationExceptions(true);
        String declared = lenient.declareQueue(other);
        holds(lenient.getQueueInfo(queue.getName()) != null, "the queue has gone");
        return "406, or ignored: " + declared;
    }

    private Object exchanges() {
        RabbitAdmin admin = broker.admin();
        HeadersExchange headers = new HeadersExchange(broker.name("headers"));
        DirectExchange inner = new DirectExchange(broker.name("inner"), true, true);
        List<Binding> bindings = List.of(
                BindingBuilder.bind(inner).to(headers).whereAll(Map.of("kind", "order", "size", 3)).match(),
                BindingBuilder.bind(queue).to(inner).with("key"));
        admin.declareExchange(headers);
        admin.declareExchange(inner);
        bindings.forEach(admin::declareBinding);
        RabbitTemplate template = broker.template();
        for (int size : List.of(3, 4)) {
            template.convertAndSend(headers.getName(), "key", "size " + size, message -> {
                message.getMessageProperties().setHeader("kind", "order");
                message.getMessageProperties().setHeader("size", size);
                return message;
            });
        }
        Object got = template.receiveAndConvert(queue.getName(), SpringBroker.WAIT_MILLIS);
        holds("size 3".equals(got) && template.receive(queue.getName()) == null, got);
        bindings.forEach(admin::removeBinding);
        admin.deleteExchange(headers.getName());
        return got;
    }

    private Object tells() {
        broker.template().convertAndSend("", queue.getName(), "waits");
        Properties told = broker.admin().getQueueProperties(queue.getName());
        Object count = told.get(RabbitAdmin.QUEUE_MESSAGE_COUNT);
        int purged = broker.admin().purgeQueue(queue.getName());
        holds("1".equals(String.valueOf(count)) && purged == 1, told + ", purged " + purged);
        return told;
    }
}
