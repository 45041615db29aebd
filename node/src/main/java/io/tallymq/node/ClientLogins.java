package io.tallymq.node;

import io.tallymq.amqp.session.Authenticator;
import io.tallymq.login.Logins;
import java.net.InetAddress;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The logins of AMQP clients. */
record ClientLogins(Logins logins) implements Authenticator {
    @Override
    public CompletableFuture<Boolean> accepts(String user, byte[] password, InetAddress peer) {
        return logins.login(user, password, peer, peer.isLoopbackAddress()).thenApply(Optional::isPresent);
    }

    @Override
    public boolean acceptsWithoutPassword(String user, InetAddress peer) {
        return logins.mayCome(user, peer.isLoopbackAddress());
    }
}
