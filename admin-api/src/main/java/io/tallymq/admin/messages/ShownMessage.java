package io.tallymq.admin.messages;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.request.Json;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/**
 * A message as it waits to be sent: as JSON its payload may be six times as large.
 *
 * @param row all but the payload, as JSON
 * @param text whether the payload is shown as it is; else in base64
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record ShownMessage(byte[] row, byte[] payload, boolean text) {
    private static final int CHARACTERS = 8 << 10;

    /** With the payload, or what is to be shown of it: as text if it is UTF-8. */
    static ShownMessage of(byte[] row, byte[] payload, boolean base64) {
        return new ShownMessage(row, payload, !base64 && isText(payload));
    }

    static byte[] row(ObjectNode row) {
        return Json.bytes(row);
    }

    private static boolean isText(byte[] payload) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer from = ByteBuffer.wrap(payload);
        CharBuffer to = CharBuffer.allocate(CHARACTERS);
        CoderResult result;
        do {
            to.clear();
            result = decoder.decode(from, to, true);
        } while (result.isOverflow());
        return !result.isError();
    }
}
