package io.tallymq.admin;

import java.util.Optional;

/** Says who somebody is. Called on the admin server's own threads, by several at a time; it may compute, not block. */
@FunctionalInterface
public interface AdminAuthenticator {
    /**
     * Compares in a time that tells nothing about the stored password, nor whether the user exists.
     *
     * @param caller for users who may log in from this machine only
     * @return the user, or empty when user, password or place are wrong
     */
    Optional<AdminUser> authenticate(String user, String password, Caller caller);
}
