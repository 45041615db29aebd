package io.tallymq.node.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Celery, kombu, and tools that look at RabbitMQ over HTTP. */
class PythonProgramsTest extends ProgramsCase {
    @Test
    void kombu() throws Exception {
        List<String> passed = run(Programs.python("kombu", "kombu", "check.py"), 1);
        assertEquals(7, passed.size(), passed::toString);
    }

    @Test
    void celery() throws Exception {
        List<String> passed = run(Programs.python("celery", "celery", "check.py"), 1);
        assertEquals(16, passed.size(), passed::toString);
    }

    @Test
    void rabbitmqadmin() throws Exception {
        List<String> program = withUrls(Programs.python("pika", "rabbitmqadmin", "check.py"));
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
        List<String> passed = run(withUrls(Programs.python("pika", "monitors", "check.py")), cluster.size());
        assertEquals(8 * cluster.size(), passed.size(), passed::toString);
    }

    /** The command with each node's API. */
    private static List<String> withUrls(List<String> program) {
        List<String> command = new ArrayList<>(program);
        for (int node = 0; node < cluster.size(); node++) {
            command.addAll(List.of("--url", cluster.url(node)));
        }
        return command;
    }
}
