package io.tallymq.admin.messages;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.request.Json;
import io.tallymq.admin.request.Pieces;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;

/** Messages as JSON: a payload is quoted while it is sent, slice by slice, and what was sent is let go. */
final class ShownPieces implements Pieces {
    /** Octets of a payload that are quoted at a time: whole groups of base64. */
    private static final int SLICE = 12 << 10;

    private final byte[] begin;
    private final byte[] end;
    private final ArrayDeque<ShownMessage> messages;
    private final Runnable onClose;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private boolean begun;
    /** The one whose payload is being sent, and up to where; null between two. */
    private ShownMessage current;

    private int at;
    private boolean ended;
    private boolean closed;

    private ShownPieces(String begin, Collection<ShownMessage> messages, String end, Runnable onClose) {
        this.begin = utf8(begin);
        this.messages = new ArrayDeque<>(messages);
        this.end = utf8(end);
        this.onClose = onClose;
    }

    /**
     * An array of them.
     *
     * @param onClose hears once that nobody reads on
     */
    static ShownPieces array(Collection<ShownMessage> messages, Runnable onClose) {
        return new ShownPieces("[", messages, "]", onClose);
    }

    /** The same as the last field of an object that has others. */
    static ShownPieces field(ObjectNode others, String name, Collection<ShownMessage> messages, Runnable onClose) {
        String object = new String(Json.bytes(others), StandardCharsets.UTF_8);
        return new ShownPieces(
                object.substring(0, object.length() - 1) + ",\"" + name + "\":[", messages, "]}", onClose);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public boolean hasNext() {
        return !ended;
    }

    @Override
    public byte[] next() {
        if (!begun) {
            bytes.writeBytes(begin);
        }
        while (bytes.size() < Pieces.BYTES && !ended) {
            if (current == null) {
                nextMessage();
            } else if (at < current.payload().length) {
                nextSlice();
            } else {
                bytes.writeBytes(utf8("\",\"payload_encoding\":\"" + (current.text() ? "string" : "base64") + "\"}"));
                current = null;
            }
            begun = true;
        }
        byte[] piece = bytes.toByteArray();
        bytes.reset();
        return piece;
    }

    private void nextMessage() {
        boolean isFirst = !begun;
        current = messages.poll();
        if (current == null) {
            bytes.writeBytes(end);
            ended = true;
            return;
        }
        if (!isFirst) {
            bytes.write(',');
        }
        bytes.write(current.row(), 0, current.row().length - 1);
        bytes.writeBytes(utf8(",\"payload\":\""));
        at = 0;
    }

    private void nextSlice() {
        byte[] payload = current.payload();
        int to = Math.min(payload.length, at + SLICE);
        if (current.text()) {
            while (to < payload.length && (payload[to] & 0xc0) == 0x80) {
                to--; // a character stays together
            }
            String text = new String(payload, at, to - at, StandardCharsets.UTF_8);
            bytes.writeBytes(JsonStringEncoder.getInstance().quoteAsUTF8(text));
        } else {
            bytes.writeBytes(Base64.getEncoder().encode(Arrays.copyOfRange(payload, at, to)));
        }
        at = to;
    }

    @Override
    public void close() {
        ended = true;
        if (!closed) {
            closed = true;
            messages.clear();
            current = null;
            onClose.run();
        }
    }
}
