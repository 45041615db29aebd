package io.tallymq.tally.context;

import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Function;

/**
 * What a process is given, so that a test can give something else.
 *
 * @param prompt asks who sits there for a password without showing it; returns null if nobody does
 */
public record Surroundings(
        Map<String, String> environment,
        InputStream in,
        StandardOutput out,
        PrintStream err,
        Function<String, char[]> prompt) {
    /** Those of this process; texts are UTF-8. */
    public static Surroundings ofProcess() {
        return new Surroundings(
                System.getenv(),
                System.in,
                new StandardOutput(new FileOutputStream(FileDescriptor.out)),
                new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
                Surroundings::ask);
    }

    private static char[] ask(String question) {
        Console console = System.console();
        return console == null ? null : console.readPassword("%s", question);
    }

    /** Null for a variable that is not set or empty. */
    public String variable(String name) {
        String value = environment.get(name);
        return value == null || value.isEmpty() ? null : value;
    }

    /** What this program is called by who started it, before what it says went wrong. */
    public String name() {
        String name = variable("TALLY_AS");
        return name == null ? "tally" : name;
    }
}
