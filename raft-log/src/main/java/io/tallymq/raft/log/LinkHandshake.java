package io.tallymq.raft.log;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * How two nodes recognise each other on the link. The dialling node says who it is, whom it wants and a random number;
 * the other answers with a random number and its proof; the dialling node sends its own proof. A proof is an HMAC
 * of all of this under the shared secret, so the secret is never sent and an answer can not be replayed.
 */
final class LinkHandshake {
    /** Of the link's frames. Both sides must speak the same. */
    static final int VERSION = 1;

    private static final int MAGIC = 0x544d514c;
    private static final int NONCE_BYTES = 32;
    private static final int PROOF_BYTES = 32;
    private static final String ALGORITHM = "HmacSHA256";
    private static final SecureRandom RANDOM = new SecureRandom();

    /** What the connection is for. */
    enum Purpose {
        BATCHES,
        CHECKPOINT
    }

    /** The dialling node's first word. */
    record Hello(int version, Purpose purpose, String cluster, String from, String to, byte[] nonce) {}

    /** The other node's answer: its random number and its proof. */
    record Challenge(byte[] nonce, byte[] proof) {}

    /** Says why a connection is refused. */
    static final class RefusedException extends IOException {
        private static final long serialVersionUID = 1;

        RefusedException(String message) {
            super(message);
        }
    }

    private final String cluster;
    private final String self;
    private final byte[] secret;

    LinkHandshake(String cluster, String self, String secret) {
        this.cluster = cluster;
        this.self = self;
        // An HMAC key must not be empty.
        this.secret = ("tallymq-link:" + secret).getBytes(StandardCharsets.UTF_8);
    }

    Hello hello(String to, Purpose purpose) {
        return new Hello(VERSION, purpose, cluster, self, to, nonce());
    }

    static byte[] encode(Hello hello) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(MAGIC);
            out.writeInt(hello.version());
            out.writeByte(hello.purpose().ordinal());
            out.writeUTF(hello.cluster());
            out.writeUTF(hello.from());
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
        int version = in.readInt();
        if (version != VERSION) {
            throw new RefusedException(
                    "link version " + version + " is not " + VERSION + ": run versions that understand each other");
        }
        int purpose = in.readUnsignedByte();
        if (purpose >= Purpose.values().length) {
            throw new RefusedException("unknown purpose " + purpose);
        }
        Hello hello = new Hello(
                version,
                Purpose.values()[purpose],
                in.readUTF(),
                in.readUTF(),
                in.readUTF(),
                in.readNBytes(NONCE_BYTES));
        if (!hello.cluster().equals(cluster)) {
            throw new RefusedException("node '" + hello.from() + "' belongs to cluster '" + hello.cluster()
                    + "', this is cluster '" + cluster + "': check cluster names and addresses");
        }
        if (!hello.to().equals(self)) {
            throw new RefusedException("node '" + hello.from() + "' takes this node for '" + hello.to() + "', it is '"
                    + self + "': check the peers' addresses");
        }
        if (hello.nonce().length != NONCE_BYTES) {
            throw new RefusedException("the greeting is too short");
        }
        return hello;
    }

    Challenge challenge(Hello hello) {
        byte[] nonce = nonce();
        return new Challenge(nonce, proof("server", hello, nonce));
    }

    static byte[] encode(Challenge challenge) {
        byte[] payload = new byte[NONCE_BYTES + PROOF_BYTES];
        System.arraycopy(challenge.nonce(), 0, payload, 0, NONCE_BYTES);
        System.arraycopy(challenge.proof(), 0, payload, NONCE_BYTES, PROOF_BYTES);
        return payload;
    }

    /** Checks the other node's proof and returns this node's. */
    byte[] answer(Hello hello, byte[] challenge) throws IOException {
        if (challenge.length != NONCE_BYTES + PROOF_BYTES) {
            throw new RefusedException("the answer of node '" + hello.to() + "' is malformed");
        }
        byte[] nonce = Arrays.copyOf(challenge, NONCE_BYTES);
        byte[] proof = Arrays.copyOfRange(challenge, NONCE_BYTES, challenge.length);
        if (!MessageDigest.isEqual(proof, proof("server", hello, nonce))) {
            throw new RefusedException("node '" + hello.to() + "' has another secret: set the same on all nodes");
        }
        return proof("client", hello, nonce);
    }

    void check(Hello hello, Challenge challenge, byte[] proof) throws RefusedException {
        if (!MessageDigest.isEqual(proof, proof("client", hello, challenge.nonce()))) {
            throw new RefusedException("node '" + hello.from() + "' has another secret: set the same on all nodes");
        }
    }

    private byte[] proof(String side, Hello hello, byte[] nonce) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(secret, ALGORITHM));
            mac.update(side.getBytes(StandardCharsets.UTF_8));
            mac.update(encode(hello));
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
