package io.tallymq.admin.http;

import io.tallymq.admin.request.Caller;
import io.tallymq.login.LoginUser;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Says who somebody is. Any thread; must not block. */
@FunctionalInterface
public interface AdminAuthenticator {
    /**
     * Takes a time that tells nothing about the stored password, nor whether the user exists. Completes on any thread; exceptionally only with a
     * {@link io.tallymq.admin.request.RefusedException}, when so many wait that nobody looks at this one, or this node is behind.
     *
     * <p>Who cancels it lets go of it and of what hangs on it, no more: the password is compared.
     *
     * @param caller for users who may log in from this machine only
     * @return the user, or empty when user, password or place are wrong
     */
    CompletableFuture<Optional<LoginUser>> authenticate(String user, String password, Caller caller);
}
