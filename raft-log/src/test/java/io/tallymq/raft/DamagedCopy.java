package io.tallymq.raft;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** What a bad disk makes of a copy of a store. */
final class DamagedCopy {
    private DamagedCopy() {}

    /** One bit of its largest table is another one. */
    static Path flip(Path copy) {
        try (Stream<Path> files = Files.list(copy)) {
            Path table = files.filter(f -> f.toString().endsWith(".sst"))
                    .max(Comparator.comparingLong(f -> f.toFile().length()))
                    .orElseThrow();
            byte[] bytes = Files.readAllBytes(table);
            bytes[bytes.length / 3] ^= 1;
            Files.delete(table); // a hard link: the store itself stays as it is
            Files.write(table, bytes);
            return copy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
