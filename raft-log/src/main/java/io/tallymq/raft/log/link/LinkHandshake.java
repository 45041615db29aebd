package io.tallymq.raft.log.link;

import io.tallymq.format.Versions;
import io.tallymq.raft.log.config.ClusterName;
import io.tallymq.raft.log.config.Groups;
import io.tallymq.raft.log.config.RaftNodeConfig;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * How two nodes recognise each other on the link. The dialling node says who it is, whom it wants and a random number;
 * the other answers with a random number and its proof; the dialling node sends its own proof. A proof is an HMAC
 * of all of this, the version that was chosen too, under the shared secret, so the secret is never sent and an answer can not be replayed.
 */
final class LinkHandshake {
    /** What this program speaks on the link, see decision 013. Two nodes take the highest that both speak. */
    static final Versions VERSIONS = new Versions(1, 3);

    private static final int MAGIC = 0x544d514c;
    private static final int NONCE_BYTES = 32;
    private static final int PROOF_BYTES = 32;
    private static final int CHALLENGE_BYTES = 2 + NONCE_BYTES + PROOF_BYTES;
    private static final String ALGORITHM = "HmacSHA256";
    private static final SecureRandom RANDOM = new SecureRandom();

    /** What the connection is for. */
    enum Purpose {
        BATCHES,
        CHECKPOINT
    }

    /**
     * The dialling node's first word.
     *
     * @param group the one whose checkpoint it wants
     * @param from the dialling node's id
     * @param name of the dialling node, for people
     * @param to the id of the node that it wants
     */
    record Hello(
            Versions versions,
            Purpose purpose,
            int group,
            String cluster,
            String from,
            String name,
            String to,
            byte[] nonce) {}

    /** The other node's answer: the version it chose, its random number and its proof of both. */
    record Challenge(int version, byte[] nonce, byte[] proof) {}

    /** Says why a connection is refused. */
    static final class RefusedException extends IOException {
        private static final long serialVersionUID = 1;

        RefusedException(String message) {
            super(message);
        }
    }

    private final String cluster;
    private final String self;
    private final String name;
    private final byte[] secret;
    private final Versions versions;

    LinkHandshake(RaftNodeConfig config) {
        this(config.clusterName(), config.self(), config.secret(), VERSIONS);
    }

    /** With other versions than this program's: for tests. */
    LinkHandshake(String cluster, RaftNodeConfig.Peer self, String secret, Versions versions) {
        this.versions = versions;
        this.cluster = cluster;
        this.self = self.id();
        this.name = self.name();
        // An HMAC key must not be empty.
        this.secret = ("tallymq-link:" + secret).getBytes(StandardCharsets.UTF_8);
    }

    Hello hello(String to, Purpose purpose) {
        return new Hello(versions, purpose, Groups.BROKER, cluster, self, name, to, nonce());
    }

    static byte[] encode(Hello hello) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(MAGIC);
            out.writeShort(hello.versions().min());
            out.writeShort(hello.versions().max());
            out.writeByte(hello.purpose().ordinal());
            out.writeShort(hello.group());
            out.writeUTF(hello.cluster());
            out.writeUTF(hello.from());
            out.writeUTF(hello.name());
            out.writeUTF(hello.to());
            out.write(hello.nonce());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** Reads the dialling node's word and refuses what does not belong here. */
    Hello accept(byte[] payload) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(payload));
        if (in.readInt() != MAGIC) {
            throw new RefusedException("this is not a TallyMQ node: check the link port of the peers");
        }
        Versions theirs = new Versions(in.readUnsignedShort(), in.readUnsignedShort());
        if (versions.common(theirs) == 0) {
            throw new RefusedException("the other node speaks link version " + theirs + ", this one " + versions
                    + ": run versions of TallyMQ that understand each other");
        }
        int purpose = in.readUnsignedByte();
        if (purpose >= Purpose.values().length) {
            throw new RefusedException("unknown purpose " + purpose);
        }
        Hello hello = new Hello(
                theirs,
                Purpose.values()[purpose],
                in.readUnsignedShort(),
                in.readUTF(),
                in.readUTF(),
                in.readUTF(),
                in.readUTF(),
                in.readNBytes(NONCE_BYTES));
        if (!hello.cluster().equals(cluster)) {
            throw new RefusedException("node '" + hello.name() + "' belongs to cluster '" + hello.cluster()
                    + "', this is cluster '" + cluster + "': check cluster names and addresses"
                    + (ClusterName.configured(hello.cluster()).equals(ClusterName.configured(cluster))
                            ? "; behind the name is which restore a cluster comes from, see cluster.origin"
                            : ""));
        }
        if (Groups.refusal(hello.group()) != null) {
            throw new RefusedException(Groups.refusal(hello.group()));
        }
        if (!hello.to().equals(self)) {
            throw new RefusedException("node '" + hello.name() + "' takes this node for the one with the id '"
                    + hello.to() + "', its id is '" + self + "': check the peers' addresses and ids");
        }
        if (hello.nonce().length != NONCE_BYTES) {
            throw new RefusedException("the greeting is too short");
        }
        return hello;
    }

    Challenge challenge(Hello hello) {
        byte[] nonce = nonce();
        int version = versions.common(hello.versions());
        return new Challenge(version, nonce, proof("server", hello, version, nonce));
    }

    static byte[] encode(Challenge challenge) {
        return ByteBuffer.allocate(CHALLENGE_BYTES)
                .putShort((short) challenge.version())
                .put(challenge.nonce())
                .put(challenge.proof())
                .array();
    }

    /** Checks the other node's proof and returns this node's. */
    byte[] answer(Hello hello, byte[] challenge) throws IOException {
        if (challenge.length != CHALLENGE_BYTES) {
            throw new RefusedException("the answer of node '" + hello.to() + "' is malformed");
        }
        ByteBuffer in = ByteBuffer.wrap(challenge);
        int version = Short.toUnsignedInt(in.getShort());
        byte[] nonce = new byte[NONCE_BYTES];
        byte[] proof = new byte[PROOF_BYTES];
        in.get(nonce).get(proof);
        if (!MessageDigest.isEqual(proof, proof("server", hello, version, nonce))) {
            throw new RefusedException("node '" + hello.to() + "' has another secret: set the same on all nodes");
        }
        if (version < versions.min() || version > versions.max()) {
            throw new RefusedException("node '" + hello.to() + "' chose link version " + version + ", this one speaks "
                    + versions + ": run versions of TallyMQ that understand each other");
        }
        return proof("client", hello, version, nonce);
    }

    void check(Hello hello, Challenge challenge, byte[] proof) throws RefusedException {
        if (!MessageDigest.isEqual(proof, proof("client", hello, challenge.version(), challenge.nonce()))) {
            throw new RefusedException("node '" + hello.name() + "' has another secret: set the same on all nodes");
        }
    }

    private byte[] proof(String side, Hello hello, int version, byte[] nonce) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(secret, ALGORITHM));
            mac.update(side.getBytes(StandardCharsets.UTF_8));
            mac.update(encode(hello));
            mac.update((byte) (version >>> 8));
            mac.update((byte) version);
            mac.update(nonce);
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has " + ALGORITHM, e);
        }
    }

    private static byte[] nonce() {
        byte[] nonce = new byte[NONCE_BYTES];
        RANDOM.nextBytes(nonce);
        return nonce;
    }
}
