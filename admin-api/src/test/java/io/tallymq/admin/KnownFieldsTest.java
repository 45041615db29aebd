package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Fields of RabbitMQ's that the state knows are told, and left out where it does not. Over a real broker. */
class KnownFieldsTest {
    private AccessFixture on;

    @BeforeEach
    void start() throws IOException {
        on = new AccessFixture();
        on.permit("root", "/", ".*", ".*", ".*");
    }

    @AfterEach
    void stop() {
        on.close();
    }

    @Test
    void whatAQueueGoesByIsTold() {
        on.put(201, "/api/queues/%2F/plain", "{}");
        on.put(201, "/api/queues/%2F/none", "{\"arguments\":{\"x-queue-type\":\"quorum\"}}");
        on.put(201, "/api/queues/%2F/declared", "{\"arguments\":{\"x-queue-type\":\"quorum\",\"x-delivery-limit\":7}}");
        on.put(
                201,
                "/api/policies/%2F/p",
                "{\"pattern\":\"^declared$\",\"apply-to\":\"quorum_queues\",\"definition\":{\"delivery-limit\":5}}");
        assertFalse(on.json("/api/queues/%2F/plain").has("delivery_limit"));
        assertEquals(-1, on.json("/api/queues/%2F/none").get("delivery_limit").asInt());
        while (on.json("/api/queues/%2F/declared").get("policy").isNull()) {
            Thread.onSpinWait(); // queues that are there go by it within some entries
        }
        JsonNode limited = on.json("/api/queues?columns=name,delivery_limit&name=declared");
        assertEquals("[{\"name\":\"declared\",\"delivery_limit\":5}]", limited.toString());
    }

    /** All messages of replicated queues are on disk; of others nobody counts what publishers said. */
    @Test
    void messagesOnDiskAreToldWhereAllAre() {
        on.put(201, "/api/queues/%2F/plain", "{}");
        on.put(201, "/api/queues/%2F/replicated", "{\"arguments\":{\"x-queue-type\":\"quorum\"}}");
        for (String queue : new String[] {"plain", "replicated", "replicated"}) {
            on.send(
                    200,
                    "POST",
                    "/api/exchanges/%2F/amq.default/publish",
                    "{\"routing_key\":\"" + queue + "\",\"payload\":\"four\"}");
        }
        assertFalse(on.json("/api/queues/%2F/plain").has("messages_persistent"));
        JsonNode q = on.json("/api/queues/%2F/replicated");
        assertEquals(2, q.get("messages_persistent").asInt());
        assertEquals(8, q.get("message_bytes_persistent").asInt());
    }

    /** RabbitMQ's churn of queues: a declare of one that is there is one, too. */
    @Test
    void queuesThatCameAndWentAreCounted() {
        on.put(201, "/api/queues/%2F/a", "{}");
        on.put(204, "/api/queues/%2F/a", "{}");
        on.put(400, "/api/queues/%2F/a", "{\"durable\":false}");
        on.put(201, "/api/queues/%2F/b", "{}");
        on.delete(204, "/api/queues/%2F/a");
        JsonNode churn = on.json("/api/overview").get("churn_rates");
        assertEquals(3, churn.get("queue_declared").asInt());
        assertEquals(2, churn.get("queue_created").asInt());
        assertEquals(1, churn.get("queue_deleted").asInt());
    }

    /** RabbitMQ keeps them among the global parameters. */
    @Test
    void tagsOfTheClusterAreTold() {
        on.put(201, "/api/global-parameters/cluster_tags", "{\"value\":{\"region\":\"eu\"}}");
        assertEquals(
                "{\"region\":\"eu\"}",
                on.json("/api/overview").get("cluster_tags").toString());
    }
}
