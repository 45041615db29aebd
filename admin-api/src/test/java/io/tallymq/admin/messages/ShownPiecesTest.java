package io.tallymq.admin.messages;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.admin.request.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages come out of their pieces as they were, and no piece is large. */
class ShownPiecesTest {
    private int closed;

    private static ShownMessage message(byte[] payload, boolean base64) {
        return ShownMessage.of(ShownMessage.row(Json.object().put("payload_bytes", payload.length)), payload, base64);
    }

    private JsonNode read(ShownPieces pieces) {
        var all = new ByteArrayOutputStream();
        while (pieces.hasNext()) {
            byte[] piece = pieces.next();
            assertTrue(piece.length > 0 && piece.length < 200_000, piece.length + " bytes");
            all.writeBytes(piece);
        }
        pieces.close();
        pieces.close();
        assertEquals(1, closed);
        return Json.read(all.toString(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "\u0000", "\"\\\n\u001b", "Ω", "a😀", "ab😀€Ω\"\u0000"})
    void textsAreWhatTheyWere(String text) {
        for (int times : new int[] {1, 40_000}) {
            String payload = text.repeat(times);
            byte[] bytes = payload.getBytes(StandardCharsets.UTF_8);
            closed = 0;
            JsonNode all = read(
                    ShownPieces.array(List.of(message(bytes, false), message(new byte[0], false)), () -> closed++));
            assertEquals(2, all.size());
            assertEquals("string", all.get(0).get("payload_encoding").asText());
            assertEquals(payload, all.get(0).get("payload").asText());
            assertEquals(bytes.length, all.get(0).get("payload_bytes").asInt());
            assertEquals("", all.get(1).get("payload").asText());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 12_287, 12_288, 12_289, 100_001})
    void bytesAreWhatTheyWere(int length) throws IOException {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 7 + 0x80);
        }
        JsonNode all = read(ShownPieces.field(
                Json.object().put("next", "7"), "messages", List.of(message(bytes, false)), () -> closed++));
        assertEquals("7", all.get("next").asText());
        JsonNode only = all.get("messages").get(0);
        assertEquals("base64", only.get("payload_encoding").asText());
        assertArrayEquals(bytes, only.get("payload").binaryValue());
    }

    @Test
    void halfACharacterIsNoText() {
        byte[] half = new byte[20_001];
        java.util.Arrays.fill(half, (byte) 'a');
        half[20_000] = (byte) 0xce;
        assertFalse(message(half, false).text());
        assertFalse(message(new byte[] {'a'}, true).text());
        assertTrue(message(new byte[] {'a'}, false).text());
        assertFalse(message(new byte[] {(byte) 0xff}, false).text());
    }

    @Test
    void noneIsAnEmptyArray() {
        assertEquals(
                "[]", read(ShownPieces.array(new ArrayList<>(), () -> closed++)).toString());
    }
}
