package io.tallymq.tally.command;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** A file for its owner only, that is there whole or not at all. */
final class PrivateFile {
    /** What writes it. */
    @FunctionalInterface
    interface Writer<T> {
        T to(OutputStream out) throws IOException;
    }

    private PrivateFile() {}

    /** Writes it beside its name first, with {@code .part}; one of that name is replaced. */
    static <T> T write(Path file, Writer<T> writer) throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        T result;
        try (FileChannel channel = create(part)) {
            result = writer.to(Channels.newOutputStream(channel));
            channel.force(true);
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(part);
            throw e;
        }
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel directory = FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
            directory.force(true); // only then its name is there after a loss of power, too
        } catch (IOException e) {
            return result; // a directory that can't be read, or that its file system does not force: the file is there
        }
        return result;
    }

    private static FileChannel create(Path file) throws IOException {
        Files.deleteIfExists(file);
        Set<StandardOpenOption> options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        return Files.getFileStore(file.toAbsolutePath().getParent()).supportsFileAttributeView("posix")
                ? FileChannel.open(
                        file,
                        options,
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))
                : FileChannel.open(file, options);
    }
}
