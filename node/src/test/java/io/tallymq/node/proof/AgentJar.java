package io.tallymq.node.proof;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** An agent for the JVM of a node, as a jar: the proof's classes are not in the node's class path. */
final class AgentJar {
    private AgentJar() {}

    /** @param files of the agent's package, that of its own class among them */
    static Path write(Path jar, Class<?> agent, List<String> files) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().putValue("Premain-Class", agent.getName());
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
            for (String file : files) {
                out.putNextEntry(new JarEntry(agent.getPackageName().replace('.', '/') + "/" + file));
                try (InputStream in = agent.getResourceAsStream(file)) {
                    in.transferTo(out);
                }
                out.closeEntry();
            }
        }
        return jar;
    }
}
