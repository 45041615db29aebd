package io.tallymq.tally;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.tally.context.Failure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertsCommandTest {
    @TempDir
    private Path dir;

    private Typed.Said certs(String... more) {
        String[] args = new String[more.length + 3];
        System.arraycopy(new String[] {"certs", "--dir", dir.resolve("c").toString()}, 0, args, 0, 3);
        System.arraycopy(more, 0, args, 3, more.length);
        return Typed.nowhere().run(args);
    }

    @Test
    void certificatesForTwoNodes() {
        String out = certs("n1=10.0.0.1", "n2=10.0.0.2,broker-2.example").ok().out();
        assertTrue(out.contains("n2.pem for 10.0.0.2, broker-2.example"), out);
        for (String file : List.of("ca.pem", "ca-key.pem", "n1.pem", "n1-key.pem", "n2.pem", "n2-key.pem")) {
            assertTrue(Files.exists(dir.resolve("c").resolve(file)), file);
        }
        certs("n1=10.0.0.1").refused(Failure.REFUSED, "n1.pem is there already");
    }

    @Test
    void scriptsGetOneDocument() {
        JsonNode made = certs("--json", "n1=10.0.0.1").ok().json().path("made");
        assertEquals("ca", made.path(0).path("name").asText());
        assertTrue(Files.exists(Path.of(made.path(1).path("key").asText())), made::toString);
        assertEquals(0, certs("--json", "n1=10.0.0.1").json().path("made").size());
    }

    @Test
    void wrongUse() {
        certs().refused(Failure.USAGE, "NODE=HOST");
        certs("n1").refused(Failure.USAGE, "'n1' is not NODE=HOST");
        certs("n1=a", "n1=b").refused(Failure.USAGE, "named twice");
        certs("--days", "0", "n1=a").refused(Failure.USAGE, "--days has to be 1 to");
        assertTrue(Files.notExists(dir.resolve("c")));
    }
}
