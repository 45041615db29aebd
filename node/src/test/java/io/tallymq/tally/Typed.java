package io.tallymq.tally;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tallymq.tally.context.StandardOutput;
import io.tallymq.tally.context.Surroundings;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** Somebody who types commands: what the environment holds, what is typed into them, and what came of the last one. */
final class Typed {
    /** What a command said, and its exit code. */
    record Said(int code, String out, String err) {
        /** Itself, if it went well. */
        Said ok() {
            assertEquals(0, code, this::toString);
            return this;
        }

        /** Refused, with this in what it said. */
        Said refused(int expected, String reason) {
            assertEquals(expected, code, this::toString);
            assertTrue(err.contains(reason), this::toString);
            return this;
        }

        JsonNode json() {
            try {
                return new ObjectMapper().readTree(out);
            } catch (JsonProcessingException e) {
                throw new AssertionError("no JSON: " + this, e);
            }
        }
    }

    private final Map<String, String> environment = new TreeMap<>(Map.of("HOME", "/nonexistent"));
    private InputStream in = InputStream.nullInputStream();
    private Function<String, char[]> prompt = question -> null;

    static Typed nowhere() {
        return new Typed();
    }

    static Typed at(TallyNode node) {
        return nowhere().with("TALLY_ADDRESS", node.address());
    }

    Typed with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    Typed typing(String text) {
        in = new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    Typed reading(InputStream stream) {
        in = stream;
        return this;
    }

    Typed asked(Function<String, char[]> answer) {
        prompt = answer;
        return this;
    }

    Said run(String... args) {
        var out = new ByteArrayOutputStream();
        return run(out, out, args);
    }

    /** As if the standard output were this. */
    Said into(OutputStream to, String... args) {
        return run(to, new ByteArrayOutputStream(), args);
    }

    private Said run(OutputStream to, ByteArrayOutputStream out, String... args) {
        var err = new ByteArrayOutputStream();
        int code = TallyMain.run(new Surroundings(environment, in, new StandardOutput(to), stream(err), prompt), args);
        return new Said(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    private static PrintStream stream(ByteArrayOutputStream to) {
        return new PrintStream(to, true, StandardCharsets.UTF_8);
    }
}
