package io.tallymq.tally.amqp;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;

/** Lines as they are, whatever their octets mean: each ends with LF or CR LF, the last one with that or the stream. */
final class OctetLines implements Iterator<byte[]> {
    private final InputStream in;
    /** Null if it is not read yet, and at the end. */
    private byte[] next;

    OctetLines(InputStream in) {
        this.in = new BufferedInputStream(in);
    }

    @Override
    public boolean hasNext() {
        next = next == null ? read() : next;
        return next != null;
    }

    @Override
    public byte[] next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        byte[] line = next;
        next = null;
        return line;
    }

    private byte[] read() {
        try {
            int octet = in.read();
            if (octet < 0) {
                return null;
            }
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            boolean held = false; // a CR that may belong to the end
            for (; octet >= 0 && octet != '\n'; octet = in.read()) {
                if (held) {
                    line.write('\r');
                }
                held = octet == '\r';
                if (!held) {
                    line.write(octet);
                }
            }
            if (held && octet < 0) {
                line.write('\r');
            }
            return line.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
