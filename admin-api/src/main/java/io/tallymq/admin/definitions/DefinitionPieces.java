package io.tallymq.admin.definitions;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.request.Json;
import io.tallymq.admin.request.Pieces;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/** A JSON object of some fields and then of arrays, each of which begins to be read when its turn has come. */
final class DefinitionPieces implements Pieces {
    /** An array. */
    record Section(String name, Supplier<Iterator<? extends JsonNode>> rows) {}

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(Pieces.BYTES + (4 << 10));
    private final JsonGenerator json = Json.generator(bytes);
    private final ObjectNode head;
    private final Iterator<Section> sections;
    private Iterator<? extends JsonNode> rows;
    private boolean begun;
    private boolean ended;
    private final Runnable onEnd;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** @param onEnd hears once that nobody reads on */
    DefinitionPieces(ObjectNode head, List<Section> sections, Runnable onEnd) {
        this.onEnd = onEnd;
        this.head = head;
        this.sections = sections.iterator();
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
            begun = true;
            json.writeStartObject();
            for (var field : head.properties()) {
                json.writeFieldName(field.getKey());
                json.writeTree(field.getValue());
            }
        }
        while (bytes.size() < Pieces.BYTES) {
            if (rows != null && rows.hasNext()) {
                json.writeTree(rows.next());
                json.flush();
            } else if (!nextSection()) {
                json.writeEndObject();
                json.close();
                ended = true;
                return;
            }
        }
    }

    private boolean nextSection() throws IOException {
        if (rows != null) {
            json.writeEndArray();
            rows = null;
        }
        if (!sections.hasNext()) {
            return false;
        }
        Section next = sections.next();
        json.writeArrayFieldStart(next.name());
        rows = next.rows().get();
        return true;
    }

    @Override
    public void close() {
        ended = true;
        if (closed.compareAndSet(false, true)) {
            onEnd.run();
        }
    }
}
