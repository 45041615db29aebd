package io.tallymq.node;

import io.tallymq.amqp.session.Authenticator;
import io.tallymq.login.LoginUser;
import io.tallymq.login.Logins;
import java.net.InetAddress;
import java.util.concurrent.CompletableFuture;

/** The logins of AMQP clients. */
record ClientLogins(Logins logins) implements Authenticator {
    @Override
    public CompletableFuture<Boolean> accepts(String user, byte[] password, InetAddress peer) {
        return logins.login(user, password, peer, peer.isLoopbackAddress())
                .thenApply(found -> found.filter(LoginUser::isCertain).isPresent());
    }

    @Override
    public CompletableFuture<Boolean> acceptsWithoutPassword(String user, InetAddress peer) {
        return logins.mayCome(user, peer.isLoopbackAddress());
    }
}
