package io.tallymq.tally;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;

/** Between AMQP clients and a broker: breaks connections, and says that publishers are blocked. */
final class Relay implements AutoCloseable {
    static final int PUBLISH = 60 << 16 | 40;
    static final int ACK = 60 << 16 | 80;
    static final int CONSUME = 60 << 16 | 20;
    static final int DECLARE = 50 << 16 | 10;
    static final String REASON = "low on disk";

    private static final int HEADER = 7;
    private static final int END = 0xCE;

    /** What becomes of a connection. */
    enum Fate {
        GOES_ON,
        CUT,
        /** The method arrives; the client's end goes then, and the broker hears of that with {@link Relay#release}. */
        CUT_FROM_CLIENT,
        /** The client is told that it is blocked, and hears nothing more. */
        BLOCKED
    }

    /** Asked for each method that a client sends. */
    interface Rule {
        Fate of(int method);
    }

    private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final int target;
    private final BooleanSupplier refuses;
    private final Rule rule;
    private final List<Socket> left = new CopyOnWriteArrayList<>();

    Relay(int target, Rule rule) throws IOException {
        this(target, () -> false, rule);
    }

    /** @param refuses asked for each connection; it ends at once then */
    Relay(int target, BooleanSupplier refuses, Rule rule) throws IOException {
        this.target = target;
        this.refuses = refuses;
        this.rule = rule;
        new Thread(this::accept, "relay").start();
    }

    String uri() {
        return "amqp://127.0.0.1:" + socket.getLocalPort();
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket client = socket.accept();
                if (refuses.getAsBoolean()) {
                    client.close();
                    continue;
                }
                Socket broker = new Socket(InetAddress.getLoopbackAddress(), target);
                new Way(client, broker).begin();
            } catch (IOException e) {
                assertTrue(socket.isClosed(), e::toString);
            }
        }
    }

    private final class Way {
        private final Socket client;
        private final Socket broker;
        private boolean blocked;
        private volatile boolean isLeft;

        Way(Socket client, Socket broker) {
            this.client = client;
            this.broker = broker;
        }

        void begin() {
            new Thread(() -> pass(client, broker, true), "relay to broker").start();
            new Thread(() -> pass(broker, client, false), "relay to client").start();
        }

        private void pass(Socket from, Socket to, boolean ofClient) {
            try {
                var in = new DataInputStream(from.getInputStream());
                OutputStream out = to.getOutputStream();
                if (ofClient) {
                    out.write(in.readNBytes(8)); // AMQP 0-9-1
                }
                while (true) {
                    ByteBuffer header = ByteBuffer.allocate(HEADER);
                    in.readFully(header.array());
                    byte[] rest = new byte[header.getInt(3) + 1];
                    in.readFully(rest);
                    if (ofClient && header.get(0) == 1) {
                        Fate fate = rule.of(ByteBuffer.wrap(rest).getInt());
                        if (fate == Fate.CUT) {
                            return;
                        } else if (fate == Fate.BLOCKED) {
                            block();
                        } else if (fate == Fate.CUT_FROM_CLIENT) {
                            leave(header.array(), rest);
                            return;
                        }
                    }
                    write(out, header.array(), rest, ofClient);
                }
            } catch (IOException e) {
                return; // one of the two has gone, or the other direction was cut
            } finally {
                end();
            }
        }

        private void leave(byte[] header, byte[] rest) throws IOException {
            isLeft = true;
            left.add(broker);
            broker.getOutputStream().write(header);
            broker.getOutputStream().write(rest);
        }

        private void end() {
            try (client) {
                if (!isLeft) {
                    broker.close();
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        private synchronized void write(OutputStream out, byte[] header, byte[] rest, boolean ofClient)
                throws IOException {
            if (ofClient || !blocked && !isLeft) {
                out.write(header);
                out.write(rest);
            }
        }

        private synchronized void block() throws IOException {
            if (blocked) {
                return;
            }
            blocked = true;
            byte[] reason = REASON.getBytes(StandardCharsets.US_ASCII);
            ByteBuffer frame = ByteBuffer.allocate(HEADER + 4 + 1 + reason.length + 1)
                    .put((byte) 1)
                    .putShort((short) 0)
                    .putInt(4 + 1 + reason.length)
                    .putInt(10 << 16 | 60) // connection.blocked
                    .put((byte) reason.length)
                    .put(reason)
                    .put((byte) END);
            client.getOutputStream().write(frame.array());
        }
    }

    /** The broker learns that those have gone. */
    void release() throws IOException {
        for (Socket broker : left) {
            broker.close();
        }
    }

    @Override
    public void close() throws IOException {
        release();
        socket.close();
    }
}
