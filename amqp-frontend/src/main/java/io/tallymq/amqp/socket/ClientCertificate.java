package io.tallymq.amqp.socket;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.security.auth.x500.X500Principal;

/** Who a client is by TLS. */
public final class ClientCertificate {
    private ClientCertificate() {}

    /** The common name in the certificate that the client has shown and that was checked; null for none. */
    public static String name(Channel socket) {
        SslHandler tls = socket.pipeline().get(SslHandler.class);
        if (tls == null) {
            return null;
        }
        try {
            X500Principal subject = (X500Principal) tls.engine().getSession().getPeerPrincipal();
            return new LdapName(subject.getName())
                    .getRdns().stream()
                            .filter(r -> r.getType().equalsIgnoreCase("CN"))
                            .map(r -> r.getValue().toString())
                            .findFirst()
                            .orElse(null);
        } catch (SSLPeerUnverifiedException | InvalidNameException e) {
            return null;
        }
    }
}
