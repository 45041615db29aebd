package io.tallymq.admin.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.tallymq.admin.request.Answer;
import org.junit.jupiter.api.Test;

class ConditionalTest {
    private static final Answer TAGGED = Answer.text("text/plain", "x").with("ETag", "\"7\"");

    private static HttpRequest asking(HttpMethod method, String has) {
        HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, method, "/x");
        if (has != null) {
            request.headers().set("If-None-Match", has);
        }
        return request;
    }

    @Test
    void whoHasItIsToldSo() {
        for (String has : new String[] {"\"7\"", "W/\"7\"", "\"5\", \"7\"", "*"}) {
            Answer answer = Conditional.of(asking(HttpMethod.GET, has), TAGGED);
            assertEquals(304, answer.status(), has);
            assertEquals(0, answer.body().length);
            assertEquals("\"7\"", answer.headers().get("ETag"));
        }
        assertEquals(
                304, Conditional.of(asking(HttpMethod.HEAD, "\"7\""), TAGGED).status());
    }

    @Test
    void othersGetIt() {
        assertSame(TAGGED, Conditional.of(asking(HttpMethod.GET, null), TAGGED));
        assertSame(TAGGED, Conditional.of(asking(HttpMethod.GET, "\"77\""), TAGGED));
        assertSame(TAGGED, Conditional.of(asking(HttpMethod.POST, "\"7\""), TAGGED));
        Answer untagged = Answer.text("text/plain", "x");
        assertSame(untagged, Conditional.of(asking(HttpMethod.GET, "*"), untagged));
        Answer refused = Answer.error(404, "x", "y").with("ETag", "\"7\"");
        assertSame(refused, Conditional.of(asking(HttpMethod.GET, "*"), refused));
    }
}
