package io.tallymq.node;

import io.tallymq.amqp.session.Authenticator;
import io.tallymq.login.CertificateName;
import io.tallymq.login.LoginTally;
import io.tallymq.login.LoginUser;
import io.tallymq.login.Logins;
import java.net.InetAddress;
import java.security.cert.X509Certificate;
import java.util.concurrent.CompletableFuture;

/**
 * The logins of AMQP clients, which are counted.
 *
 * @param names by which certificates log in
 */
record ClientLogins(Logins logins, LoginTally tally, CertificateName names) implements Authenticator {
    private static final String PROTOCOL = "amqp091";

    @Override
    public CompletableFuture<Boolean> accepts(String user, byte[] password, InetAddress peer) {
        return counted(
                user,
                peer,
                logins.login(user, password, peer, peer.isLoopbackAddress())
                        .thenApply(found -> found.filter(LoginUser::isCertain).isPresent()));
    }

    @Override
    public CompletableFuture<Boolean> acceptsWithoutPassword(String user, InetAddress peer) {
        return counted(user, peer, logins.mayCome(user, peer.isLoopbackAddress()));
    }

    @Override
    public String nameOf(X509Certificate shown) {
        return names.of(shown);
    }

    private CompletableFuture<Boolean> counted(String user, InetAddress peer, CompletableFuture<Boolean> login) {
        return login.whenComplete(
                (accepted, error) -> tally.count(PROTOCOL, peer, user, Boolean.TRUE.equals(accepted)));
    }
}
