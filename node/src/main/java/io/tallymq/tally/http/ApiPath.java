package io.tallymq.tally.http;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** A path of the API: fixed words and names, which may be anything. */
public final class ApiPath {
    private final StringBuilder path = new StringBuilder();
    private boolean asks;

    private ApiPath() {}

    /** @param words with slashes, as they are, without {@code /api/} */
    public static ApiPath of(String words) {
        ApiPath path = new ApiPath();
        path.path.append("/api/").append(words);
        return path;
    }

    /** Goes on with a name, encoded. */
    public ApiPath name(String name) {
        path.append('/').append(encoded(name));
        return this;
    }

    public ApiPath words(String words) {
        path.append('/').append(words);
        return this;
    }

    /** A parameter; null leaves it out. */
    public ApiPath with(String parameter, String value) {
        if (value != null) {
            path.append(asks ? '&' : '?').append(parameter).append('=').append(encoded(value));
            asks = true;
        }
        return this;
    }

    /** A dot or two alone would be taken for the directory. */
    private static String encoded(String name) {
        String encoded = URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
        return encoded.equals(".") || encoded.equals("..") ? encoded.replace(".", "%2E") : encoded;
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
