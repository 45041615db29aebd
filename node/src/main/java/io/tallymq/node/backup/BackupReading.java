package io.tallymq.node.backup;

import io.tallymq.node.backup.BackupManifest.Item;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Copies what is in a backup to a directory, and compares it with the backup's manifest. */
final class BackupReading {
    /** More is no manifest. */
    private static final int MOST_MANIFEST = 64 << 20;

    private final Path target;
    private final Map<String, Item> found = new TreeMap<>();
    private byte[] manifest;

    private BackupReading(Path target) {
        this.target = target;
    }

    /**
     * Copies the store's files.
     *
     * @param backup an archive, or a directory into which one was unpacked
     * @param target a directory; what is in there after an exception is of no use
     * @throws BackupException it is none, or damaged, without the backup's name
     */
    static BackupManifest into(Path backup, Path target) throws IOException, BackupException {
        BackupReading reading = new BackupReading(target);
        if (Files.isDirectory(backup)) {
            reading.directory(backup);
        } else {
            try (InputStream in = new BufferedInputStream(Files.newInputStream(backup), BackupPieces.BYTES)) {
                reading.archive(in);
            }
        }
        return reading.checked();
    }

    private void directory(Path backup) throws IOException, BackupException {
        Path store = backup.resolve(BackupPieces.STORE);
        Path told = backup.resolve(BackupManifest.FILE);
        if (!Files.isDirectory(store) || !Files.isRegularFile(told)) {
            throw new BackupException("it has no " + BackupManifest.FILE + " and " + BackupPieces.STORE
                    + ": it is no backup of TallyMQ, or not all of one");
        }
        manifest = Files.readAllBytes(told);
        try (Stream<Path> files = Files.list(store)) {
            for (Path file : (Iterable<Path>) files.sorted()::iterator) {
                try (InputStream in = Files.newInputStream(file)) {
                    take(in, BackupPieces.STORE + file.getFileName(), Files.size(file));
                }
            }
        }
    }

    private void archive(InputStream in) throws IOException, BackupException {
        while (manifest == null) {
            byte[] block = in.readNBytes(TarHeader.BLOCK);
            TarHeader header = block.length < TarHeader.BLOCK ? null : header(block);
            if (header == null) {
                throw found.isEmpty()
                        ? new BackupException("it is no backup of TallyMQ, or empty")
                        : BackupException.damaged("it was cut short: make it again");
            }
            if (header.name().equals(BackupManifest.FILE)) {
                manifest = header.bytes() > MOST_MANIFEST ? new byte[0] : in.readNBytes((int) header.bytes());
            } else {
                take(in, header.name(), header.bytes());
                in.skipNBytes(TarHeader.padding(header.bytes()));
            }
        }
    }

    private static TarHeader header(byte[] block) throws BackupException {
        try {
            return TarHeader.parse(block);
        } catch (IllegalArgumentException e) {
            throw new BackupException("it is no backup of TallyMQ: " + e.getMessage());
        }
    }

    private void take(InputStream in, String name, long bytes) throws IOException, BackupException {
        String file = name.startsWith(BackupPieces.STORE) ? name.substring(BackupPieces.STORE.length()) : "";
        if (!file.matches("[A-Za-z0-9][A-Za-z0-9._-]*") || found.containsKey(name)) {
            throw new BackupException("it is no backup of TallyMQ: what is " + name + "?");
        }
        MessageDigest sum = BackupPieces.sha256();
        byte[] buffer = new byte[BackupPieces.BYTES];
        try (OutputStream out = Files.newOutputStream(target.resolve(file))) {
            for (long left = bytes; left > 0; ) {
                int n = in.read(buffer, 0, (int) Math.min(left, buffer.length));
                if (n < 0) {
                    throw BackupException.damaged("it was cut short: make it again");
                }
                sum.update(buffer, 0, n);
                out.write(buffer, 0, n);
                left -= n;
            }
        }
        found.put(name, new Item(name, bytes, HexFormat.of().formatHex(sum.digest())));
    }

    private BackupManifest checked() throws BackupException {
        BackupManifest told = BackupManifest.parse(manifest);
        Map<String, Item> wanted = new TreeMap<>();
        told.files().forEach(item -> wanted.put(item.name(), item));
        for (Item item : wanted.values()) {
            Item is = found.get(item.name());
            if (is == null) {
                throw BackupException.damaged("its file " + item.name() + " is missing");
            } else if (!is.equals(item)) {
                throw BackupException.damaged("its file " + item.name() + " is not what it was: it has " + is.bytes()
                        + " bytes of " + item.bytes() + ", and another checksum than " + BackupManifest.FILE + " says");
            }
        }
        for (String name : found.keySet()) {
            if (!wanted.containsKey(name)) {
                throw BackupException.damaged("it has a file too many, " + name);
            }
        }
        return told;
    }
}
