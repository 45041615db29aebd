package io.tallymq.admin;

import java.net.InetAddress;
import java.util.Optional;

/** Says who somebody is. Called on the admin server's own threads, by several at a time; it may compute, not block. */
@FunctionalInterface
public interface Authenticator {
    /**
     * Compares in a time that tells nothing about the stored password, nor whether the user exists.
     *
     * @param peer the client's address as the socket sees it, for users who may log in from loopback only
     * @return the user, or empty when user, password or address are wrong
     */
    Optional<AdminUser> authenticate(String user, String password, InetAddress peer);
}
