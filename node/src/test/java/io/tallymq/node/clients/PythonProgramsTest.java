package io.tallymq.node.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** Celery, kombu, receipts, and tools that look at RabbitMQ over HTTP. */
class PythonProgramsTest extends ProgramsCase {
    /** What had no answer is published again by its name, and is there once, also if a node goes meanwhile. */
    @Test
    void pikaReceipts() throws Exception {
        String python = python("pika");
        assumeTrue(python != null, "there is no python3 with pika");
        cluster.awaitLevel();
        List<String> program = List.of(python, client("receipts", "pika_receipts.py"));
        CompletableFuture<List<String>> passed = CompletableFuture.supplyAsync(() -> {
            try {
                return run(program, cluster.size());
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        while (!passed.isDone() && published() < 2_000) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
        assertFalse(passed.isDone(), "it is over before a node goes");
        cluster.stop(0);
        try {
            assertEquals(5, passed.get().size(), passed::toString);
        } finally {
            cluster.restart(0);
        }
    }

    /** What waits in the queue of that program. */
    private static int published() throws Exception {
        int n = 0;
        for (JsonNode queue : new ObjectMapper().readTree(cluster.get(2, "/api/queues"))) {
            n += queue.get("name").asText().startsWith("receipts-")
                    ? queue.get("messages").asInt()
                    : 0;
        }
        return n;
    }

    @Test
    void kombu() throws Exception {
        String python = python("kombu");
        assumeTrue(python != null, "there is no python3 with kombu");
        List<String> passed = run(List.of(python, client("kombu", "check.py")), 1);
        assertEquals(7, passed.size(), passed::toString);
    }

    @Test
    void celery() throws Exception {
        String python = python("celery");
        assumeTrue(python != null, "there is no python3 with celery");
        List<String> passed = run(List.of(python, client("celery", "check.py")), 1);
        assertEquals(16, passed.size(), passed::toString);
    }

    @Test
    void rabbitmqadmin() throws Exception {
        String python = python("pika");
        assumeTrue(python != null, "there is no python3 with pika");
        List<String> program = withUrls(python, client("rabbitmqadmin", "check.py"));
        boolean all = Boolean.getBoolean("tallymq.long"); // at each node: half a minute more
        if (!all) {
            program.add("--first");
        }
        List<String> passed = run(program, cluster.size());
        assertTrue(passed.size() >= 100 * (all ? cluster.size() : 1), () -> passed.size() + " passed");
    }

    /** What KEDA and Flower ask. */
    @Test
    void monitors() throws Exception {
        String python = python("pika");
        assumeTrue(python != null, "there is no python3 with pika");
        List<String> passed = run(withUrls(python, client("monitors", "check.py")), cluster.size());
        assertEquals(8 * cluster.size(), passed.size(), passed::toString);
    }

    /** The command with each node's API. */
    private static List<String> withUrls(String... program) {
        List<String> command = new ArrayList<>(List.of(program));
        for (int node = 0; node < cluster.size(); node++) {
            command.addAll(List.of("--url", cluster.url(node)));
        }
        return command;
    }
}
