package io.tallymq.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who this node is for the other nodes, and whom it takes for one, by TLS 1.3 or 1.2 with a certificate on both sides. The files are read
 * again when they have changed; connections that are open keep what they began with. Any thread.
 *
 * <p>Each connection has a context of its own: so it begins with what the files say now, none goes on with a session of another one without a
 * look at the certificate, and what is refused is known by whom. Nodes connect seldom.
 */
public final class NodesTls {
    private static final Logger LOG = LoggerFactory.getLogger(NodesTls.class);
    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};
    private static final String HTTP2 = "h2";
    private static final long THREAD_SECONDS = 10;

    /** What a node does that is kept out, in its log. */
    private static final String WHAT_TO_DO =
            "certificates that fit are made with deploy/tally certs, and read within 10 s of being put in place";

    /**
     * Where it is.
     *
     * @param certificate the node's own first, then those that lead to its root
     * @param key of the certificate, PKCS #8 without a password
     * @param authorities whose certificates nodes may show
     */
    public record Pem(Path certificate, Path key, Path authorities) {}

    /**
     * Whom a node's certificate may be made out to.
     *
     * @param self this node's host, as the others dial it
     * @param names hosts, names and ids of all nodes
     */
    public record Members(String self, Set<String> names) {
        public Members {
            names = Set.copyOf(names);
        }

        boolean isIn(X509Certificate certificate) {
            Set<String> its = CertificateNames.of(certificate);
            return names.stream().anyMatch(name -> CertificateNames.match(its, name));
        }
    }

    /** What the files said. */
    private record Identity(
            PrivateKey key, List<X509Certificate> chain, X509ExtendedTrustManager trust, FirstEnd first) {
        X509Certificate own() {
            return chain.get(0);
        }

        Instant ownEnd() {
            return own().getNotAfter().toInstant();
        }
    }

    private final Pem pem;
    private final Members members;
    private final FileWatch watch;
    private final RefusalLog refusals = new RefusalLog(LOG);
    private final Map<String, LongAdder> refusedOn = new ConcurrentHashMap<>();
    private final SecureRandom random = new SecureRandom();
    private final ThreadPoolExecutor handshakes;
    private volatile Identity identity;

    /** @throws IOException when the files can't be used; the text says which and why */
    public NodesTls(Pem pem, Members members) throws IOException {
        this.pem = pem;
        this.members = members;
        this.watch = new FileWatch(List.of(pem.certificate(), pem.key(), pem.authorities()));
        this.identity = load();
        this.handshakes =
                new ThreadPoolExecutor(1, 1, THREAD_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "nodes-tls");
                    thread.setDaemon(true);
                    return thread;
                });
        handshakes.allowCoreThreadTimeOut(true);
        warnOfOwn();
    }

    private Identity load() throws IOException {
        try {
            List<X509Certificate> chain = PemFile.certificates(pem.certificate());
            PrivateKey key = PemFile.key(pem.key());
            if (!PemFile.fit(key, chain.get(0))) {
                throw new IOException(pem.key() + " is not the key of " + pem.certificate());
            }
            List<X509Certificate> authorities = PemFile.certificates(pem.authorities());
            return new Identity(key, chain, NodeTrust.jdk(authorities), FirstEnd.of(chain, authorities));
        } catch (IllegalArgumentException | GeneralSecurityException | IOException e) {
            throw new IOException(
                    "TLS between nodes: " + pem.certificate() + ", " + pem.key() + " and " + pem.authorities()
                            + " can't be used (PEM; the key as PKCS #8, -----BEGIN PRIVATE KEY-----, without a password): "
                            + (e.getCause() == null ? e : e.getCause()).getMessage(),
                    e);
        }
    }

    /** Reads the files again if they have changed; goes on with what it has if they are of no use. One thread. */
    public void reloadIfChanged() {
        try {
            if (watch.changed()) {
                identity = load();
                LOG.info(
                        "TLS between nodes: read {} again, valid until {}; open connections keep theirs",
                        pem.certificate(),
                        identity.first().text());
                warnOfOwn();
            }
        } catch (IOException e) {
            LOG.warn(
                    "{}; going on with the certificate that is valid until {}",
                    e.getMessage(),
                    identity.first().text());
        }
    }

    /** When the first certificate ends of this node's own, those that lead to its root, and the authorities. */
    public Instant end() {
        return identity.first().end();
    }

    /** What was refused on that port since the start. */
    public long refused(String port) {
        LongAdder count = refusedOn.get(port);
        return count == null ? 0 : count.sum();
    }

    /** Where the work of handshakes is done, so that a flood of them keeps only others waiting. Its thread ends by itself. */
    public Executor handshakes() {
        return handshakes;
    }

    private void warnOfOwn() {
        String trouble = ownTrouble();
        if (trouble != null) {
            LOG.warn("The other nodes will refuse this node: {}; {}", trouble, WHAT_TO_DO);
        }
    }

    /** Why other nodes that have the same authorities will not take this node's certificate; null if they will. */
    private String ownTrouble() {
        Identity now = identity;
        X509Certificate own = now.own();
        if (now.ownEnd().isBefore(Instant.now())) {
            return "its certificate " + pem.certificate() + " has expired on " + now.ownEnd();
        }
        if (!CertificateNames.match(CertificateNames.hosts(own), members.self())) {
            return "its certificate " + pem.certificate() + " is made out to " + CertificateNames.of(own)
                    + " and not to " + members.self() + ", its host in cluster.peers (subject alternative name)";
        }
        try {
            X509Certificate[] chain = now.chain().toArray(X509Certificate[]::new);
            now.trust().checkClientTrusted(chain, now.key().getAlgorithm());
            now.trust().checkServerTrusted(chain, "UNKNOWN");
        } catch (CertificateException e) {
            Throwable root = e;
            while (root.getCause() != null) {
                root = root.getCause();
            }
            return "its certificate " + pem.certificate() + " does not stand by the authorities in " + pem.authorities()
                    + ": " + root.getMessage();
        }
        return null;
    }

    // --- Dialling ----------------------------------------------------------------------------------------------------

    /** For a connection that this node makes to a node at {@code host}. */
    public SSLContext context(String host, int port) {
        String there = host + ":" + port;
        BiConsumer<String, String> refused = (kind, why) -> refusals.warn(
                InetSocketAddress.createUnresolved(host, port),
                port + kind,
                "The node at " + there + " is not taken for one: " + why + "; " + WHAT_TO_DO);
        return context(refused);
    }

    private SSLContext context(BiConsumer<String, String> refused) {
        Identity now = identity;
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    new KeyManager[] {new NodeKey(now.key(), now.chain().toArray(X509Certificate[]::new))},
                    new TrustManager[] {new NodeTrust(now.trust(), members, refused)},
                    random);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has TLS", e);
        }
    }

    private static void dialling(SSLParameters parameters) {
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        parameters.setProtocols(PROTOCOLS);
    }

    /** As {@link #context}, ready to shake hands. */
    public SSLEngine dial(String host, int port) {
        SSLEngine engine = context(host, port).createSSLEngine(host, port);
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        dialling(parameters);
        engine.setSSLParameters(parameters);
        return engine;
    }

    /** As {@link #context}, over a connection that is there; it is closed with the socket that is returned. Shakes hands; blocks. */
    public SSLSocket dial(Socket connected, String host, int port) throws IOException {
        SSLSocket socket = (SSLSocket) context(host, port).getSocketFactory().createSocket(connected, host, port, true);
        SSLParameters parameters = socket.getSSLParameters();
        dialling(parameters);
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    /** Enabled protocols, for who makes an engine out of a {@link #context}. */
    public static String[] protocols() {
        return PROTOCOLS.clone();
    }

    /**
     * A connection to another node came to nothing: says why, if that has not been said already.
     *
     * @param node what people call it
     * @param cause null when the other end just closed it, as one does that stops
     * @return whether that will be the same again at once
     */
    public boolean keptOut(String node, String host, int port, Throwable cause) {
        if (MistrustException.isIn(cause)) {
            return true;
        }
        if (isLate(cause)) {
            warn(host, port, "late", node, "it did not finish the handshake in time");
            return false;
        }
        boolean closed = isClosing(cause);
        String what =
                closed ? "it closed the connection" : String.valueOf(root(cause).getMessage());
        String own = ownTrouble();
        if (closed && own == null) {
            warn(
                    host,
                    port,
                    "closed",
                    node,
                    "it closed the connection without a word, so it stops, or its log says why");
            return false;
        }
        String why;
        if (isPlain(cause)) {
            why = "it answers in plain text: set tls.nodes to the same on all nodes";
        } else if (own != null) {
            why = "it refused this node (" + what + "): " + own;
        } else {
            why = "it did not take this node for one, or speaks no TLS (" + what + "): its log says why;"
                    + " tls.nodes and the authorities have to be the same on all nodes";
        }
        warn(host, port, isPlain(cause) ? "plain" : "kept out", node, why + "; " + WHAT_TO_DO);
        return !closed;
    }

    private void warn(String host, int port, String kind, String node, String why) {
        refusals.warn(
                InetSocketAddress.createUnresolved(host, port),
                port + kind,
                "Node '" + node + "' at " + host + ":" + port + " can't be spoken to by TLS: " + why);
    }

    private static boolean isLate(Throwable cause) {
        return cause != null && String.valueOf(root(cause).getMessage()).contains("handshake timed out");
    }

    private static boolean isClosing(Throwable cause) {
        return cause == null || root(cause) instanceof ClosedChannelException;
    }

    // --- Accepting ---------------------------------------------------------------------------------------------------

    /**
     * For a connection that was accepted.
     *
     * @param port whose it is, for the log
     */
    public SSLEngine accept(String port, SocketAddress from) {
        SSLEngine engine = context((kind, why) -> refuse(port, from, kind, why)).createSSLEngine();
        engine.setUseClientMode(false);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(PROTOCOLS);
        parameters.setNeedClientAuth(true);
        parameters.setUseCipherSuitesOrder(true);
        parameters.setApplicationProtocols(new String[] {HTTP2}); // who asks for none gets none
        engine.setSSLParameters(parameters);
        return engine;
    }

    private void refuse(String port, SocketAddress from, String kind, String why) {
        refusedOn.computeIfAbsent(port, p -> new LongAdder()).increment();
        refusals.warn(from, port + kind, port + " connection of " + from + " refused: " + why);
    }

    /** A connection that was accepted came to nothing: says why, if that has not been said and there is anything to say. */
    public void refused(String port, SocketAddress from, Throwable cause) {
        if (MistrustException.isIn(cause) || isClosing(cause)) {
            return;
        }
        String text = String.valueOf(root(cause).getMessage());
        if (isPlain(cause)) {
            plain(port, from);
        } else if (text.contains("certificate chain") || text.contains("cert chain")) {
            refuse(port, from, "none", "it shows no certificate");
        } else if (isLate(cause) || text.contains("AEAD cipher fragment (2)")) { // an alert from before there were keys
            refuse(port, from, "late", "the handshake was given up before it was done");
        } else if (text.contains("fatal alert")) {
            refuse(port, from, "alert", "it does not take this node for one (" + text + "): its log says why");
        } else {
            refuse(port, from, "handshake", text);
        }
    }

    /** Somebody spoke plain text. */
    public void plain(String port, SocketAddress from) {
        refuse(
                port,
                from,
                "plain",
                "plain text was spoken to a port that speaks TLS: set tls.nodes to the same on all nodes");
    }

    /** By its name: there are two Nettys, Ratis' own and ours. */
    private static boolean isPlain(Throwable cause) {
        for (Throwable each = cause; each != null; each = each.getCause()) {
            if (each.getClass().getSimpleName().equals("NotSslRecordException")
                    || String.valueOf(each.getMessage()).contains("plaintext connection")) {
                return true;
            }
        }
        return false;
    }

    private static Throwable root(Throwable cause) {
        Throwable root = cause;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }
}
