package io.tallymq.net;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Whether any of some files is another one than at the last look, by time and size. One thread. */
final class FileWatch {
    private record Seen(Path file, long modified, long size) {}

    private final List<Path> files;
    private List<Seen> seen;

    /** @throws IOException when a file can't be read; the text says which */
    FileWatch(List<Path> files) throws IOException {
        this.files = List.copyOf(files);
        seen = look();
    }

    private List<Seen> look() throws IOException {
        List<Seen> now = new ArrayList<>();
        for (Path file : files) {
            try {
                now.add(new Seen(file, Files.getLastModifiedTime(file).toMillis(), Files.size(file)));
            } catch (IOException e) {
                throw new IOException("TLS: the file " + file + " can't be read: " + e.getMessage(), e);
            }
        }
        return now;
    }

    /** True once for each change, whatever comes of it. */
    boolean changed() throws IOException {
        List<Seen> now = look();
        if (now.equals(seen)) {
            return false;
        }
        seen = now;
        return true;
    }
}
