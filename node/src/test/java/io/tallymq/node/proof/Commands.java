package io.tallymq.node.proof;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs small programs of the operating system. */
final class Commands {
    private static final long TIMEOUT_SECONDS = 300;

    private Commands() {}

    /** Returns what it printed; an exit code other than 0 ends the run. */
    static String run(List<String> command) throws IOException, InterruptedException {
        Path output = Files.createTempFile("command", ".out");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            boolean ended = process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS);
            if (!ended) {
                process.destroyForcibly();
            }
            String printed = Files.readString(output, StandardCharsets.UTF_8);
            if (!ended || process.exitValue() != 0) {
                throw new ProofException(String.join(" ", command) + " failed: " + printed);
            }
            return printed;
        } finally {
            Files.deleteIfExists(output);
        }
    }
}
