package io.tallymq.node.deploy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs a program of {@code deploy/} and keeps what came of it. */
record Script(int exitCode, String output) {
    private static final long LIMIT_SECONDS = 120;

    static Script run(Map<String, String> environment, String script, String... args) {
        List<String> command = new ArrayList<>();
        command.add(Path.of("..", "deploy", script).toString());
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("TALLYMQ_"));
        builder.environment().putAll(environment);
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(command + " did not end; it printed:\n" + output);
            }
            return new Script(process.exitValue(), output);
        } catch (IOException e) {
            throw new AssertionError(command + " can not be run", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
