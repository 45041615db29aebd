package io.tallymq.node;

import io.tallymq.amqp.session.Authenticator;
import io.tallymq.login.CertificateName;
import io.tallymq.login.LoginAnswer;
import io.tallymq.login.LoginTally;
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
    public CompletableFuture<Verdict> accepts(String user, byte[] password, InetAddress peer) {
        return counted(logins.login(user, password, peer, peer.isLoopbackAddress()), user, peer);
    }

    /** Also if the client has gone away by then. */
    private CompletableFuture<Verdict> counted(CompletableFuture<LoginAnswer> asked, String user, InetAddress peer) {
        CompletableFuture<Verdict> answer = asked.thenApply(ClientLogins::verdict);
        var unused = asked.thenAccept(a -> count(user, peer, verdict(a)));
        return answer;
    }

    private void count(String user, InetAddress peer, Verdict verdict) {
        if (verdict != Verdict.BUSY) { // nobody knows
            tally.count(PROTOCOL, peer, user, verdict == Verdict.ACCEPTED);
        }
    }

    private static Verdict verdict(LoginAnswer answer) {
        return switch (answer.kind()) {
            case ACCEPTED -> answer.user().isCertain() ? Verdict.ACCEPTED : Verdict.BUSY;
            case REFUSED -> Verdict.REFUSED;
            case BUSY -> Verdict.BUSY;
        };
    }

    @Override
    public boolean hasRoom(InetAddress peer) {
        return logins.hasRoom(peer);
    }

    @Override
    public CompletableFuture<Verdict> acceptsWithoutPassword(String user, InetAddress peer) {
        return counted(logins.mayCome(user, peer.isLoopbackAddress()), user, peer);
    }

    @Override
    public String nameOf(X509Certificate shown) {
        return names.of(shown);
    }
}
