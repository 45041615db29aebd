package io.tallymq.tally.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * Copies a backup and compares it with its manifest on the way: a tar archive of plain files, {@code manifest.json} the last of them, with each
 * file's size and SHA-256.
 */
final class BackupArchive {
    private static final int BLOCK = 512;
    private static final int BYTES = 256 << 10;
    private static final int SIZE_AT = 124;
    private static final int SIZE_DIGITS = 11;
    private static final String MANIFEST = "manifest.json";

    private record Taken(long bytes, String sha256) {}

    private final OutputStream out;
    private final Map<String, Taken> taken = new TreeMap<>();
    private long bytes;
    private JsonNode manifest;

    BackupArchive(OutputStream out) {
        this.out = out;
    }

    int files() {
        return taken.size();
    }

    long bytes() {
        return bytes;
    }

    long index() {
        return manifest.path("index").asLong();
    }

    String node() {
        return manifest.path("node").asText();
    }

    /** @throws IOException what came is not a backup, or not all of one */
    void copy(InputStream in) throws IOException {
        while (true) {
            byte[] block = block(in);
            if (block[0] == 0) {
                break;
            }
            int end = 0;
            while (end < BLOCK && block[end] != 0) {
                end++;
            }
            String name = new String(block, 0, end, StandardCharsets.US_ASCII);
            file(in, name, size(block));
        }
        block(in); // the second of two that end it
        out.flush();
        check();
    }

    private static long size(byte[] block) throws IOException {
        try {
            return Long.parseLong(new String(block, SIZE_AT, SIZE_DIGITS, StandardCharsets.US_ASCII), 8);
        } catch (NumberFormatException e) {
            throw new IOException("what came is no archive", e);
        }
    }

    private byte[] block(InputStream in) throws IOException {
        byte[] block = in.readNBytes(BLOCK);
        if (block.length < BLOCK) {
            throw new EOFException("it ended too early");
        }
        write(block, BLOCK);
        return block;
    }

    private void write(byte[] from, int count) throws IOException {
        out.write(from, 0, count);
        bytes += count;
    }

    private void file(InputStream in, String name, long size) throws IOException {
        MessageDigest sum = sha256();
        ByteArrayOutputStream text = name.equals(MANIFEST) ? new ByteArrayOutputStream() : null;
        byte[] buffer = new byte[BYTES];
        for (long left = size; left > 0; ) {
            int n = in.read(buffer, 0, (int) Math.min(left, BYTES));
            if (n < 0) {
                throw new EOFException("it ended too early");
            }
            sum.update(buffer, 0, n);
            if (text != null) {
                text.write(buffer, 0, n);
            }
            write(buffer, n);
            left -= n;
        }
        int padding = (int) ((BLOCK - size % BLOCK) % BLOCK);
        byte[] zeros = in.readNBytes(padding);
        if (zeros.length < padding) {
            throw new EOFException("it ended too early");
        }
        write(zeros, padding);
        if (text == null) {
            taken.put(name, new Taken(size, HexFormat.of().formatHex(sum.digest())));
        } else {
            manifest = new ObjectMapper().readTree(text.toByteArray());
        }
    }

    private void check() throws IOException {
        if (manifest == null) {
            throw new IOException("what came says not what it is");
        }
        Map<String, Taken> told = new TreeMap<>();
        manifest.path("files")
                .forEach(f -> told.put(
                        f.path("name").asText(),
                        new Taken(f.path("bytes").asLong(), f.path("sha256").asText())));
        if (!told.equals(taken)) {
            throw new IOException("what came is not what its manifest says: it was damaged on the way");
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
