package io.tallymq.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/**
 * Ports that the system does not give to anybody else for a minute: each had a connection that its own side closed, and is left in
 * TIME_WAIT. A server may listen there all the same.
 */
public final class FreePorts {
    private FreePorts() {}

    public static List<Integer> take(int count) {
        List<Integer> ports = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                ports.add(one());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("no free ports", e);
        }
        return ports;
    }

    private static int one() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
                Socket client = new Socket(server.getInetAddress(), server.getLocalPort())) {
            server.accept().close();
            int end = client.getInputStream().read();
            if (end != -1) {
                throw new IOException("somebody else answered on port " + server.getLocalPort());
            }
            return server.getLocalPort();
        }
    }
}
