package io.tallymq.admin.list;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.admin.request.Json;
import io.tallymq.admin.request.Pieces;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.function.Function;

/** A JSON array that may be longer than memory should hold: a row is made when its turn has come. */
final class JsonArrayPieces<T> implements Pieces {
    private final Iterator<T> items;
    private final Function<T, ? extends JsonNode> rowOf;
    private final Runnable onClose;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(Pieces.BYTES + (4 << 10));
    private final JsonGenerator json = Json.generator(bytes);
    private boolean begun;
    private boolean ended;
    private boolean closed;

    JsonArrayPieces(Iterator<T> items, Function<T, ? extends JsonNode> rowOf, Runnable onClose) {
        this.items = items;
        this.rowOf = rowOf;
        this.onClose = onClose;
    }

    @Override
    public boolean hasNext() {
        return !ended;
    }

    @Override
    public byte[] next() {
        try {
            write();
        } catch (IOException e) {
            throw new UncheckedIOException("memory can always be written", e);
        }
        byte[] piece = bytes.toByteArray();
        bytes.reset();
        return piece;
    }

    private void write() throws IOException {
        if (!begun) {
            json.writeStartArray();
            begun = true;
        }
        while (bytes.size() < Pieces.BYTES && items.hasNext()) {
            json.writeTree(rowOf.apply(items.next()));
            json.flush();
        }
        if (!items.hasNext()) {
            json.writeEndArray();
            json.close();
            ended = true;
        }
    }

    @Override
    public void close() {
        ended = true;
        if (!closed) {
            closed = true;
            onClose.run();
        }
    }
}
