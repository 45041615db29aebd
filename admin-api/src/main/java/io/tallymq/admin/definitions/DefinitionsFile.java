package io.tallymq.admin.definitions;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.JsonParserDelegate;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.request.Json;
import io.tallymq.admin.request.RefusedException;
import java.io.IOException;

/** Definitions that came with a request, read row by row: never is all of it in memory as JSON. */
public final class DefinitionsFile {
    /** Rows of all sections. */
    public static final int MOST_ELEMENTS = 200_000;
    /** Tokens of a row, which is in memory as JSON, where {@code {}} takes thirty times what it takes in the file. */
    static final int MOST_TOKENS = 10_000;

    private final DefinitionReader reader;
    private int elements;

    private DefinitionsFile(DefinitionReader reader) {
        this.reader = reader;
    }

    /**
     * Has all of it read.
     *
     * @throws RefusedException 400, which names the first row that is wrong
     */
    static void read(byte[] body, DefinitionReader reader) {
        try (JsonParser json = Json.parser(body)) {
            new DefinitionsFile(reader).file(json);
        } catch (JsonProcessingException e) {
            throw Json.unparsable(e);
        } catch (IOException e) {
            throw RefusedException.badRequest("Unable to parse JSON: it is no UTF-8");
        }
    }

    private void file(JsonParser json) throws IOException {
        if (json.nextToken() != JsonToken.START_OBJECT) {
            throw RefusedException.badRequest("the request's body has to be a JSON object");
        }
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String section = json.currentName();
            if (json.nextToken() == JsonToken.START_ARRAY) {
                section(json, section);
            } else if (DefinitionReader.SECTIONS.contains(section)) {
                throw RefusedException.badRequest(section + ": a list is expected");
            } else {
                json.skipChildren();
            }
        }
        if (json.nextToken() != null) {
            throw RefusedException.badRequest("the request's body has to be one JSON object");
        }
    }

    private void section(JsonParser json, String section) throws IOException {
        boolean means = DefinitionReader.SECTIONS.contains(section);
        for (int number = 0; json.nextToken() != JsonToken.END_ARRAY; number++) {
            if (++elements > MOST_ELEMENTS) {
                throw RefusedException.badRequest(
                        "more than " + MOST_ELEMENTS + " elements: import them in several files");
            }
            if (!means) {
                json.skipChildren();
                continue;
            }
            JsonNode row = null;
            try {
                row = new Row(json).readValueAsTree();
                Json.requireCharacters(row);
                reader.read(section, row);
            } catch (RefusedException e) {
                ObjectNode wrong = Json.object()
                        .put("error", "bad_request")
                        .put("reason", DefinitionReader.name(section, number, row) + ": " + e.getMessage());
                wrong.putObject("done");
                throw RefusedException.of(400, wrong);
            }
        }
    }

    /** What is read of a file for one row. */
    private static final class Row extends JsonParserDelegate {
        private int tokens;

        Row(JsonParser file) {
            super(file);
        }

        @Override
        public JsonToken nextToken() throws IOException {
            if (++tokens > MOST_TOKENS) {
                throw RefusedException.badRequest(
                        "more than " + MOST_TOKENS + " values, names and brackets in one row");
            }
            return super.nextToken();
        }
    }
}
