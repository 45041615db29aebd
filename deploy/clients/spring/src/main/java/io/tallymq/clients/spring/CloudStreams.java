package io.tallymq.clients.spring;

import static io.tallymq.clients.spring.PassFail.holds;
import static io.tallymq.clients.spring.PassFail.until;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import org.springframework.amqp.core.Message;
import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.cloud.stream.function.StreamBridge;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Spring Cloud Stream's functions over the Rabbit binder: groups, dead letters, what is republished. */
final class CloudStreams {
    private static final int MANY = 100;

    /** The application: its functions remember what they got. */
    @Configuration
    @EnableAutoConfiguration
    static class Application {
        final List<String> shouts = new CopyOnWriteArrayList<>();
        final List<String> first = new CopyOnWriteArrayList<>();
        final List<String> second = new CopyOnWriteArrayList<>();
        final List<String> audit = new CopyOnWriteArrayList<>();
        final List<String> attempts = new CopyOnWriteArrayList<>();

        @Bean
        Function<String, String> upper() {
            return String::toUpperCase;
        }

        @Bean
        Consumer<String> shouts() {
            return shouts::add;
        }

        @Bean
        Consumer<String> first() {
            return first::add;
        }

        @Bean
        Consumer<String> second() {
            return second::add;
        }

        @Bean
        Consumer<String> audit() {
            return audit::add;
        }

        @Bean
        Consumer<String> republishes() {
            return this::fail;
        }

        @Bean
        Consumer<String> rejects() {
            return this::fail;
        }

        private void fail(String text) {
            attempts.add(text);
            throw new IllegalStateException("does not like " + text);
        }
    }

    private final SpringBroker broker;
    private final Application application;
    private final StreamBridge bridge;

    private CloudStreams(SpringBroker broker, ConfigurableApplicationContext context) {
        this.broker = broker;
        this.application = context.getBean(Application.class);
        this.bridge = context.getBean(StreamBridge.class);
    }

    static void run(SpringBroker broker, PassFail report) {
        report.check("cloud stream: an application", () -> {
            try (ConfigurableApplicationContext context = start(broker)) {
                new CloudStreams(broker, context).checks(report);
            }
            clean(broker);
            return "started and stopped";
        });
    }

    private void checks(PassFail report) {
        report.check("cloud stream: a function from one destination to another", this::function);
        report.check("cloud stream: consumer groups", this::groups);
        report.check("cloud stream: republished to the dead letter queue", this::republished);
        report.check("cloud stream: rejected to the dead letter queue", this::rejected);
        report.check("cloud stream: a required group's queue before it has consumers", this::required);
    }

    private static ConfigurableApplicationContext start(SpringBroker broker) {
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("spring.rabbitmq.addresses", broker.addresses());
        properties.put("spring.rabbitmq.username", broker.user());
        properties.put("spring.rabbitmq.password", broker.password());
        properties.put("spring.rabbitmq.virtual-host", broker.vhost());
        properties.put("spring.cloud.function.definition", "upper;shouts;first;second;audit;republishes;rejects");
        bind(properties, "upper-in-0", broker.name("words"), "upper");
        bind(properties, "upper-out-0", broker.name("shouts"), null);
        bind(properties, "shouts-in-0", broker.name("shouts"), null); // an anonymous group: a queue of its own
        bind(properties, "first-in-0", broker.name("orders"), "workers");
        bind(properties, "second-in-0", broker.name("orders"), "workers");
        bind(properties, "audit-in-0", broker.name("orders"), "audit");
        bind(properties, "republishes-in-0", broker.name("republishes"), "group");
        bind(properties, "rejects-in-0", broker.name("rejects"), "group");
        String rabbit = "spring.cloud.stream.rabbit.bindings.";
        properties.put(rabbit + "first-in-0.consumer.quorum.enabled", true);
        properties.put(rabbit + "second-in-0.consumer.quorum.enabled", true);
        for (String failing : List.of("republishes", "rejects")) {
            properties.put(rabbit + failing + "-in-0.consumer.auto-bind-dlq", true);
            properties.put(rabbit + failing + "-in-0.consumer.republish-to-dlq", failing.equals("republishes"));
            properties.put("spring.cloud.stream.bindings." + failing + "-in-0.consumer.max-attempts", 2);
            properties.put("spring.cloud.stream.bindings." + failing + "-in-0.consumer.back-off-initial-interval", 20);
        }
        properties.put("spring.cloud.stream.bindings.late.producer.required-groups", "late");
        properties.put("spring.cloud.stream.bindings.late.destination", broker.name("late"));
        return new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .bannerMode(Banner.Mode.OFF)
                .registerShutdownHook(false)
                .properties(properties)
                .run();
    }

