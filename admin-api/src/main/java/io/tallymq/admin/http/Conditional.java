package io.tallymq.admin.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.Wanted;
import java.util.Map;

/** If-None-Match (RFC 9110, 13.1.2): who has what an answer would say, by its ETag, is told so instead. */
final class Conditional {
    private static final int OK = 200;
    private static final int NOT_MODIFIED = 304;
    private static final String TAG = "ETag";

    private Conditional() {}

    static Wanted wanted(HttpRequest request) {
        return new Wanted(
                !request.method().equals(HttpMethod.HEAD), request.headers().get(HttpHeaderNames.IF_NONE_MATCH));
    }

    /** The answer, or that it has not changed; what would come of it is closed then. */
    static Answer of(HttpRequest request, Answer answer) {
        String tag = answer.headers().get(TAG);
        boolean looks =
                request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD);
        if (tag == null || !looks || answer.status() != OK || !wanted(request).hasAlready(tag)) {
            return answer;
        }
        if (answer.rest() != null) {
            answer.rest().close();
        }
        return new Answer(NOT_MODIFIED, answer.contentType(), new byte[0], null, Map.of(TAG, tag));
    }
}
