package io.tallymq.clients.spring;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.rabbit.connection.AbstractConnectionFactory.AddressShuffleMode;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.core.RabbitAdmin;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.amqp.rabbit.listener.AbstractMessageListenerContainer;

/** The broker that is tried: connections to it, and names that only this run has. */
final class SpringBroker implements AutoCloseable {
    /** How long anything may take that has to come. */
    static final long WAIT_MILLIS = 30_000;

    private final List<URI> uris;
    private final OptionalLong victim;
    private final String run = "spring-check." + UUID.randomUUID().toString().substring(0, 8);
    private final CachingConnectionFactory plain;
    private final RabbitAdmin admin;
    private final List<AbstractMessageListenerContainer> containers = new ArrayList<>();

    SpringBroker(List<String> uris, OptionalLong victim) {
        this.victim = victim;
        this.uris = uris.stream().map(URI::create).toList();
        this.plain = factory();
        this.admin = new RabbitAdmin(plain);
    }

    /** A factory of its own connection, to the first node that answers. */
    CachingConnectionFactory factory() {
        CachingConnectionFactory factory = new CachingConnectionFactory();
        factory.setAddresses(addresses());
        factory.setAddressShuffleMode(AddressShuffleMode.NONE);
        factory.setUsername(user());
        factory.setPassword(password());
        factory.setVirtualHost(vhost());
        return factory;
    }

    /** Kills the process of the first node, if that was wanted. */
    void kill() {
        victim.ifPresent(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
    }

    String addresses() {
        return uris.stream().map(uri -> uri.getHost() + ":" + port(uri)).collect(Collectors.joining(","));
    }

    private static int port(URI uri) {
        return uri.getPort() < 0 ? 5672 : uri.getPort();
    }

    String user() {
        return login()[0];
    }

    String password() {
        return login()[1];
    }

    private String[] login() {
        String login = uris.get(0).getUserInfo();
        return (login == null ? "guest:guest" : login).split(":", 2);
    }

    String vhost() {
        String path = uris.get(0).getRawPath();
        return path == null || path.length() < 2 ? "/" : URLDecoder.decode(path.substring(1), StandardCharsets.UTF_8);
    }

    /** One connection for whatever has no wishes. */
    CachingConnectionFactory shared() {
        return plain;
    }

    RabbitAdmin admin() {
        return admin;
    }

    RabbitTemplate template() {
        return new RabbitTemplate(plain);
    }

    /** Starts it; it is stopped with the check at the latest. */
    <C extends AbstractMessageListenerContainer> C start(C container) {
        container.afterPropertiesSet();
        container.start();
        containers.add(container);
        return container;
    }

    void stopContainers() {
        containers.forEach(AbstractMessageListenerContainer::destroy);
        containers.clear();
    }

    String name(String of) {
        return run + "." + of;
    }

    /** Declares it, and tells its name. */
    String declare(Queue queue) {
        return admin.declareQueue(queue);
    }

    /** How many messages wait in it. */
    long waiting(String queue) {
        return admin.getQueueInfo(queue).getMessageCount();
    }

    @Override
    public void close() {
        plain.destroy();
    }
}
