package io.tallymq.admin;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

/** A TCP client that may misbehave. */
public final class RawClient implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 30_000;

    private final Socket socket;
    private final BufferedReader reader;

    public RawClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(PATIENCE_MILLIS);
        reader = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
    }

    public void write(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
    }

    /** The next line, or null when the server closed. */
    public String line() throws IOException {
        return reader.readLine();
    }

    /** Reads one answer with its Content-Length; the status line and the body. */
    public String[] answer() throws IOException {
        String status = line();
        int length = 0;
        for (String header = line(); header != null && !header.isEmpty(); header = line()) {
            if (header.toLowerCase(java.util.Locale.ROOT).startsWith("content-length:")) {
                length = Integer.parseInt(header.substring(15).trim());
            }
        }
        char[] body = new char[length];
        int at = 0;
        while (at < length) {
            int n = reader.read(body, at, length - at);
            if (n < 0) {
                throw new IOException("the body ended early");
            }
            at += n;
        }
        return new String[] {status, new String(body)};
    }

    /** Reads to the end; true when the server closed the connection. */
    public boolean closed() throws IOException {
        try {
            while (reader.read() >= 0) {
                // Whatever still comes.
            }
        } catch (SocketException e) {
            // Closed while we were writing: a reset.
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
