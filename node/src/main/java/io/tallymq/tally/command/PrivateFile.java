package io.tallymq.tally.command;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/** A file for its owner only, that is there whole or not at all. */
final class PrivateFile {
    /** What writes it. */
    @FunctionalInterface
    interface Writer<T> {
        T to(OutputStream out) throws IOException;
    }

    private PrivateFile() {}

    /** Writes it beside its name first, under one that nobody else has: another may write the same file meanwhile. */
    static <T> T write(Path file, Writer<T> writer) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        Path part = Files.createTempFile(directory, file.getFileName() + ".", ".part", ownersOnly(directory));
        part.toFile().deleteOnExit(); // Ctrl-C
        try {
            T result = filled(part, writer);
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
            force(directory);
            return result;
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private static <T> T filled(Path part, Writer<T> writer) throws IOException {
        try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
            T result = writer.to(Channels.newOutputStream(channel));
            channel.force(true);
            return result;
        }
    }

    /** Only then its name is there after a loss of power, too. */
    private static void force(Path directory) {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            return; // a directory that can't be read, or that its file system does not force: the file is there
        }
    }

    private static FileAttribute<?>[] ownersOnly(Path directory) throws IOException {
        return Files.getFileStore(directory).supportsFileAttributeView("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }
}
