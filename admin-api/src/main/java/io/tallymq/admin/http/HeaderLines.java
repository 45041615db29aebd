package io.tallymq.admin.http;

import io.netty.buffer.ByteBuf;
import io.netty.util.ByteProcessor;

/**
 * Looks at the bytes of a request up to its first empty line for a header that goes on in the next line (obs-fold, RFC 9112 5.2), which
 * the decoder would join and another server may take for something else. One connection's thread.
 */
final class HeaderLines implements ByteProcessor {
    private boolean ended;
    /** The bytes so far of the line in hand, carriage returns not counted. */
    private long length;
    /** It is not the first line. */
    private boolean below;

    /** Another request begins. */
    void begin() {
        ended = false;
        length = 0;
        below = false;
    }

    /** Whether there is such a header among these bytes, which are not consumed. */
    boolean fold(ByteBuf bytes) {
        return !ended && bytes.forEachByte(this) >= 0 && !ended;
    }

    /** False where there is nothing more to look at: a fold, or the end. */
    @Override
    public boolean process(byte b) {
        if (b == '\n') {
            ended = below && length == 0;
            below |= length > 0;
            length = 0;
            return !ended;
        }
        if (below && length == 0 && (b == ' ' || b == '\t')) {
            return false;
        }
        length += b == '\r' ? 0 : 1;
        return true;
    }
}
