package io.tallymq.net;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLParameters;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who this node is for clients that come by TLS: a certificate and its key out of PEM files, read again when they have changed. Connections
 * that are open keep what they began with. TLS 1.3 and 1.2 only. Any thread.
 */
public final class TlsIdentity {
    private static final Logger LOG = LoggerFactory.getLogger(TlsIdentity.class);
    private static final long HANDSHAKE_SECONDS = 5;

    /**
     * Where it is.
     *
     * @param certificate the node's own first, then those that lead to its root
     * @param key of the certificate, PKCS #8 without a password
     * @param authorities whose certificates clients may show; null for those that the JDK trusts
     * @param clients whether clients are asked for a certificate
     */
    public record Pem(Path certificate, Path key, Path authorities, ClientAuth clients) {
        private List<Path> files() {
            return authorities == null ? List.of(certificate, key) : List.of(certificate, key, authorities);
        }
    }

    private final Pem pem;
    private volatile SslContext context;
    private volatile FirstEnd first;
    private final FileWatch watch;

    /** @throws IOException when the files can't be used; the text says which and why */
    public TlsIdentity(Pem pem) throws IOException {
        this.pem = pem;
        watch = new FileWatch(pem.files());
        load();
    }

    private void load() throws IOException {
        try {
            List<X509Certificate> chain = PemFile.certificates(pem.certificate());
            PrivateKey key = PemFile.key(pem.key());
            if (!PemFile.fit(key, chain.get(0))) {
                throw new IOException(pem.key() + " is not the key of " + pem.certificate());
            }
            SslContextBuilder builder = SslContextBuilder.forServer(key, chain)
                    .protocols("TLSv1.3", "TLSv1.2")
                    .clientAuth(pem.clients());
            if (pem.authorities() != null) {
                builder.trustManager(pem.authorities().toFile());
            }
            List<X509Certificate> authorities =
                    pem.authorities() == null ? List.of() : PemFile.certificates(pem.authorities());
            context = builder.build();
            first = FirstEnd.of(chain, authorities);
        } catch (IllegalArgumentException | GeneralSecurityException | IOException e) {
            throw new IOException(
                    "TLS: " + pem.certificate() + " and " + pem.key()
                            + " can't be used (PEM; the key as PKCS #8, -----BEGIN PRIVATE KEY-----, without a password): "
                            + (e.getCause() == null ? e : e.getCause()).getMessage(),
                    e);
        }
    }

    /** For one connection that was accepted. */
    public SslHandler handler(ByteBufAllocator memory) {
        SslHandler handler = context.newHandler(memory);
        SSLParameters parameters = handler.engine().getSSLParameters();
        parameters.setUseCipherSuitesOrder(true);
        handler.engine().setSSLParameters(parameters);
        handler.setHandshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS);
        return handler;
    }

    /** When the first certificate ends of the node's own, those that lead to its root, and the authorities. */
    public Instant end() {
        return first.end();
    }

    /** Reads the files again if they have changed; goes on with what it has if they are of no use. One thread. */
    public void reloadIfChanged() {
        try {
            if (watch.changed()) {
                load();
                LOG.info(
                        "TLS: read {} again, valid until {}; open connections keep theirs",
                        pem.certificate(),
                        first.text());
            }
        } catch (IOException e) {
            LOG.warn("{}; going on with the certificate that is valid until {}", e.getMessage(), first.text());
        }
    }
}
