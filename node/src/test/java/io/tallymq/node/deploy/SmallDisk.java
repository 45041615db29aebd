package io.tallymq.node.deploy;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A real file system of a few MiB, in a mount namespace of its own that ends with it, or with this process. Needs root: without, the
 * test is skipped.
 */
final class SmallDisk implements AutoCloseable {
    private static final int BLOCK = 64 << 10;

    private final Process holder;
    /** Where it is seen from outside. */
    private final Path root;

    /** @param mountPoint an empty directory; what is mounted there is seen by what {@link #enter}s only */
    SmallDisk(Path mountPoint, int mib) throws IOException {
        String script = "mount -t tmpfs -o size=" + mib + "m tmpfs \"$0\" && echo mounted && exec cat";
        holder = new ProcessBuilder("unshare", "--mount", "bash", "-c", script, mountPoint.toString())
                .redirectErrorStream(true)
                .start();
        String said =
                new BufferedReader(new InputStreamReader(holder.getInputStream(), StandardCharsets.UTF_8)).readLine();
        root = Path.of("/proc/" + holder.pid() + "/root" + mountPoint);
        assumeTrue("mounted".equals(said) && Files.isWritable(root), "no file system can be made here: " + said);
    }

    /** Shell command that runs what follows where the file system is seen. */
    String enter() {
        return "exec nsenter --mount=/proc/" + holder.pid() + "/ns/mnt --wd=. -- \"$@\"";
    }

    /** Writes a file until nothing more fits. */
    void fill(String name) throws IOException {
        byte[] block = new byte[BLOCK];
        try (OutputStream file = Files.newOutputStream(root.resolve(name))) {
            while (true) {
                file.write(block);
            }
        } catch (IOException e) {
            if (!String.valueOf(e.getMessage()).contains("No space left")) {
                throw e;
            }
        }
    }

    /** Likewise, but for so much. */
    void fill(String name, int leftMib) throws IOException {
        Path left = root.resolve(name + ".left");
        Files.write(left, new byte[leftMib << 20]);
        fill(name);
        Files.delete(left);
    }

    void remove(String name) throws IOException {
        Files.delete(root.resolve(name));
    }

    @Override
    public void close() {
        holder.destroyForcibly();
        holder.onExit().join();
    }
}
