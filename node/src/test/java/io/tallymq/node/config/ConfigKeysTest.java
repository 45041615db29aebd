package io.tallymq.node.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.node.config.value.Parsed;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ConfigKeysTest {

    private static final List<Class<?>> PARTS = List.of(
            NodeKeys.class,
            AmqpKeys.class,
            HttpKeys.class,
            AccessKeys.class,
            RaftKeys.class,
            StoreKeys.class,
            ObserveKeys.class);

    @Test
    void everyKeyIsListed() throws IllegalAccessException {
        Set<Object> declared = new HashSet<>();
        for (Class<?> part : PARTS) {
            for (var field : part.getDeclaredFields()) {
                if (Modifier.isStatic(field.getModifiers()) && field.getType() == Key.class) {
                    declared.add(field.get(null));
                }
            }
        }
        assertEquals(declared, new HashSet<Object>(ConfigKeys.ALL));
        assertEquals(declared.size(), ConfigKeys.ALL.size());
    }

    @Test
    void namesAndVariablesAreUnique() {
        assertEquals(
                ConfigKeys.ALL.size(),
                ConfigKeys.ALL.stream().map(Key::env).distinct().count());
        assertEquals("TALLYMQ_AMQP_MAX_MESSAGE_SIZE", AmqpKeys.MAX_MESSAGE_SIZE.env());
        for (Key<?> key : ConfigKeys.ALL) {
            assertTrue(key.name().matches("[a-z]+(\\.[a-z]+(-[a-z]+)*)"), key.name());
        }
    }

    @Test
    void defaultsAndExamplesAreAccepted() {
        for (Key<?> key : ConfigKeys.ALL) {
            assertInstanceOf(Parsed.Ok.class, key.type().parse(key.example()), key.name());
            if (!key.defaultText().isEmpty()) {
                assertInstanceOf(Parsed.Ok.class, key.type().parse(key.defaultText()), key.name());
            }
        }
    }

    @Test
    void keysAreDocumented() {
        for (Key<?> key : ConfigKeys.ALL) {
            assertTrue(key.description().length() > 10 && key.description().length() <= 110, key.name());
            assertFalse(key.description().contains("\n"), key.name());
        }
    }

    @Test
    void theExampleFileIsWhatTheKeysPrint() throws IOException {
        String example = ConfigHelp.exampleFile();
        assertEquals(
                example,
                Files.readString(Path.of("../deploy/tallymq.conf.example")),
                "run: deploy/tallymq --print-example > deploy/tallymq.conf.example");
    }

    @Test
    void theExampleFileIsAcceptedWithItsCommentsRemoved() throws IOException {
        StringBuilder active = new StringBuilder();
        for (String line : ConfigHelp.exampleFile().lines().toList()) {
            active.append(line.matches("#[a-z]+\\..*") ? line.substring(1) : line)
                    .append('\n');
        }
        long set = active.toString().lines().filter(l -> l.matches("[a-z].*")).count();
        long withDefault = ConfigKeys.ALL.stream()
                .filter(key -> !key.defaultText().isEmpty())
                .count();
        assertEquals(withDefault, set);
        Path file = Files.createTempFile("tallymq", ".conf");
        Files.writeString(file, active);
        Command command = new Command(Map.of());
        assertEquals(
                command.run(),
                new Command(Map.of()).run("--config", file.toString()),
                "the defaults written out mean the same as nothing");
        Files.delete(file);
    }

    /** Whoever adds a key should see at once when one is read by nobody. */
    @Test
    void everyKeyIsReadIntoTheConfig() throws IOException {
        String reader = Files.readString(Path.of("src/main/java/io/tallymq/node/config/ConfigReader.java"));
        for (Class<?> part : PARTS) {
            for (var field : part.getDeclaredFields()) {
                if (field.getType() == Key.class) {
                    String name = part.getSimpleName() + "." + field.getName();
                    assertTrue(reader.contains(name + ")"), name);
                }
            }
        }
    }
}
