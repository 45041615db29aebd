package io.tallymq.raft.log;

import io.tallymq.net.NodesTls;
import io.tallymq.raft.log.LinkHandshake.Hello;
import io.tallymq.raft.log.LinkHandshake.Purpose;
import io.tallymq.raft.log.RaftNodeConfig.Peer;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A connection to another node's link port for one question. Blocks. */
final class LinkCall implements AutoCloseable {
    private final LinkHandshake handshake;
    private final LinkTuning tuning;
    private final NodesTls tls;
    private final Socket connected = new Socket();

    /** @param tls null for plain text */
    LinkCall(LinkHandshake handshake, LinkTuning tuning, NodesTls tls) {
        this.handshake = handshake;
        this.tuning = tuning;
        this.tls = tls;
    }

    /**
     * Connects and proves who this node is.
     *
     * @param silenceMillis that the other node may be silent for from then on
     * @return what it says
     * @throws LinkHandshake.RefusedException it takes this node for no member of its cluster
     */
    DataInputStream greet(Peer to, Purpose purpose, int silenceMillis) throws IOException {
        int patience = (int) tuning.connectTimeout().toMillis();
        connected.connect(new InetSocketAddress(to.host(), to.linkPort()), patience);
        connected.setSoTimeout((int) tuning.greeting(tls != null).toMillis());
        Socket socket = tls == null ? connected : tls.dial(connected, to.host(), to.linkPort());
        DataInputStream in = new DataInputStream(socket.getInputStream());
        DataOutputStream out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
        Hello hello = handshake.hello(to.id(), purpose);
        write(out, LinkFrame.HELLO, LinkHandshake.encode(hello));
        Frame challenge = read(in, LinkFrame.MAX_GREETING_BYTES);
        write(out, LinkFrame.PROOF, handshake.answer(hello, challenge.expect(LinkFrame.CHALLENGE)));
        read(in, LinkFrame.MAX_GREETING_BYTES).expect(LinkFrame.WELCOME);
        socket.setSoTimeout(silenceMillis);
        return in;
    }

    @Override
    public void close() throws IOException {
        connected.close();
    }

    /** What came. */
    record Frame(byte type, byte[] payload) {
        byte[] expect(byte expected) throws IOException {
            if (type == LinkFrame.REJECT) {
                throw new LinkHandshake.RefusedException(new String(payload, StandardCharsets.UTF_8));
            }
            if (type != expected) {
                throw new IOException("frame " + type + " instead of " + expected);
            }
            return payload;
        }
    }

    static Frame read(DataInputStream in, int limit) throws IOException {
        int length = in.readInt();
        if (length < LinkFrame.MIN_LENGTH || length > limit) {
            throw new IOException("a frame of " + length + " bytes, " + limit + " are allowed");
        }
        byte type = in.readByte();
        int group = in.readUnsignedShort();
        byte[] payload = in.readNBytes(length - LinkFrame.MIN_LENGTH);
        if (payload.length < length - LinkFrame.MIN_LENGTH) {
            throw new EOFException("the connection ended in a frame");
        }
        if (group != Groups.BROKER) {
            throw new IOException("frame " + type + " of group " + group + ", which was not asked for");
        }
        return new Frame(type, payload);
    }

    private static void write(DataOutputStream out, byte type, byte[] payload) throws IOException {
        out.writeInt(LinkFrame.MIN_LENGTH + payload.length);
        out.writeByte(type);
        out.writeShort(Groups.BROKER);
        out.write(payload);
        out.flush();
    }
}
