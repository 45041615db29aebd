package io.tallymq.node.backup;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The block before a file in a tar archive (POSIX ustar), as far as backups need it: plain files with short names.
 *
 * @param bytes the file's size
 */
record TarHeader(String name, long bytes) {
    static final int BLOCK = 512;

    /** What eleven octal digits can say. */
    private static final long MOST_BYTES = (1L << 33) - 1;

    private static final int NAME = 100;
    private static final int SIZE_AT = 124;
    private static final int SIZE = 12;
    private static final int TIME_AT = 136;
    private static final int SUM_AT = 148;
    private static final int SUM = 8;
    private static final int TYPE_AT = 156;
    private static final int MAGIC_AT = 257;
    private static final byte[] MAGIC = "ustar\00000".getBytes(StandardCharsets.US_ASCII);

    TarHeader {
        if (name.isEmpty() || name.length() >= NAME || bytes < 0 || bytes > MOST_BYTES) {
            throw new IllegalArgumentException("no file of a backup: " + name + ", " + bytes + " bytes");
        }
    }

    /** Zeros behind a file. */
    static int padding(long bytes) {
        return (int) ((BLOCK - bytes % BLOCK) % BLOCK);
    }

    byte[] block(long seconds) {
        byte[] block = new byte[BLOCK];
        byte[] text = name.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(text, 0, block, 0, text.length);
        octal(block, 100, 8, 0600); // messages and hashes of passwords are in it
        octal(block, 108, 8, 0);
        octal(block, 116, 8, 0);
        octal(block, SIZE_AT, SIZE, bytes);
        octal(block, TIME_AT, SIZE, seconds);
        block[TYPE_AT] = '0';
        System.arraycopy(MAGIC, 0, block, MAGIC_AT, MAGIC.length);
        octal(block, SUM_AT, SUM - 1, sum(block));
        return block;
    }

    /** Null if the block is all zeros, as those at the end are. */
    static TarHeader parse(byte[] block) throws BackupException {
        if (isZero(block)) {
            return null;
        }
        boolean tar = Arrays.equals(block, MAGIC_AT, MAGIC_AT + 5, MAGIC, 0, 5);
        if (!tar || number(block, SUM_AT, SUM) != sum(block)) {
            throw new BackupException("it is no backup of TallyMQ, or damaged");
        }
        int end = 0;
        while (end < NAME && block[end] != 0) {
            end++;
        }
        boolean file = block[TYPE_AT] == '0' || block[TYPE_AT] == 0;
        if (!file || end == 0) {
            throw new BackupException("it is no backup of TallyMQ: there is something in it that is no file");
        }
        return new TarHeader(new String(block, 0, end, StandardCharsets.US_ASCII), number(block, SIZE_AT, SIZE));
    }

    private static boolean isZero(byte[] block) {
        for (byte b : block) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    private static void octal(byte[] block, int at, int length, long value) {
        String digits = Long.toOctalString(value);
        Arrays.fill(block, at, at + length - 1, (byte) '0');
        for (int i = 0; i < digits.length(); i++) {
            block[at + length - 1 - digits.length() + i] = (byte) digits.charAt(i);
        }
    }

    private static long number(byte[] block, int at, int length) throws BackupException {
        long value = 0;
        for (int i = at; i < at + length && block[i] != 0 && block[i] != ' '; i++) {
            if (block[i] < '0' || block[i] > '7') {
                throw BackupException.damaged("a number in it is damaged");
            }
            value = value * 8 + (block[i] - '0');
        }
        return value;
    }

    /** The sum's own place counts as blanks. */
    private static long sum(byte[] block) {
        long sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            sum += i >= SUM_AT && i < SUM_AT + SUM ? ' ' : block[i] & 0xff;
        }
        return sum;
    }
}
