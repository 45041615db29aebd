package io.tallymq.admin.definitions;

import io.tallymq.admin.request.RefusedException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Pattern;

/** A form as a browser uploads a file with (multipart/form-data, RFC 7578): of its fields only the file is of interest. */
final class MultipartForm {
    private static final byte[] LINE_END = {'\r', '\n'};
    private static final byte[] HEADERS_END = {'\r', '\n', '\r', '\n'};
    /** RFC 2046: a boundary has 70 characters at most, and two dashes before it. */
    private static final int MOST_BOUNDARY = 72;

    /** Bytes of a field's headers. */
    private static final int MOST_HEAD = 8 << 10;

    /** From the beginning of a line only: each line is gone through once, and back. */
    private static final Pattern FILE = Pattern.compile(
            "^content-disposition:[^\r\n]*[; ]name=(?:\"file\"|file(?=[;\\s]|\\z))",
            Pattern.CASE_INSENSITIVE | Pattern.MULTILINE | Pattern.UNIX_LINES);

    private MultipartForm() {}

    /**
     * The field {@code file}, if the body is such a form, else the body: no JSON begins with two dashes.
     *
     * @throws RefusedException 400 for a form that is cut short, or has no file
     */
    static byte[] file(byte[] body) {
        if (body.length < 2 || body[0] != '-' || body[1] != '-') {
            return body;
        }
        int line = find(body, LINE_END, 0);
        if (line < 0 || line > MOST_BOUNDARY) {
            throw RefusedException.badRequest(
                    "a body that begins with -- is a form, multipart/form-data: this is none");
        }
        byte[] between = new byte[line + LINE_END.length];
        System.arraycopy(LINE_END, 0, between, 0, LINE_END.length);
        System.arraycopy(body, 0, between, LINE_END.length, line);
        for (int at = line; at >= 0; ) {
            int headers = at + LINE_END.length;
            int end = find(body, HEADERS_END, at);
            int next = end < 0 ? -1 : find(body, between, end + LINE_END.length);
            if (next < 0) {
                break;
            }
            if (end - headers > MOST_HEAD) {
                break;
            }
            String head = new String(body, headers, Math.max(0, end - headers), StandardCharsets.ISO_8859_1);
            if (isOfFile(head)) {
                return Arrays.copyOfRange(body, Math.min(next, end + HEADERS_END.length), next);
            }
            at = next + between.length;
        }
        throw RefusedException.badRequest("the form has no field 'file' that is complete");
    }

    /** @param head the headers of a field */
    static boolean isOfFile(CharSequence head) {
        return FILE.matcher(head).find();
    }

    private static int find(byte[] in, byte[] what, int from) {
        for (int at = from; at <= in.length - what.length; at++) {
            if (in[at] == what[0] && Arrays.equals(in, at, at + what.length, what, 0, what.length)) {
                return at;
            }
        }
        return -1;
    }
}