    private static void bind(Map<String, Object> properties, String binding, String destination, String group) {
        String prefix = "spring.cloud.stream.bindings." + binding;
        properties.put(prefix + ".destination", destination);
        if (group != null) {
            properties.put(prefix + ".group", group);
        }
    }

    private Object function() throws InterruptedException {
        for (int i = 0; i < MANY; i++) {
            bridge.send(broker.name("words"), "word " + i);
        }
        until("the shouts", () -> application.shouts.size() == MANY);
        holds(application.shouts.contains("WORD 99"), application.shouts);
        return MANY + " words";
    }

    private Object groups() throws InterruptedException {
        for (int i = 0; i < MANY; i++) {
            bridge.send(broker.name("orders"), "order " + i);
        }
        until("all orders", () -> application.audit.size() == MANY
                && application.first.size() + application.second.size() == MANY);
        HashSet<String> both = new HashSet<>(application.first);
        both.addAll(application.second);
        holds(both.size() == MANY, both.size());
        return application.first.size() + " and " + application.second.size() + " in one group, " + application.audit.size()
                + " in the other";
    }

    private Message fail(String destination) throws InterruptedException {
        application.attempts.clear();
        bridge.send(broker.name(destination), "failure");
        Message letter = broker.template().receive(broker.name(destination) + ".group.dlq", SpringBroker.WAIT_MILLIS);
        holds(letter != null, "no dead letter after " + application.attempts.size() + " attempts");
        holds(application.attempts.size() == 2, application.attempts.size() + " attempts");
        return letter;
    }

    private Object republished() throws InterruptedException {
        Message letter = fail("republishes");
        Object header = letter.getMessageProperties().getHeader("x-exception-stacktrace");
        String trace = String.valueOf(header); // a long one is no String
        String exchange = letter.getMessageProperties().getHeader("x-original-exchange");
        holds(trace.contains("does not like") && broker.name("republishes").equals(exchange), letter);
        return "2 attempts, a stack trace of " + trace.length() + " characters";
    }

    private Object rejected() throws InterruptedException {
        Message letter = fail("rejects");
        Map<String, ?> death = letter.getMessageProperties().getXDeathHeader().get(0);
        holds("rejected".equals(death.get("reason")), death);
        return "2 attempts, " + death.get("reason");
    }

    private Object required() {
        bridge.send("late", "early");
        Object got = broker.template().receiveAndConvert(broker.name("late") + ".late", SpringBroker.WAIT_MILLIS);
        holds(got != null, "nothing waits for the group");
        return "it waits there";
    }

    /** What the binder declares stays. */
    private static void clean(SpringBroker broker) {
        for (String queue : List.of("words.upper", "orders.workers", "orders.audit", "republishes.group", "republishes.group.dlq", "rejects.group",
                "rejects.group.dlq", "late.late")) {
            broker.admin().deleteQueue(broker.name(queue));
        }
        for (String exchange : List.of("words", "shouts", "orders", "republishes", "rejects", "late")) {
            broker.admin().deleteExchange(broker.name(exchange));
        }
    }
}
