package io.tallymq.amqp.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tallymq.amqp.wire.ChannelMethod;
import io.tallymq.amqp.wire.ConnectionMethod;
import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.amqp.wire.Frame;
import io.tallymq.amqp.wire.FrameWriter;
import io.tallymq.amqp.wire.LongString;
import io.tallymq.amqp.wire.Method;
import io.tallymq.amqp.wire.MethodCodec;
import io.tallymq.amqp.wire.ProtocolHeader;
import io.tallymq.amqp.wire.WireException;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.Map;

/** A client that sends what a real one would not. Reads time out after ten seconds. */
public final class RawClient implements AutoCloseable {
    private static final int READ_TIMEOUT = 60_000;
    private static final int SMALL_BUFFER = 8_192;

    private final Socket socket;
    private final DataInputStream in;
    private final MethodCodec codec = new MethodCodec();
    private int contentBytes;

    RawClient(int port) throws IOException {
        this(port, InetAddress.getLoopbackAddress());
    }

    /** @param from an address of this machine */
    RawClient(int port, InetAddress from) throws IOException {
        this(new Socket(InetAddress.getByName("127.0.0.1"), port, from, 0));
    }

    private RawClient(Socket connected) throws IOException {
        socket = connected;
        socket.setSoTimeout(READ_TIMEOUT);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    }

