package io.tallymq.tally;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The other broker's connection breaks, its queue goes. */
@ExtendWith(TallyNode.Shared.class)
class DrainFromCommandTest {
    /** Between a client and a broker; cuts connections at their first basic.ack. */
    private static final class Relay implements AutoCloseable {
        private static final int HEADER = 7;
        private static final int BASIC_ACK = 60 << 16 | 80;

        private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private final int target;
        private final AtomicInteger cuts;

        /** @param cuts so many connections; counts down */
        Relay(int target, AtomicInteger cuts) throws IOException {
            this.target = target;
            this.cuts = cuts;
            new Thread(this::accept, "relay").start();
        }

        int port() {
            return socket.getLocalPort();
        }

        private void accept() {
            while (!socket.isClosed()) {
                try {
                    Socket client = socket.accept();
                    Socket broker = new Socket(InetAddress.getLoopbackAddress(), target);
                    new Thread(() -> pass(client, broker, false), "relay to broker").start();
                    new Thread(() -> pass(broker, client, true), "relay to client").start();
                } catch (IOException e) {
                    assertTrue(socket.isClosed(), e::toString);
                }
            }
        }

        private void pass(Socket from, Socket to, boolean back) {
            try (from;
                    to) {
                var in = new DataInputStream(from.getInputStream());
                OutputStream out = to.getOutputStream();
                if (back) {
                    in.transferTo(out);
                    return;
                }
                out.write(in.readNBytes(8)); // AMQP 0-9-1
                while (true) {
                    ByteBuffer header = ByteBuffer.allocate(HEADER);
                    in.readFully(header.array());
                    byte[] rest = new byte[header.getInt(3) + 1];
                    in.readFully(rest);
                    boolean isAck = header.get(0) == 1 && ByteBuffer.wrap(rest).getInt() == BASIC_ACK;
                    if (isAck && cuts.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
                        return;
                    }
                    out.write(header.array());
                    out.write(rest);
                }
            } catch (IOException e) {
                return; // one of the two has gone, or the other direction was cut
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    @Test
    void whatIsCountedIsCountedOverLostConnections(TallyNode node) throws Exception {
        Typed typed = Typed.at(node);
        typed.run("queues", "declare", "d1").ok();
        typed.run("queues", "declare", "d2").ok();
        String lines = IntStream.range(0, 1_500).mapToObj(Integer::toString).collect(Collectors.joining("\n"));
        typed.typing(lines).run("publish", "-k", "d1", "--lines").ok();
        AtomicInteger cuts = new AtomicInteger(3);
        try (Relay relay = new Relay(node.amqpPort(), cuts)) {
            String uri = "amqp://127.0.0.1:" + relay.port();
            JsonNode said = CompletableFuture.supplyAsync(() -> Typed.at(node)
                            .run("drain-from", uri, "--queue", "d1", "--to", "d2", "--count", "1200", "--json"))
                    .get(60, TimeUnit.SECONDS)
                    .ok()
                    .json();
            assertEquals(0, cuts.get());
            assertEquals(1_200, said.path("moved").asInt());
        }
        JsonNode first = typed.run("get", "d2", "--json").ok().json().get(0);
        assertTrue(first.path("message_count").asInt() >= 1_199, first::toString);
        typed.run("queues", "delete", "d1").ok();
        typed.run("queues", "delete", "d2").ok();
    }

    @Test
    void aQueueThatGoesEndsIt(TallyNode node) throws Exception {
        Typed typed = Typed.at(node);
        typed.run("queues", "declare", "d3").ok();
        typed.run("queues", "declare", "d4").ok();
        typed.run("publish", "-k", "d3", "x").ok();
        String uri = "amqp://127.0.0.1:" + node.amqpPort();
        var drain = CompletableFuture.supplyAsync(
                () -> Typed.at(node).run("drain-from", uri, "--queue", "d3", "--to", "d4", "--follow"));
        while (typed.run("get", "d4", "--json").ok().json().isEmpty()) {
            assertTrue(!drain.isDone(), () -> drain.join().toString());
        }
        typed.run("queues", "delete", "d3").ok();
        String said =
                drain.get(60, TimeUnit.SECONDS).refused(1, "no queue 'd3'").err();
        assertTrue(said.contains("(1 messages were moved before)"), said);
        typed.run("queues", "delete", "d4").ok();
    }

    @Test
    void noneIsNoCount(TallyNode node) {
        Typed.at(node)
                .run("drain-from", "amqp://127.0.0.1:" + node.amqpPort(), "--queue", "q", "--count", "0")
                .refused(2, "--count is at least 1");
    }
}
