package io.tallymq.raft.log.link;

import io.tallymq.net.NodesTls;
import io.tallymq.raft.log.config.Groups;
import io.tallymq.raft.log.config.LinkTuning;
import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.config.RaftNodeConfig.Peer;
import io.tallymq.raft.log.link.LinkHandshake.Hello;
import io.tallymq.raft.log.link.LinkHandshake.Purpose;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A connection to another node's link port for one question. Blocks. */
public final class LinkCall implements AutoCloseable {
    private final LinkHandshake handshake;
    private final LinkTuning tuning;
    /** Null for plain text. */
    private final NodesTls tls;

    private final Socket connected = new Socket();

    /** From the node with this configuration; connects to nobody yet. */
    public LinkCall(RaftNodeConfig config) {
        this.handshake = new LinkHandshake(config);
        this.tuning = config.tuning().link();
        this.tls = config.tls();
    }

    /**
     * Asks for a checkpoint of the store: connects and proves who this node is. Once.
     *
     * @param to where, by its configured address
     * @param silenceMillis that the other node may be silent for from then on, in milliseconds
     * @return its frames, see {@link #read}; ends with this call
     * @throws IOException it is not reached in time, or takes this node for no member of its cluster, as the message says then
     */
    public DataInputStream checkpoint(Peer to, int silenceMillis) throws IOException {
        return greet(to, Purpose.CHECKPOINT, silenceMillis);
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

    /**
     * What came.
     *
     * @param type one of {@link LinkFrame}'s
     * @param payload the receiver's own
     */
    public record Frame(byte type, byte[] payload) {
        /**
         * What a frame of this type carries.
         *
         * @throws IOException it is of another type; of a rejection the message is what the other node said
         */
        public byte[] expect(byte expected) throws IOException {
            if (type == LinkFrame.REJECT) {
                throw new LinkHandshake.RefusedException(new String(payload, StandardCharsets.UTF_8));
            }
            if (type != expected) {
                throw new IOException("frame " + type + " instead of " + expected);
            }
            return payload;
        }
    }

    /**
     * Waits for the next frame, as long as the other node may be silent.
     *
     * @param limit most that a frame may have, in bytes, its head but for the length counted
     * @throws IOException the connection broke, or what came is no frame within the limit, or it is another group's
     */
    public static Frame read(DataInputStream in, int limit) throws IOException {
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