    /** One whose kernel takes little of what it does not read. */
    static RawClient slow(int port) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(SMALL_BUFFER);
        socket.connect(new InetSocketAddress("127.0.0.1", port));
        return new RawClient(socket);
    }

    /** For what takes the server longer than others. */
    public RawClient patient() throws IOException {
        socket.setSoTimeout(3 * READ_TIMEOUT);
        return this;
    }

    /** What a frame holds. */
    public static final class Received {
        private final int type;
        private final int channel;
        private final byte[] payload;

        private Received(int type, int channel, byte[] payload) {
            this.type = type;
            this.channel = channel;
            this.payload = payload;
        }

        public int type() {
            return type;
        }

        public int channel() {
            return channel;
        }

        public byte[] payload() {
            return payload;
        }
    }

    public void send(byte[] octets) throws IOException {
        socket.getOutputStream().write(octets);
    }

    public void send(ByteBuf octets) throws IOException {
        byte[] bytes = new byte[octets.readableBytes()];
        octets.readBytes(bytes);
        send(bytes);
    }

    public void send(int channel, Method method) throws IOException {
        ByteBuf out = Unpooled.buffer();
        FrameWriter.method(out, channel, method);
        send(out);
    }

    /** A frame of any kind, also one that no client should send. */
    public void frame(int type, int channel, byte[] payload, int end) throws IOException {
        ByteBuf out = Unpooled.buffer();
        out.writeByte(type);
        out.writeShort(channel);
        out.writeInt(payload.length);
        out.writeBytes(payload);
        out.writeByte(end);
        send(out);
    }

    /** A content header without properties. */
    public void header(int channel, int classId, long bodySize) throws IOException {
        ByteBuf out = Unpooled.buffer();
        out.writeShort(classId);
        out.writeShort(0);
        out.writeLong(bodySize);
        out.writeShort(0);
        byte[] payload = new byte[out.readableBytes()];
        out.readBytes(payload);
        frame(Frame.HEADER, channel, payload, Frame.END);
    }

    public void body(int channel, byte[] octets) throws IOException {
        frame(Frame.BODY, channel, octets, Frame.END);
    }

    /** The next octet, -1 at the end. */
    public int read() throws IOException {
        return in.read();
    }

    public Received receive() throws IOException {
        int type = in.readUnsignedByte();
        int channel = in.readUnsignedShort();
        byte[] payload = new byte[in.readInt()];
        in.readFully(payload);
        if (in.readUnsignedByte() != Frame.END) {
            throw new IOException("the server sent a frame without end");
        }
        return new Received(type, channel, payload);
    }

    /** The next method frame; heartbeats and content are passed over. */
    public Method receiveMethod() throws IOException {
        while (true) {
            Received frame = receive();
            if (frame.type() == Frame.METHOD) {
                return decode(frame);
            }
        }
    }

    public Method decode(Received frame) throws IOException {
        try {
            return codec.decode(Unpooled.wrappedBuffer(frame.payload()));
        } catch (WireException e) {
            throw new IOException(e);
        }
    }

    /** The next method, which has to be of this kind. */
    public <M extends Method> M expect(Class<M> kind) throws IOException {
        Method method = receiveMethod();
        if (!kind.isInstance(method)) {
            throw new AssertionError("expected " + kind.getSimpleName() + ", got " + method);
        }
        return kind.cast(method);
    }

    /** True if the server closes the connection without another octet. */
    public boolean isClosedSilently() throws IOException {
        try {
            return in.read() == -1;
        } catch (SocketException reset) {
            return true;
        }
    }

    public RawClient protocolHeader() throws IOException {
        ByteBuf out = Unpooled.buffer();
        ProtocolHeader.write(out);
        send(out);
        return this;
    }

    public static FieldTable clientProperties() {
        return FieldTable.of(Map.of(
                "product",
                "raw",
                "capabilities",
                Map.of(
                        "authentication_failure_close", true,
                        "consumer_cancel_notify", true,
                        "connection.blocked", true)));
    }

    public static ConnectionMethod.StartOk startOk(String user, String password) {
        return new ConnectionMethod.StartOk(
                clientProperties(), "PLAIN", LongString.of("\0" + user + "\0" + password), "en_US");
    }

    /** To connection.tune. */
    public ConnectionMethod.Tune login() throws IOException {
        return login(clientProperties());
    }

    /** As {@link #login()}, with these client properties. */
    public ConnectionMethod.Tune login(FieldTable properties) throws IOException {
        protocolHeader();
        expect(ConnectionMethod.Start.class);
        send(0, new ConnectionMethod.StartOk(properties, "PLAIN", LongString.of("\0guest\0guest"), "en_US"));
        return expect(ConnectionMethod.Tune.class);
    }

    /** Bytes that were received and not read. */
    public int available() throws IOException {
        return in.available();
    }

    /** To connection.open-ok. */
    public RawClient open(int frameMax, int heartbeat) throws IOException {
        login();
        return openAfterLogin(frameMax, heartbeat);
    }

    public RawClient openAfterLogin(int frameMax, int heartbeat) throws IOException {
        send(0, new ConnectionMethod.TuneOk(2047, frameMax, heartbeat));
        send(0, new ConnectionMethod.Open("/"));
        expect(ConnectionMethod.OpenOk.class);
        return this;
    }

    public RawClient open() throws IOException {
        return open(131_072, 0);
    }

    public RawClient openChannel(int channel) throws IOException {
        send(channel, new ChannelMethod.Open());
        expect(ChannelMethod.OpenOk.class);
        return this;
    }

    /** Sends nothing more: the server reads the end of the stream. */
    public void shutdownOutput() throws IOException {
        socket.shutdownOutput();
    }

    /** As {@link #openChannel}, while body frames arrive; they are counted. */
    public void openChannelAmongContent(int channel) throws IOException {
        send(channel, new ChannelMethod.Open());
        contentBytes = 0;
        while (true) {
            Received frame = receive();
            if (frame.type() == Frame.BODY) {
                contentBytes += frame.payload().length;
            } else if (frame.type() == Frame.METHOD) {
                if (frame.channel() == channel && decode(frame) instanceof ChannelMethod.OpenOk) {
                    return;
                }
                throw new AssertionError("a method among content: " + decode(frame));
            }
        }
    }

    /** Bytes of bodies that {@link #openChannelAmongContent} saw. */
    public int contentBytes() {
        return contentBytes;
    }

    public int localPort() {
        return socket.getLocalPort();
    }

    public boolean isOpen() {
        return !socket.isClosed();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
