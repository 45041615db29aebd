package io.tallymq.amqp.socket;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AttributeKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import javax.net.ssl.SSLSession;

/**
 * How a client's socket is encrypted, and what the client has shown of itself by that.
 *
 * @param protocol as Java names it, {@code TLSv1.3}; as the suite, of no meaning before both sides have agreed
 * @param suite by its registered name, {@code TLS_AES_256_GCM_SHA384}
 * @param certificate the client's own, that was checked; null for none
 */
public record ClientTls(String protocol, String suite, Certificate certificate) {
    /**
     * A certificate.
     *
     * @param subject whose it is, as RFC 4514 writes it, as the issuer
     */
    public record Certificate(String subject, String issuer, Instant from, Instant until) {}

    private static final AttributeKey<ClientTls> KNOWN = AttributeKey.valueOf(ClientTls.class, "known");
    private static final String NOT_AGREED = "NONE";

    /** Null without TLS. Looked at once for each socket: it stays as it was agreed. Any thread. */
    public static ClientTls of(Channel socket) {
        SslHandler handler = socket.pipeline().get(SslHandler.class);
        ClientTls known = socket.attr(KNOWN).get();
        if (handler == null || known != null) {
            return known;
        }
        SSLSession session = handler.engine().getSession();
        X509Certificate shown = ClientCertificate.shown(socket);
        ClientTls now =
                new ClientTls(session.getProtocol(), session.getCipherSuite(), shown == null ? null : read(shown));
        if (!now.protocol.equals(NOT_AGREED)) {
            socket.attr(KNOWN).set(now);
        }
        return now;
    }

    private static Certificate read(X509Certificate c) {
        return new Certificate(
                c.getSubjectX500Principal().getName(),
                c.getIssuerX500Principal().getName(),
                c.getNotBefore().toInstant(),
                c.getNotAfter().toInstant());
    }
}
