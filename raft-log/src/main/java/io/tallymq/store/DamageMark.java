package io.tallymq.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file in the directory of a store that was found damaged while its node ran: a start opens such a store, serves, and ends at the same
 * place again, for ever if somebody starts it each time. With the file a start says at once what was found. It goes with the directory
 * when that is moved away or replaced by a copy.
 */
final class DamageMark {
    static final String FILE = "DAMAGED";

    private static final Logger LOG = LoggerFactory.getLogger(DamageMark.class);

    private DamageMark() {}

    /** @param text what was found, and what to do */
    static void set(Path directory, String text) {
        try (FileChannel out = FileChannel.open(
                directory.resolve(FILE),
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE)) {
            out.write(StandardCharsets.UTF_8.encode(text + "\n"));
            out.force(true);
        } catch (IOException e) {
            LOG.warn(
                    "The store in {} could not be marked as damaged, so that the next start opens it: {}",
                    directory,
                    e.toString());
        }
    }

    /** @throws StoreException it was found damaged before */
    static void refuse(Path directory) throws IOException {
        Path file = directory.resolve(FILE);
        if (Files.exists(file)) {
            String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8).strip();
            throw StoreException.damage(
                    "Found when this node ran last: " + text + " If you know that nothing is damaged, delete " + file
                            + " and start the node again.",
                    null);
        }
    }
}
