package org.apache.ratis.util;

import io.tallymq.disk.Directories;
import java.io.File;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands in for the class of the same name in ratis-common, by which Ratis replaces a small file as a whole: {@code raft-meta}, which holds the term and whom this node voted for in it, and the
 * list of nodes. That one forces the new file and moves it to its place, and leaves it to the file system when the move is on the disk: after a loss of power the old file may be back,
 * and a node that has given its vote gives another one in the same term. This one forces the directory too, before a vote is answered. It only takes effect when this module comes
 * before ratis-common on the class path; nothing breaks if it does not.
 */
public final class AtomicFileOutputStream extends FilterOutputStream {
    public static final String TMP_EXTENSION = ".tmp";

    private static final Logger LOG = LoggerFactory.getLogger(AtomicFileOutputStream.class);

    /** Makes what was moved in a directory survive a loss of power. */
    @FunctionalInterface
    interface Sync {
        void of(Path directory) throws IOException;
    }

    private final FileOutputStream file;
    private final Path target;
    private final Path temporary;
    private final Sync sync;
    private boolean closed;

    public AtomicFileOutputStream(File target) throws IOException {
        this(target, getTemporaryFile(target));
    }

    public AtomicFileOutputStream(File target, File temporary) throws IOException {
        this(target, temporary, Directories::sync);
    }

    AtomicFileOutputStream(File target, File temporary, Sync sync) throws IOException {
        this(new FileOutputStream(temporary), target, temporary, sync);
    }

    private AtomicFileOutputStream(FileOutputStream file, File target, File temporary, Sync sync) {
        super(file);
        this.file = file;
        this.target = target.toPath().toAbsolutePath();
        this.temporary = temporary.toPath().toAbsolutePath();
        this.sync = sync;
    }

    /** Where a file is written until it is whole. */
    public static File getTemporaryFile(File target) {
        return new File(target.getParentFile(), target.getName() + TMP_EXTENSION);
    }

    @Override
    public void write(byte[] b, int off, int len) throws IOException {
        out.write(b, off, len);
    }

    public synchronized boolean isClosed() {
        return closed;
    }

    /** What was written is in the file's place, and will be after a loss of power; or it throws, and one of both is there. */
    @Override
    public synchronized void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            try (file) {
                file.getChannel().force(true);
            }
            Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            sync.of(target.getParent());
        } catch (IOException e) {
            discard();
            throw e;
        }
    }

    /** What was written is not wanted. */
    public synchronized void abort() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            file.close();
        } catch (IOException e) {
            LOG.warn("{} did not close: {}", temporary, e.toString());
        }
        discard();
    }

    private void discard() {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            LOG.warn("{} could not be deleted: {}", temporary, e.toString());
        }
    }
}
