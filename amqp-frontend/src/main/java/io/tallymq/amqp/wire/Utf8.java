package io.tallymq.amqp.wire;

import java.nio.charset.StandardCharsets;

/** UTF-8 as the wire needs it: strict checking, and cutting between characters. Thread-safe, no state. */
final class Utf8 {
    private Utf8() {}

    /** True if the range is well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF. */
    static boolean isValid(byte[] bytes, int offset, int length) {
        int end = offset + length;
        int i = offset;
        while (i < end && bytes[i] >= 0) {
            i++;
        }
        while (i < end) {
            int size = sequenceLength(bytes, i, end);
            if (size == 0) {
                return false;
            }
            i += size;
        }
        return true;
    }

    /** Length of the well-formed sequence that starts at i, 0 if there is none. */
    private static int sequenceLength(byte[] bytes, int i, int end) {
        int first = bytes[i] & 0xFF;
        if (first < 0x80) {
            return 1;
        }
        int size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
        if (first < 0xC2 || first > 0xF4 || end - i < size) {
            return 0;
        }
        int second = bytes[i + 1] & 0xFF;
        // The second octet's range is narrower after four lead octets: that is what excludes overlong forms,
        // surrogates and code points beyond the last one.
        int low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
        int high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
        if (second < low || second > high) {
            return 0;
        }
        for (int k = 2; k < size; k++) {
            if ((bytes[i + k] & 0xC0) != 0x80) {
                return 0;
            }
        }
        return size;
    }

    /** The longest prefix of whole characters that takes at most {@code maxBytes} octets. */
    static String cut(String text, int maxBytes) {
        // No character takes more than three octets per UTF-16 unit.
        if (text.length() * 3L <= maxBytes) {
            return text;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length <= maxBytes) {
            return text;
        }
        int end = maxBytes;
        while (end > 0 && (bytes[end] & 0xC0) == 0x80) {
            end--;
        }
        return new String(bytes, 0, end, StandardCharsets.UTF_8);
    }
}
