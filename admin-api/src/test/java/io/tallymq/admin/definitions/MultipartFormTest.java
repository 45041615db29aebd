package io.tallymq.admin.definitions;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tallymq.admin.request.RefusedException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MultipartFormTest {
    private static String file(String body) {
        return new String(MultipartForm.file(body.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8);
    }

    private static String part(String head, String value) {
        return "----b\r\n" + head + "\r\n\r\n" + value + "\r\n";
    }

    @Test
    void theFileOfAFormIsTaken() {
        String file = "{\"users\":[]}\r\n--\r\n----c";
        String head =
                "Content-Disposition: form-data; name=\"file\"; filename=\"x.json\"\r\nContent-Type: application/json";
        assertEquals(file, file(part(head, file) + "----b--\r\n"));
        assertEquals(
                file,
                file(part("Content-Disposition: form-data; name=\"auth\"", "secret")
                        + part("content-disposition: form-data; filename=\"file\"; name=\"profile\"", "no")
                        + part("CONTENT-DISPOSITION: form-data; name=file", file)
                        + "----b--\r\n"));
        assertEquals("", file(part(head, "") + "----b--\r\n"));
    }

    @Test
    void whatIsNoFormStaysAsItIs() {
        assertEquals("{\"a\":1}", file("{\"a\":1}"));
        assertEquals("", file(""));
        assertEquals("-1", file("-1"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"--\r\n", "--a\"b\r\n", "--a\r\n\r\n\r\n--a--", "--a\r\ncontent-disposition:\r\n\r\n\r\n--a--"})
    void whatIsNoFormIsRefused(String body) {
        assertThrows(RefusedException.class, () -> file(body));
    }

    @Test
    void whatIsCutShortIsRefused() {
        String whole = part("Content-Disposition: form-data; name=\"file\"", "{}") + "----b--";
        assertEquals("{}", file(whole));
        int complete = whole.length() - 2; // the last dashes tell that no other part comes
        for (int cut = 2; cut < complete; cut++) {
            String begun = whole.substring(0, cut);
            assertThrows(RefusedException.class, () -> file(begun), begun);
        }
        assertThrows(
                RefusedException.class,
                () -> file(part("Content-Disposition: form-data; name=\"other\"", "{}") + "----b--"));
        assertThrows(RefusedException.class, () -> file("-".repeat(100)));
    }
}
