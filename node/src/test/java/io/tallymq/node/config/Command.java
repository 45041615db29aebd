package io.tallymq.node.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** A command line under test and what it printed. */
final class Command {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final ConfigCommand command;

    Command(Map<String, String> environment) {
        command = new ConfigCommand(
                environment,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    ConfigCommand.Outcome outcome(String... args) {
        return command.read(args);
    }

    /** The config of a command line without a mistake. */
    NodeConfig run(String... args) {
        ConfigCommand.Outcome outcome = outcome(args);
        assertEquals("", err());
        return assertInstanceOf(ConfigCommand.Run.class, outcome).config();
    }

    /** What a command line prints that starts nothing and is right. */
    String printed(String... args) {
        assertEquals(new ConfigCommand.Exit(0), outcome(args), this::err);
        return out.toString(StandardCharsets.UTF_8);
    }

    /** The lines about what is wrong. */
    List<String> errors(String... args) {
        assertEquals(new ConfigCommand.Exit(ConfigCommand.EXIT_BAD_CONFIG), outcome(args));
        assertEquals("", out.toString(StandardCharsets.UTF_8));
        return err().lines().toList();
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
