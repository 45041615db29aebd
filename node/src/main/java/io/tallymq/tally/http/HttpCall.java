package io.tallymq.tally.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocketFactory;

/**
 * One request to one node. By Java's oldest client: the newer one takes a fifth of a second to begin, which is most of what a command takes.
 * That client sends a request once more when its connection ends without an answer, unless the length of what is sent is fixed beforehand: it is
 * fixed for all but GET.
 *
 * @param patience for the answer
 */
public record HttpCall(String method, String path, String body, Map<String, String> headers, Duration patience) {
    private static final int CONNECT_MILLIS = 5_000;
    private static final int FIRST_ERROR = 400;

    /** Not a byte of the request was sent. */
    static final class Unsent extends IOException {
        private static final long serialVersionUID = 1;

        Unsent(IOException why) {
            super(why);
        }
    }

    /**
     * Sends it, once.
     *
     * @param tls null for plain connections
     * @throws Unsent if there was no connection to send it over; after any other exception it may have arrived
     */
    public ApiAnswer to(URI address, SSLSocketFactory tls) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) URI.create(address + path).toURL().openConnection(Proxy.NO_PROXY);
        if (connection instanceof HttpsURLConnection secure) {
            secure.setSSLSocketFactory(tls);
        }
        connection.setRequestMethod(method);
        connection.setInstanceFollowRedirects(false);
        connection.setUseCaches(false);
        connection.setConnectTimeout(CONNECT_MILLIS);
        connection.setReadTimeout((int) patience.toMillis());
        headers.forEach(connection::setRequestProperty);
        byte[] sent = body == null ? new byte[0] : body.getBytes(StandardCharsets.UTF_8);
        boolean changes = !method.equals("GET");
        if (changes) {
            connection.setRequestProperty("Content-Type", "application/json");
            connection.setDoOutput(true);
            connection.setFixedLengthStreamingMode(sent.length);
        }
        try {
            connection.connect();
        } catch (IOException e) {
            throw new Unsent(e);
        }
        if (changes) {
            try (var out = connection.getOutputStream()) {
                out.write(sent);
            }
        }
        int status = connection.getResponseCode();
        try (InputStream in = status < FIRST_ERROR ? connection.getInputStream() : connection.getErrorStream()) {
            return new ApiAnswer(
                    address, status, in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    /** Takes what is answered while it comes. */
    @FunctionalInterface
    public interface Body {
        void take(InputStream in) throws IOException;
    }

    /**
     * As {@link #to}, for an answer that is too large for the memory.
     *
     * @param body takes it if it is no refusal
     * @return the refusal; null if there was none
     */
    ApiAnswer download(URI address, SSLSocketFactory tls, Body body) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) URI.create(address + path).toURL().openConnection(Proxy.NO_PROXY);
        if (connection instanceof HttpsURLConnection secure) {
            secure.setSSLSocketFactory(tls);
        }
        connection.setRequestMethod(method);
        connection.setInstanceFollowRedirects(false);
        connection.setUseCaches(false);
        connection.setConnectTimeout(CONNECT_MILLIS);
        connection.setReadTimeout((int) patience.toMillis());
        headers.forEach(connection::setRequestProperty);
        try {
            connection.connect();
        } catch (IOException e) {
            throw new Unsent(e);
        }
        int status = connection.getResponseCode();
        if (status < FIRST_ERROR) {
            try (InputStream in = connection.getInputStream()) {
                body.take(in);
            }
            return null;
        }
        try (InputStream in = connection.getErrorStream()) {
            return new ApiAnswer(
                    address, status, in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    static String reason(IOException failure) {
        IOException e = failure instanceof Unsent && failure.getCause() instanceof IOException why ? why : failure;
        if (e instanceof UnknownHostException) {
            return "there is no host of that name";
        } else if (e instanceof SocketTimeoutException) {
            return "no answer in time";
        } else if (e instanceof ConnectException) {
            return "nobody listens there";
        } else if (e instanceof SSLException) {
            return "TLS failed: " + e.getMessage() + " (whose certificates to trust says --ca)";
        }
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }
}
