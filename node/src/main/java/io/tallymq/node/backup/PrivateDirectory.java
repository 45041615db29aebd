package io.tallymq.node.backup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/** Messages and hashes of passwords are nobody else's to read: nobody else gets into a directory of data that is made here. */
public final class PrivateDirectory {
    private static final FileAttribute<?> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private PrivateDirectory() {}

    /** One that is there stays as it is; what is above it is made as anything else. Whether it was made. */
    public static boolean make(Path directory) throws IOException {
        Path absolute = directory.toAbsolutePath();
        if (Files.isDirectory(absolute)) {
            return false;
        }
        if (absolute.getParent() != null) {
            Files.createDirectories(absolute.getParent());
        }
        try {
            Files.createDirectory(absolute, OWNER_ONLY);
        } catch (UnsupportedOperationException e) { // a disk without such permissions
            Files.createDirectories(absolute);
        }
        return true;
    }
}
