package io.tallymq.tally.profile;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.tally.context.Failure;
import io.tallymq.tally.context.Surroundings;
import io.tallymq.tally.output.JsonTree;
import io.tallymq.tally.output.Output;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * {@code ~/.config/tally/profiles.json} (or below XDG_CONFIG_HOME): named clusters and which of them is the default. Written for its owner only;
 * one that others may read is not believed if a password is in it.
 */
public final class ProfileFile {
    private static final Set<PosixFilePermission> OF_OTHERS = PosixFilePermissions.fromString("---rwxrwx");

    private final Path path;

    ProfileFile(Path path) {
        this.path = path;
    }

    public static ProfileFile of(Surroundings surroundings) {
        String config = surroundings.variable("XDG_CONFIG_HOME");
        String home = surroundings.variable("HOME");
        Path base = config != null
                ? Path.of(config)
                : Path.of(home == null ? System.getProperty("user.home") : home, ".config");
        return new ProfileFile(base.resolve("tally").resolve("profiles.json"));
    }

    public Path path() {
        return path;
    }

    private ObjectNode read() {
        if (!Files.exists(path)) {
            return Output.object();
        }
        try {
            JsonNode root = JsonTree.parse(Files.readString(path));
            if (root instanceof ObjectNode object) {
                return object;
            }
            throw Failure.usage(path + " is no JSON object: mend it or delete it");
        } catch (JsonProcessingException e) {
            throw Failure.usage(
                    path + " is no JSON, line " + e.getLocation().getLineNr() + ": " + e.getOriginalMessage());
        } catch (IOException e) {
            throw Failure.usage(path + " can not be read: " + e.getMessage());
        }
    }

    /** By their names. */
    public Map<String, Profile> all() {
        Map<String, Profile> all = new TreeMap<>();
        read().path("clusters").properties().forEach(e -> all.put(e.getKey(), profile(e.getValue())));
        if (all.values().stream().anyMatch(p -> p.password() != null)) {
            requirePrivate();
        }
        return all;
    }

    private void requirePrivate() {
        try {
            Set<PosixFilePermission> may = Files.getPosixFilePermissions(path);
            if (may.stream().anyMatch(OF_OTHERS::contains)) {
                throw Failure.usage(path + " holds a password and others may read it: chmod 600 " + path);
            }
        } catch (UnsupportedOperationException e) {
            return; // no such rights here
        } catch (IOException e) {
            throw Failure.usage(path + " can not be read: " + e.getMessage());
        }
    }

    /** Null if none is. */
    public String defaultName() {
        return text(read(), "default");
    }

    private static Profile profile(JsonNode node) {
        return new Profile(
                texts(node, "addresses"),
                texts(node, "amqp"),
                text(node, "user"),
                text(node, "password"),
                text(node, "vhost"),
                text(node, "ca"));
    }

    private static String text(JsonNode node, String field) {
        return node.path(field).textValue();
    }

    private static List<String> texts(JsonNode node, String field) {
        List<String> texts = new ArrayList<>();
        node.path(field).forEach(t -> texts.add(t.asText()));
        return texts;
    }

    /** Adds one, or puts it in the place of one; the first one is the default. */
    public void put(String name, Profile profile) {
        ObjectNode root = read();
        ObjectNode node = root.withObjectProperty("clusters").putObject(name);
        addAll(node.putArray("addresses"), profile.addresses());
        if (!profile.amqp().isEmpty()) {
            addAll(node.putArray("amqp"), profile.amqp());
        }
        putKnown(node, "user", profile.user());
        putKnown(node, "password", profile.password());
        putKnown(node, "vhost", profile.vhost());
        putKnown(node, "ca", profile.ca());
        if (!root.has("default")) {
            root.put("default", name);
        }
        write(root);
    }

    private static void addAll(ArrayNode array, List<String> texts) {
        texts.forEach(array::add);
    }

    private static void putKnown(ObjectNode node, String field, String value) {
        if (value != null) {
            node.put(field, value);
        }
    }

    public void remove(String name) {
        require(name);
        ObjectNode root = read();
        root.withObjectProperty("clusters").remove(name);
        if (name.equals(text(root, "default"))) {
            root.remove("default");
        }
        write(root);
    }

    public void setDefault(String name) {
        require(name);
        write(read().put("default", name));
    }

    /** @throws Failure if there is none of that name */
    public Profile require(String name) {
        Map<String, Profile> all = all();
        Profile profile = all.get(name);
        if (profile == null) {
            String there = all.isEmpty() ? "there is none" : "there is " + String.join(", ", all.keySet());
            throw Failure.usage("no cluster '" + name + "' in " + path + " (" + there + "): see tally profiles --help");
        }
        return profile;
    }

    private void write(ObjectNode root) {
        try {
            Files.createDirectories(path.getParent());
            Path next = Files.createTempFile(path.getParent(), "profiles", ".new", ownersOnly());
            Files.writeString(next, root.toPrettyString() + "\n");
            Files.move(next, path, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw Failure.usage(path + " can not be written: " + e.getMessage());
        }
    }

    private static FileAttribute<?>[] ownersOnly() {
        boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
        return posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }
}
