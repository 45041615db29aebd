package io.tallymq.admin.http;

import io.netty.buffer.ByteBuf;
import io.netty.util.ByteProcessor;

/**
 * Looks at the bytes of requests for a header that goes on in the next line (obs-fold, RFC 9112 5.2), which the decoder would join and another
 * server may take for something else. Clients may send several requests at once: where a body ends its length says; behind one in chunks nothing
 * is looked at until its request is answered. One connection's thread.
 */
final class HeaderLines implements ByteProcessor {
    private static final String LENGTH = "content-length:";
    private static final String ENCODING = "transfer-encoding:";
    /** Characters of a line that are of interest. */
    private static final int MOST = 64;

    private static final int MOST_DIGITS = 18;

    /** How the line in hand begins, in small letters. */
    private final StringBuilder line = new StringBuilder(MOST);
    /** The bytes so far of the line in hand, carriage returns not counted. */
    private long length;
    /** It is not the first line. */
    private boolean below;

    private boolean folded;
    /** Bytes of the body that are still to come. */
    private long body;
    /** The headers in hand have said how many; the decoder takes the first that does, of HTTP/1.0. */
    private boolean sized;
    /** The body is in chunks. */
    private boolean chunked;
    /** Requests whose headers were seen and that are not answered. */
    private int unanswered;

    /** The first of the requests that are not answered is. */
    void answered() {
        unanswered = Math.max(0, unanswered - 1);
        if (unanswered == 0) {
            chunked = false;
        }
    }

    /** Whether there is such a header among these bytes, which are not consumed. */
    boolean fold(ByteBuf bytes) {
        int at = bytes.readerIndex();
        int end = bytes.writerIndex();
        while (at < end && !(chunked && !below)) {
            if (body > 0 && !below) {
                int some = (int) Math.min(body, end - at);
                body -= some;
                at += some;
                continue;
            }
            int stop = bytes.forEachByte(at, end - at, this);
            if (folded) {
                return true;
            }
            at = stop < 0 ? end : stop + 1;
        }
        return false;
    }

    /** False where there is nothing more to look at: a fold, or the end of the headers. */
    @Override
    public boolean process(byte b) {
        if (b == '\n') {
            boolean ends = below && length == 0;
            if (below) {
                look();
            }
            below = !ends && (below || length > 0);
            if (ends) {
                unanswered++;
                sized = false;
            }
            length = 0;
            line.setLength(0);
            return !ends;
        }
        folded = below && length == 0 && (b == ' ' || b == '\t');
        if (b != '\r') {
            length++;
            if (line.length() < MOST && !isPadding(b)) {
                line.append(Character.toLowerCase((char) (b & 0xff)));
            }
        }
        return !folded;
    }

    /** Whether it stands before the digits of a body's length, of which the decoder takes any number. */
    private boolean isPadding(byte b) {
        return (b == ' ' || b == '\t' || b == '0') && line.length() == LENGTH.length() && LENGTH.contentEquals(line);
    }

    /** What it can't make out the decoder refuses. */
    private void look() {
        String said = line.toString();
        if (said.startsWith(ENCODING)) {
            chunked = true;
        } else if (said.startsWith(LENGTH) && !sized) {
            sized = true;
            String digits = said.substring(LENGTH.length()).trim();
            boolean isNumber = !digits.isEmpty()
                    && digits.length() <= MOST_DIGITS
                    && digits.chars().allMatch(c -> c >= '0' && c <= '9');
            body = isNumber ? Long.parseLong(digits) : 0;
        }
    }
}
