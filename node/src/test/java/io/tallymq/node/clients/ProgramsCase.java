package io.tallymq.node.clients;

import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The programs below deploy that use other people's libraries and tools, as they are, against a cluster of three. Each prints what held and what did not. */
abstract class ProgramsCase {
    @TempDir
    static Path dir;

    static ThreeNodes cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = new ThreeNodes(dir);
    }

    @AfterAll
    static void stop() {
        cluster.close();
        assertNull(cluster.fatal());
    }

    /** Runs the program with the URIs of so many nodes, and returns its lines that begin with PASS. */
    static List<String> run(List<String> program, int nodes) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(program);
        for (int node = 0; node < nodes; node++) {
            command.addAll(List.of("--uri", cluster.uri(node)));
        }
        return Programs.run(command, dir);
    }
}
