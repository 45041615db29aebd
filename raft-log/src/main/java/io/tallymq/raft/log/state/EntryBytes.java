package io.tallymq.raft.log.state;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteOutput;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;

/**
 * Takes the array out of a {@link ByteString} without a copy, if it has one array. Not thread-safe, reusable.
 */
final class EntryBytes extends ByteOutput {
    private byte[] bytes;
    private int off;
    private int len;

    /** Whether {@link #bytes} was made here because the string came in pieces. */
    private boolean gathering;

    private int size;

    void read(ByteString string) {
        bytes = null;
        off = 0;
        len = 0;
        gathering = false;
        size = string.size();
        try {
            UnsafeByteOperations.unsafeWriteTo(string, this);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (bytes == null) {
            bytes = new byte[0];
        }
    }

    /** Lets go of the array. */
    void clear() {
        bytes = null;
    }

    byte[] bytes() {
        return bytes;
    }

    int off() {
        return off;
    }

    int len() {
        return len;
    }

    @Override
    public void writeLazy(byte[] value, int offset, int length) {
        if (length == size && !gathering) {
            bytes = value;
            off = offset;
            len = length;
        } else {
            write(value, offset, length);
        }
    }

    @Override
    public void write(byte[] value, int offset, int length) {
        gather();
        System.arraycopy(value, offset, bytes, len, length);
        len += length;
    }

    @Override
    public void writeLazy(ByteBuffer value) {
        write(value);
    }

    @Override
    public void write(ByteBuffer value) {
        gather();
        int length = value.remaining();
        value.duplicate().get(bytes, len, length);
        len += length;
    }

    @Override
    public void write(byte value) {
        gather();
        bytes[len++] = value;
    }

    private void gather() {
        if (!gathering) {
            gathering = true;
            bytes = new byte[size];
            len = 0;
        }
    }
}
