package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.broker.Broker;
import io.tallymq.broker.change.AlterVhost;
import io.tallymq.broker.change.Change;
import io.tallymq.broker.change.DeleteVhost;
import io.tallymq.broker.change.SetVhost;
import io.tallymq.broker.command.Administer;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.spec.VhostSpec;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Somebody else's change comes between what the admin server has seen and its own, as at another node: both stand. Over a real broker. */
class ChangesTogetherTest {
    private static final String V = "/api/vhosts/v";

    private AccessFixture on;
    /** Before the admin server's next command. */
    private volatile Consumer<Command> before = command -> {};
    /** What the admin server takes for the cluster's; 0 for its own. */
    private volatile int level;

    @BeforeEach
    void start() throws IOException {
        on = new AccessFixture(this::between);
        on.put(201, V, "{\"description\":\"d\",\"tags\":\"x\"}");
    }

    @AfterEach
    void stop() {
        on.close();
    }

    private Broker between(Broker broker) {
        return (Broker) Proxy.newProxyInstance(
                Broker.class.getClassLoader(), new Class<?>[] {Broker.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("level") && level != 0) {
                        return level;
                    } else if (method.getName().equals("submit")) {
                        Consumer<Command> once = before;
                        before = command -> {};
                        once.accept((Command) arguments[0]);
                    }
                    return method.invoke(broker, arguments);
                });
    }

    private void other(Change change) {
        Reply reply = on.broker
                .submit(new Administer("other", "", change))
                .orTimeout(30, TimeUnit.SECONDS)
                .join();
        assertTrue(reply == Reply.OK || reply instanceof Reply.Changed, () -> "not done: " + reply);
    }

    private void otherProtects() {
        before = command -> other(new SetVhost("v", new VhostSpec("d", List.of("x"), "", true)));
    }

    @Test
    void whoDescribesAVirtualHostTakesNoProtectionOff() {
        otherProtects();
        on.put(204, V, "{\"description\":\"another\"}");
        JsonNode now = on.json(V);
        assertEquals("another", now.get("description").asText());
        assertEquals("true", now.get("protected_from_deletion").toString());
        assertEquals("[\"x\"]", now.get("tags").toString());
    }

    @Test
    void whoProtectsAVirtualHostKeepsItsDescription() {
        before = command -> other(new SetVhost("v", new VhostSpec("another", List.of(), "quorum", false)));
        on.send(204, "POST", V + "/deletion/protection", "");
        JsonNode now = on.json(V);
        assertEquals("another", now.get("description").asText());
        assertEquals("quorum", now.get("default_queue_type").asText());
        assertEquals("true", now.get("protected_from_deletion").toString());
    }

    @Test
    void whoProtectsAVirtualHostThatGoesMakesNone() {
        before = command -> {
            other(new DeleteVhost("v"));
            while (on.broker.access().vhost("v") != null) {
                Thread.onSpinWait();
            }
        };
        on.send(404, "POST", V + "/deletion/protection", "");
        on.get(404, V);
    }

    @Test
    void definitionsTakeNoProtectionOff() {
        otherProtects();
        on.send(204, "POST", "/api/definitions", "{\"vhosts\":[{\"name\":\"v\",\"description\":\"another\"}]}");
        JsonNode now = on.json(V);
        assertEquals("another", now.get("description").asText());
        assertEquals("true", now.get("protected_from_deletion").toString());
    }

    /** Their logs have no such command: the change is made of what the node has seen. */
    @Test
    void clustersOfLowerLevelsAreToldTheWhole() {
        level = AlterVhost.LEVEL - 1;
        before = command -> assertTrue(((Administer) command).change() instanceof SetVhost, command::toString);
        on.put(204, V, "{\"protected_from_deletion\":true}");
        assertEquals("d", on.json(V).get("description").asText());
        assertEquals("true", on.json(V).get("protected_from_deletion").toString());
        String limits = "/api/parameters/vhost-limits/v/limits";
        on.put(201, limits, "{\"value\":{\"max-queues\":6}}");
        on.put(400, limits, "{\"value\":{\"max-connections\":0,\"max-qeues\":5}}");
        assertEquals(
                "{\"max-queues\":6}",
                on.json("/api/vhost-limits/v").at("/0/value").toString());
        on.put(204, limits, "{\"value\":{\"max-connections\":7}}");
        assertEquals(
                "{\"max-connections\":7}",
                on.json("/api/vhost-limits/v").at("/0/value").toString());
    }
}
