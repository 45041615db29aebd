package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.Broker;
import io.tallymq.broker.command.ByUser;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.ScheduleMessage;
import io.tallymq.broker.message.Route;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who may have messages come later, and call them off, by HTTP: who may publish them by AMQP. No tag stands for that. */
class SchedulePermitsTest {
    private static final String JOB = "/api/schedules/%2F/job";

    private AccessFixture on;
    private String ann;
    /** What the admin server hears of the cluster's level; 0: what is so. */
    private volatile int level;
    /** Runs before a command of the admin server comes to the broker. */
    private volatile Consumer<Command> before = command -> {};

    @BeforeEach
    void start() throws IOException {
        on = new AccessFixture(this::between);
        on.permit("root", "/", ".*", ".*", ".*");
        ann = on.user("ann", "management");
        on.permit("ann", "/", "", "^amq\\\\.topic$", "");
    }

    @AfterEach
    void stop() {
        on.close();
    }

    /** The broker, with what the tests let happen between the admin server and it. */
    private Broker between(Broker broker) {
        return (Broker) Proxy.newProxyInstance(
                Broker.class.getClassLoader(), new Class<?>[] {Broker.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("level") && level != 0) {
                        return level;
                    } else if (method.getName().equals("submit")) {
                        before.accept((Command) arguments[0]);
                    }
                    return method.invoke(broker, arguments);
                });
    }

    private static String to(String exchange, String key, String properties) {
        return "{\"exchange\":\"" + exchange + "\",\"routing_key\":\"" + key
                + "\",\"payload\":\"x\",\"delay\":86400000,\"properties\":{" + properties + "}}";
    }

    private void refused(int status, String text, String method, String body, String login) {
        String told = on.send(status, method, JOB, body, login);
        assertTrue(told.contains(text), told);
    }

    @Test
    void oneIsMadeByWhoMayPublishIt() {
        on.send(201, "PUT", JOB, to("amq.topic", "k", ""), ann);
        on.send(204, "PUT", JOB, to("amq.topic", "k", ""), ann);
        on.send(204, "DELETE", JOB, "", ann);
        refused(403, "write access to exchange 'amq.fanout'", "PUT", to("amq.fanout", "k", ""), ann);
        refused(403, "write access to exchange 'amq.default'", "PUT", to("", "k", ""), ann);
        on.get(404, JOB);
    }

    @Test
    void anAdministratorNeedsTheRightsToo() {
        on.permit("root", "/", ".*", "", ".*");
        refused(403, "write access to exchange 'amq.topic'", "PUT", to("amq.topic", "k", ""), Admin.ROOT_LOGIN);
        on.send(201, "PUT", JOB, to("amq.topic", "k", ""), ann);
        refused(403, "write access to exchange 'amq.topic'", "DELETE", "", Admin.ROOT_LOGIN);
        assertEquals(1, on.json("/api/schedules").size());
    }

    @Test
    void topicsAreLookedAt() {
        on.put(201, "/api/topic-permissions/%2F/ann", "{\"exchange\":\"amq.topic\",\"write\":\"^a\",\"read\":\"\"}");
        on.send(201, "PUT", JOB, to("amq.topic", "a", ""), ann);
        refused(403, "write access to topic 'b'", "PUT", to("amq.topic", "b", ""), ann);
        on.send(204, "PUT", JOB, to("amq.topic", "b", ""), Admin.ROOT_LOGIN);
        refused(403, "write access to topic 'b'", "DELETE", "", ann);
        refused(403, "write access to topic 'b'", "PUT", to("amq.topic", "a", ""), ann);
    }

    @Test
    void anothersIsNotTakenAway() {
        on.send(201, "PUT", JOB, to("amq.fanout", "k", ""), Admin.ROOT_LOGIN);
        refused(403, "write access to exchange 'amq.fanout'", "PUT", to("amq.topic", "k", ""), ann);
        refused(403, "write access to exchange 'amq.fanout'", "DELETE", "", ann);
        assertEquals("amq.fanout", on.json(JOB).get("exchange").asText());
    }

    /** The look of the admin server finds none; the broker finds the one that came meanwhile. */
    @Test
    void nobodyIsFasterThanTheLook() {
        before = command -> {
            if (command instanceof ByUser b && b.command() instanceof ScheduleMessage s) {
                var others = new ScheduleMessage(new Route("/", "amq.fanout", "k"), s.id(), s.due(), s.record());
                on.broker.submit(others).orTimeout(30, TimeUnit.SECONDS).join();
            }
        };
        refused(403, "write access to exchange 'amq.fanout'", "PUT", to("amq.topic", "k", ""), ann);
        assertEquals("amq.fanout", on.json(JOB).get("exchange").asText());
    }

    /** Where the broker does not look again. */
    @Test
    void clustersOfLowerLevelsAskForAnAdministrator() {
        level = ByUser.LEVEL - 1;
        refused(403, "needs the tag administrator", "PUT", to("amq.topic", "k", ""), ann);
        on.send(201, "PUT", JOB, to("amq.topic", "k", ""), Admin.ROOT_LOGIN);
        refused(403, "needs the tag administrator", "DELETE", "", ann);
        on.send(204, "DELETE", JOB, "", Admin.ROOT_LOGIN);
    }

    @Test
    void aMessageBearsItsUsersName() {
        refused(400, "authenticated user was 'ann'", "PUT", to("amq.topic", "k", "\"user_id\":\"bob\""), ann);
        refused(
                400,
                "authenticated user was 'root'",
                "PUT",
                to("amq.topic", "k", "\"user_id\":\"bob\""),
                Admin.ROOT_LOGIN);
        on.send(201, "PUT", JOB, to("amq.topic", "k", "\"user_id\":\"ann\""), ann);
        String may = on.user("may", "management,impersonator");
        on.permit("may", "/", "", ".*", "");
        on.send(204, "PUT", JOB, to("amq.topic", "k", "\"user_id\":\"bob\""), may);
    }

    @Test
    void whoHasNoTagOrNoVhostMayNot() {
        String plain = on.user("bob", "");
        on.permit("bob", "/", ".*", ".*", ".*");
        on.send(403, "PUT", JOB, to("amq.topic", "k", ""), plain);
        on.send(403, "DELETE", JOB, "", plain);
        String away = on.user("away", "management");
        int status = on.admin.put(JOB, to("amq.topic", "k", ""), away).statusCode();
        assertTrue(status == 401 || status == 403 || status == 404, "" + status);
    }
}
