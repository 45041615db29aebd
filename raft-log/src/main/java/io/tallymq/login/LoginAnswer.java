package io.tallymq.login;

import java.util.Optional;

/**
 * What somebody who wants to log in is told.
 *
 * @param user who it is; null unless he is let in
 */
public record LoginAnswer(Kind kind, LoginUser user) {
    /** What became of it. */
    public enum Kind {
        ACCEPTED,
        /** User, password or place are wrong. */
        REFUSED,
        /** It may be right, and come again: too many wait, so that nobody has looked at it, or this node does not know yet whom the cluster knows. */
        BUSY
    }

    static final LoginAnswer REFUSED = new LoginAnswer(Kind.REFUSED, null);
    static final LoginAnswer BUSY = new LoginAnswer(Kind.BUSY, null);

    static LoginAnswer of(LoginUser user) {
        return new LoginAnswer(Kind.ACCEPTED, user);
    }

    /** Who it is; nobody unless he is let in. */
    public Optional<LoginUser> found() {
        return Optional.ofNullable(user);
    }
}
