package io.tallymq.node.backup;

import io.tallymq.admin.request.Pieces;
import io.tallymq.broker.store.MessageStore.Applied;
import io.tallymq.node.backup.BackupManifest.About;
import io.tallymq.node.backup.BackupManifest.Item;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * A backup as a tar archive: the files of a copy of the store below {@code store/}, each once, then the manifest. Read from the disk as it is taken,
 * with a checksum of what was taken. One thread at a time.
 */
final class BackupPieces implements Pieces {
    /** Below which the store's files are. */
    static final String STORE = "store/";

    static final int BYTES = 256 << 10;

    private static final int END_BLOCKS = 2;

    private final String id;
    private final About about;
    private final Applied applied;
    private final Runnable done;
    private final Deque<Path> files;
    private final List<Item> told = new ArrayList<>();
    private final byte[] buffer = new byte[BYTES];
    private InputStream current;
    private Path file;
    private long left;
    private long size;
    private final MessageDigest sum;
    private boolean finished;
    private boolean closed;

    /**
     * @param copy of the store; nobody changes it
     * @param done the copy is not needed any more; told once
     */
    BackupPieces(String id, About about, Applied applied, Path copy, Runnable done) throws IOException {
        this.id = id;
        this.about = about;
        this.applied = applied;
        this.done = done;
        this.sum = sha256();
        try (Stream<Path> all = Files.list(copy)) {
            files = new ArrayDeque<>(all.filter(Files::isRegularFile).sorted().toList());
        }
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    @Override
    public boolean hasNext() {
        return !finished;
    }

    @Override
    public byte[] next() {
        ByteArrayOutputStream piece = new ByteArrayOutputStream(BYTES + 2 * TarHeader.BLOCK);
        try {
            while (!finished && piece.size() < BYTES) {
                add(piece);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("a copy of the store could not be read", e);
        }
        return piece.toByteArray();
    }

    private void add(ByteArrayOutputStream piece) throws IOException {
        if (current != null) {
            read(piece);
        } else if (!files.isEmpty()) {
            file = files.remove();
            size = Files.size(file);
            left = size;
            current = Files.newInputStream(file);
            sum.reset();
            piece.writeBytes(header(STORE + file.getFileName(), size));
        } else {
            byte[] manifest = new BackupManifest(id, about, applied, told).json();
            piece.writeBytes(header(BackupManifest.FILE, manifest.length));
            piece.writeBytes(manifest);
            piece.writeBytes(new byte[TarHeader.padding(manifest.length) + END_BLOCKS * TarHeader.BLOCK]);
            finished = true;
        }
    }

    private byte[] header(String name, long bytes) {
        return new TarHeader(name, bytes).block(about.time().getEpochSecond());
    }

    private void read(ByteArrayOutputStream piece) throws IOException {
        int n = current.readNBytes(buffer, 0, (int) Math.min(left, Math.max(1, BYTES - piece.size())));
        sum.update(buffer, 0, n);
        piece.write(buffer, 0, n);
        left -= n;
        if (n == 0 && left > 0) {
            throw new IOException(file + " became shorter");
        }
        if (left == 0) {
            current.close();
            current = null;
            piece.writeBytes(new byte[TarHeader.padding(size)]);
            told.add(new Item(STORE + file.getFileName(), size, HexFormat.of().formatHex(sum.digest())));
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        finished = true;
        try {
            if (current != null) {
                current.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            done.run();
        }
    }
}
