package io.tallymq.tally;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A change that a node may have made is not asked for again, of no node. */
@ExtendWith(TallyNode.Shared.class)
class SentOnceTest {
    /** A node that reads each request and dies of it. */
    private static final class Dying implements AutoCloseable {
        private final ServerSocket socket;
        private final boolean forGood;
        private final List<String> seen = Collections.synchronizedList(new ArrayList<>());
        private final Thread thread = new Thread(this::serve, "dying node");

        /** @param forGood whether nobody listens any more when the connection of the first request ends */
        Dying(boolean forGood) throws IOException {
            this.forGood = forGood;
            socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            thread.start();
        }

        String address() {
            return "http://127.0.0.1:" + socket.getLocalPort();
        }

        private void serve() {
            try {
                while (!socket.isClosed()) {
                    try (Socket connection = socket.accept()) {
                        seen.add(read(connection));
                        if (forGood) {
                            socket.close();
                        }
                    }
                }
            } catch (IOException e) {
                if (!socket.isClosed()) {
                    throw new UncheckedIOException(e);
                }
            }
        }

        /** The first line; the rest is read, so that the end is no reset. */
        private static String read(Socket connection) throws IOException {
            var in = new BufferedReader(new InputStreamReader(connection.getInputStream(), StandardCharsets.US_ASCII));
            String first = in.readLine();
            int length = 0;
            for (String line = in.readLine(); !line.isEmpty(); line = in.readLine()) {
                if (line.startsWith("Content-Length: ")) {
                    length = Integer.parseInt(line.substring("Content-Length: ".length()));
                }
            }
            for (int i = 0; i < length; i++) {
                in.read();
            }
            return first;
        }

        @Override
        public void close() throws Exception {
            socket.close();
            thread.join();
        }
    }

    private static void onceOnly(boolean forGood, String method, String... command) throws Exception {
        try (Dying first = new Dying(forGood);
                Dying second = new Dying(false)) {
            Typed.nowhere()
                    .with("TALLY_ADDRESS", first.address() + "," + second.address())
                    .run(command)
                    .refused(3, "it may have taken effect");
            assertEquals(1, first.seen.size(), first.seen::toString);
            assertEquals(method, first.seen.get(0).split(" ")[0]);
            assertEquals(List.of(), second.seen);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatMayHaveArrived(boolean forGood) throws Exception {
        onceOnly(forGood, "POST", "redrive", "q", "--to", "r");
        onceOnly(forGood, "PUT", "queues", "declare", "q");
        onceOnly(forGood, "DELETE", "queues", "delete", "q");
    }

    @Test
    void whatOnlyLooksGoesToTheNext(TallyNode node) throws Exception {
        try (Dying first = new Dying(false)) {
            Typed.nowhere()
                    .with("TALLY_ADDRESS", first.address() + "," + node.address())
                    .run("queues", "list")
                    .ok();
        }
    }

    @Test
    void whatWasNotSentGoesToTheNext(TallyNode node) throws Exception {
        Dying gone = new Dying(false);
        gone.close();
        Typed typed = Typed.nowhere().with("TALLY_ADDRESS", gone.address() + "," + node.address());
        typed.run("queues", "declare", "sent-once").ok();
        typed.run("queues", "delete", "sent-once").ok();
    }

    @Test
    void whyTheLoginIsRefusedIsSaid(TallyNode node) {
        Typed typed = Typed.at(node).with("TALLY_PASSWORD", "wrong");
        String looked = typed.run("queues", "list").refused(1, "(401)").err();
        assertEquals(
                looked, typed.run("queues", "delete", "q").refused(1, "(401)").err());
        assertEquals(
                looked, typed.run("queues", "declare", "q").refused(1, "(401)").err());
    }
}
