package io.tallymq.amqp.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplyCodeTest {
    @Test
    void softAndHardAsTheSpecificationHasThem() {
        assertEquals(List.of(311, 312, 313, 403, 404, 405, 406), codes(ReplyCode.Kind.SOFT));
        assertEquals(List.of(320, 402, 501, 502, 503, 504, 505, 506, 530, 540, 541), codes(ReplyCode.Kind.HARD));
        assertEquals(List.of(200), codes(ReplyCode.Kind.SUCCESS));
        for (ReplyCode code : ReplyCode.values()) {
            assertEquals(code.kind() == ReplyCode.Kind.HARD, code.closesConnection());
        }
    }

    private static List<Integer> codes(ReplyCode.Kind kind) {
        return Arrays.stream(ReplyCode.values())
                .filter(code -> code.kind() == kind)
                .map(ReplyCode::code)
                .toList();
    }

    @Test
    void foundByNumber() {
        for (ReplyCode code : ReplyCode.values()) {
            assertEquals(code, ReplyCode.find(code.code()));
        }
        assertNull(ReplyCode.find(407));
    }

    @Test
    void textsHaveTheNameAndFitAShortString() {
        assertEquals("NOT_FOUND - no queue 'q' in vhost '/'", ReplyCode.NOT_FOUND.text("no queue 'q' in vhost '/'"));
        String text = ReplyCode.NOT_FOUND.text("€".repeat(200));
        // 12 octets of name and dash leave 243, which is 81 whole characters.
        assertEquals("NOT_FOUND - " + "€".repeat(81), text);
        assertEquals(255, text.getBytes(StandardCharsets.UTF_8).length);
        // One octet more in front, and the last character does not fit any more.
        assertEquals("NOT_FOUND - x" + "€".repeat(80), ReplyCode.NOT_FOUND.text("x" + "€".repeat(200)));
    }
}
