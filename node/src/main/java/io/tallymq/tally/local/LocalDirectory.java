package io.tallymq.tally.local;

import io.tallymq.tally.context.Failure;
import io.tallymq.tally.context.Surroundings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Where a cluster of this machine is kept. */
final class LocalDirectory {
    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "Where everything is kept (default: local-cluster beside README.md, or in this directory).")
    private Path given;

    /** Absolute; need not be there. */
    Path path(Surroundings surroundings) {
        Path path = given != null ? given : usual(surroundings);
        return path.toAbsolutePath().normalize();
    }

    private static Path usual(Surroundings surroundings) {
        Path tree = programs(surroundings).resolve("..").normalize();
        return Files.exists(tree.resolve("pom.xml")) ? tree.resolve("local-cluster") : Path.of("local-cluster");
    }

    /** Where deploy/tallymq is. */
    static Path programs(Surroundings surroundings) {
        String home = surroundings.variable("TALLY_HOME");
        if (home == null) {
            throw Failure.usage("TALLY_HOME is not set: start it by deploy/tally");
        }
        return Path.of(home).toAbsolutePath();
    }

    /** Of a cluster that is there. */
    LocalSettings settings(Surroundings surroundings) {
        Path path = path(surroundings);
        LocalSettings settings = LocalSettings.read(path);
        if (settings == null) {
            throw Failure.usage("there is no cluster in " + path + ": start one with tally local start");
        }
        return settings;
    }

    List<LocalNode> nodes(Surroundings surroundings) {
        List<LocalNode> nodes = new ArrayList<>();
        for (int i = 1; i <= settings(surroundings).nodes(); i++) {
            nodes.add(new LocalNode(path(surroundings), i));
        }
        return nodes;
    }

    /** Makes it if it is not there. */
    Path made(Surroundings surroundings) {
        Path path = path(surroundings);
        try {
            makePrivate(path);
        } catch (IOException e) {
            throw unusable(path);
        }
        if (!Files.isDirectory(path) || !Files.isWritable(path)) {
            throw unusable(path);
        }
        return path;
    }

    /** Messages, logs and a secret are in it. One that is there stays as it is. */
    static void makePrivate(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            return;
        }
        Files.createDirectories(path.getParent());
        if (Files.getFileStore(path.getParent()).supportsFileAttributeView("posix")) {
            Files.createDirectory(
                    path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } else {
            Files.createDirectory(path);
        }
    }

    private static Failure unusable(Path path) {
        return Failure.usage("the directory " + path + " can not be made or written: give another with --dir");
    }
}
