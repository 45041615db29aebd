package io.tallymq.amqp.session;

import java.net.InetAddress;
import java.security.cert.X509Certificate;
import java.util.concurrent.CompletableFuture;

/** Decides who may log in; one for AMQP and HTTP. Any thread; must not block. */
@FunctionalInterface
public interface Authenticator {
    /** What becomes of a login. */
    enum Verdict {
        ACCEPTED,
        /** User, password or place are wrong. */
        REFUSED,
        /** It may be right: too many wait, so that nobody looked at it, or this node does not know yet whom the cluster knows. */
        BUSY
    }

    /**
     * Whether the password is the user's and the user may come from there. Completes on any thread, never exceptionally, and tells nothing by
     * the time it takes. Who cancels it lets go of what hangs on it, no more: the password is compared.
     *
     * @param peer the TCP peer's own address, never one that the peer claims
     */
    CompletableFuture<Verdict> accepts(String user, byte[] password, InetAddress peer);

    /** Whether a login from there would be looked at; else who asks may spare the client the try. */
    default boolean hasRoom(InetAddress peer) {
        return true;
    }

    /** Who has shown a certificate that was checked: the name of a user, whether there is such a one or not; null for nobody. */
    default String nameOf(X509Certificate shown) {
        return null;
    }

    /** The same of a user who has shown a certificate that was checked: whether there is one of this name, and he may come from there. */
    default CompletableFuture<Verdict> acceptsWithoutPassword(String user, InetAddress peer) {
        return CompletableFuture.completedFuture(Verdict.REFUSED);
    }
}
