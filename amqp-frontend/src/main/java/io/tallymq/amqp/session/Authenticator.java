package io.tallymq.amqp.session;

import java.net.InetAddress;

/** Decides who may log in; one for AMQP and HTTP. Any thread; must not block. */
@FunctionalInterface
public interface Authenticator {
    /**
     * Whether the password is the user's and the user may come from there. Takes the same time whichever part is wrong.
     *
     * @param peer the TCP peer's own address, never one that the peer claims
     */
    boolean accepts(String user, byte[] password, InetAddress peer);
}
