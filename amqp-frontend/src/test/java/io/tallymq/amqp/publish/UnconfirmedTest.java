package io.tallymq.amqp.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.tallymq.amqp.session.TestServer;
import io.tallymq.broker.Broker;
import io.tallymq.broker.Session;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** The broker knows who publishes without confirms: he waits for nothing, and has less room. */
class UnconfirmedTest {
    private final List<Object> told = new CopyOnWriteArrayList<>();

    private Broker noted(Broker broker) {
        return proxy(Broker.class, broker, session -> proxy(Session.class, session, s -> s));
    }

    private interface Wrap {
        Session wrap(Session session);
    }

    private <T> T proxy(Class<T> type, T of, Wrap wrap) {
        InvocationHandler handler = (self, method, args) -> {
            if (method.getName().equals("publishesUnconfirmed")) {
                told.add(args[0]);
            }
            try {
                Object result = method.invoke(of, args);
                return result instanceof Session s ? wrap.wrap(s) : result;
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        };
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    @Test
    void isToldWhenItChanges() throws Exception {
        try (TestServer server = new TestServer(TestServer.defaults(), this::noted);
                Connection c = server.connect()) {
            Channel confirmed = c.createChannel();
            confirmed.confirmSelect();
            confirmed.basicPublish("", "nowhere", null, new byte[1]);
            confirmed.waitForConfirmsOrDie(60_000);
            assertEquals(List.of(), told);
            Channel unconfirmed = c.createChannel();
            unconfirmed.basicPublish("", "nowhere", null, new byte[1]);
            unconfirmed.basicPublish("", "nowhere", null, new byte[1]);
            unconfirmed.confirmSelect();
            assertEquals(List.of(true), told);
            unconfirmed.basicPublish("", "nowhere", null, new byte[1]);
            unconfirmed.waitForConfirmsOrDie(60_000);
            assertEquals(List.of(true, false), told);
            Channel tx = c.createChannel();
            tx.txSelect();
            tx.basicPublish("", "nowhere", null, new byte[1]);
            tx.txCommit();
            assertEquals(List.of(true, false), told, "a commit says what became of it");
        }
    }
}
