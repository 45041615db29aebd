package io.tallymq.admin.definitions;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.multipart.DefaultHttpDataFactory;
import io.netty.handler.codec.http.multipart.HttpData;
import io.netty.handler.codec.http.multipart.HttpPostMultipartRequestDecoder;
import io.netty.handler.codec.http.multipart.InterfaceHttpData;
import io.netty.handler.codec.http.multipart.InterfaceHttpPostRequestDecoder;
import io.tallymq.admin.request.RefusedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** A form as a browser uploads a file with (multipart/form-data, RFC 7578): of its fields only the file is of interest. */
final class MultipartForm {
    private static final String FILE = "file";
    /** RFC 2046: a boundary has 70 characters at most. */
    private static final int MOST_BOUNDARY = 70;

    private MultipartForm() {}

    /**
     * The field {@code file}, if the body is such a form, else the body: no JSON begins with two dashes.
     *
     * @throws RefusedException 400 for a form that is cut short, or has no file
     */
    static byte[] file(byte[] body) {
        if (body.length < 2 || body[0] != '-' || body[1] != '-') {
            return body;
        }
        FullHttpRequest form =
                new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, "/", Unpooled.wrappedBuffer(body));
        form.headers()
                .set(
                        HttpHeaderNames.CONTENT_TYPE,
                        HttpHeaderValues.MULTIPART_FORM_DATA + "; boundary=\"" + boundary(body) + '"');
        InterfaceHttpPostRequestDecoder decoder = null;
        try {
            decoder = new HttpPostMultipartRequestDecoder(new DefaultHttpDataFactory(false), form);
            for (InterfaceHttpData field : decoder.getBodyHttpDatas()) {
                if (field instanceof HttpData data && data.isCompleted() && FILE.equals(data.getName())) {
                    return data.get();
                }
            }
        } catch (DecoderException e) {
            throw RefusedException.badRequest("the form can't be read: " + e.getMessage());
        } catch (IOException e) {
            throw new UncheckedIOException("its fields are in memory", e);
        } finally {
            if (decoder != null) {
                decoder.destroy();
            }
        }
        throw RefusedException.badRequest("the form has no field 'file' that is complete");
    }

    /** What stands behind the dashes of the first line. */
    private static String boundary(byte[] body) {
        int end = 2;
        while (end < body.length && body[end] != '\r' && body[end] != '"' && end - 2 < MOST_BOUNDARY) {
            end++;
        }
        if (end == body.length || body[end] != '\r' || end == 2) {
            throw RefusedException.badRequest(
                    "a body that begins with -- is a form, multipart/form-data: this is none");
        }
        return new String(body, 2, end - 2, StandardCharsets.ISO_8859_1);
    }
}
