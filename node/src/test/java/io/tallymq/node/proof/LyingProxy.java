package io.tallymq.node.proof;

import io.tallymq.node.proof.load.Clients;
import io.tallymq.node.proof.load.NodeAddress;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The twin that must be convicted: stands between clients and a node and confirms every publish at once, while it hands the
 * client's bytes on a little later and keeps the node's own confirms to itself. As long as nothing fails nobody can tell.
 */
final class LyingProxy implements AutoCloseable {
    private static final long DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(300);
    private static final int PROTOCOL_HEADER = 8;
    private static final int FRAME_HEADER = 7;
    private static final int MAX_FRAME = 1 << 20;
    private static final int BASIC_PUBLISH = 60 << 16 | 40;
    private static final int BASIC_ACK = 60 << 16 | 80;
    private static final int BASIC_NACK = 60 << 16 | 120;

    private final NodeAddress node;
    private final ServerSocket server;
    private final List<Socket> sockets = new ArrayList<>();

    private LyingProxy(NodeAddress node) {
        this.node = node;
        try {
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(this::accept);
    }

    static LyingProxy before(NodeAddress node) {
        return new LyingProxy(node);
    }

    /** Clients that go through these proxies, the first one for node 1. */
    static Clients.Route route(List<LyingProxy> proxies) {
        return new Clients.Route() {
            @Override
            public String host(NodeAddress node) {
                return "127.0.0.1";
            }

            @Override
            public int port(NodeAddress node) {
                return proxies.get(node.number() - 1).server.getLocalPort();
            }
        };
    }

    private static void start(Runnable what) {
        Thread thread = new Thread(what, "lying-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = keep(server.accept());
                try {
                    Socket broker = keep(new Socket(node.host(), node.amqpPort()));
                    new Pair(client, broker).start();
                } catch (IOException e) {
                    client.close(); // The node is down.
                }
            }
        } catch (IOException e) {
            return; // Closed.
        }
    }

    private synchronized Socket keep(Socket socket) {
        sockets.add(socket);
        return socket;
    }

    @Override
    public synchronized void close() throws IOException {
        server.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    private record Due(long time, byte[] bytes) {}

    /** One client's connection. */
    private static final class Pair {
        private final Socket client;
        private final Socket broker;
        private final BlockingQueue<Due> held = new LinkedBlockingQueue<>();
        /** Publishes so far, per channel. */
        private final Map<Integer, Long> tags = new HashMap<>();

        Pair(Socket client, Socket broker) {
            this.client = client;
            this.broker = broker;
        }

        void start() {
            LyingProxy.start(() -> untilClosed(this::fromClient));
            LyingProxy.start(() -> untilClosed(this::handOn));
            LyingProxy.start(() -> untilClosed(this::fromBroker));
        }

        private interface Work {
            void run() throws IOException, InterruptedException;
        }

        private void untilClosed(Work work) {
            try (client;
                    broker) {
                work.run();
            } catch (IOException e) {
                return; // One side is gone: so is the other.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void fromClient() throws IOException, InterruptedException {
            DataInputStream in = new DataInputStream(new BufferedInputStream(client.getInputStream()));
            held.put(new Due(System.nanoTime(), in.readNBytes(PROTOCOL_HEADER)));
            while (true) {
                byte[] frame = frame(in);
                held.put(new Due(System.nanoTime() + DELAY_NANOS, frame));
                if (method(frame) == BASIC_PUBLISH) {
                    int channel = ByteBuffer.wrap(frame).getShort(1);
                    writeToClient(ack(channel, tags.merge(channel, 1L, Long::sum)));
                }
            }
        }

        private void handOn() throws IOException, InterruptedException {
            OutputStream out = broker.getOutputStream();
            while (true) {
                Due due = held.take();
                TimeUnit.NANOSECONDS.sleep(due.time - System.nanoTime());
                out.write(due.bytes);
            }
        }

        private void fromBroker() throws IOException {
            DataInputStream in = new DataInputStream(new BufferedInputStream(broker.getInputStream()));
            while (true) {
                byte[] frame = frame(in);
                int method = method(frame);
                if (method != BASIC_ACK && method != BASIC_NACK) {
                    writeToClient(frame);
                }
            }
        }

        private void writeToClient(byte[] frame) throws IOException {
            synchronized (client) {
                client.getOutputStream().write(frame);
            }
        }

        private static byte[] frame(DataInputStream in) throws IOException {
            byte[] head = new byte[FRAME_HEADER];
            in.readFully(head);
            int size = ByteBuffer.wrap(head).getInt(3);
            if (size < 0 || size > MAX_FRAME) {
                throw new IOException("a frame of " + size + " bytes");
            }
            byte[] frame = new byte[FRAME_HEADER + size + 1];
            System.arraycopy(head, 0, frame, 0, FRAME_HEADER);
            in.readFully(frame, FRAME_HEADER, size + 1);
            return frame;
        }

        private static int method(byte[] frame) {
            return frame[0] == 1 ? ByteBuffer.wrap(frame).getInt(FRAME_HEADER) : 0;
        }

        private static byte[] ack(int channel, long tag) {
            return ByteBuffer.allocate(FRAME_HEADER + 14)
                    .put((byte) 1)
                    .putShort((short) channel)
                    .putInt(13)
                    .putInt(BASIC_ACK)
                    .putLong(tag)
                    .put((byte) 0)
                    .put((byte) 0xCE)
                    .array();
        }
    }
}
