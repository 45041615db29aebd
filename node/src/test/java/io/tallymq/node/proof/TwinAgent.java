package io.tallymq.node.proof;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.ProtectionDomain;

/** Gives a node's process some other classes than its own: those below a directory. Loaded with {@code -javaagent:JAR=DIRECTORY}. */
public final class TwinAgent implements ClassFileTransformer {
    private final Path directory;

    private TwinAgent(Path directory) {
        this.directory = directory;
    }

    /** Called by the JVM before the node's main method. */
    public static void premain(String directory, Instrumentation instrumentation) {
        instrumentation.addTransformer(new TwinAgent(Path.of(directory)));
    }

    @Override
    public byte[] transform(
            ClassLoader loader, String name, Class<?> redefined, ProtectionDomain domain, byte[] classFile) {
        try {
            Path other = name == null ? null : directory.resolve(name + ".class");
            return other != null && Files.exists(other) ? Files.readAllBytes(other) : null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
