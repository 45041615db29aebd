package io.tallymq.amqp.socket;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLPeerUnverifiedException;

/** Who a client is by TLS. */
public final class ClientCertificate {
    private ClientCertificate() {}

    /** The certificate that the client has shown and that was checked; null for none. */
    public static X509Certificate shown(Channel socket) {
        SslHandler tls = socket.pipeline().get(SslHandler.class);
        if (tls == null) {
            return null;
        }
        try {
            return tls.engine().getSession().getPeerCertificates()[0] instanceof X509Certificate own ? own : null;
        } catch (SSLPeerUnverifiedException e) {
            return null;
        }
    }
}
