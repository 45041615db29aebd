package io.tallymq.broker.access;

import io.tallymq.broker.view.AccessView;
import io.tallymq.broker.view.User;
import io.tallymq.broker.view.Vhost;

/**
 * Who somebody was when he came, and where: users and virtual hosts may be deleted and made again by the same name, between two looks at whether they are
 * there. As long as the state does not keep when they were made (see {@link AccessState#MADE_LEVEL}) they are what their names are. One thread at a
 * time.
 */
public final class Presence {
    private static final long UNKNOWN = -1;

    private long user;
    private long vhost = UNKNOWN;

    private Presence(long user) {
        this.user = user;
    }

    /** Of somebody who is about to prove that he is this user; one that is not there yet, or is no user but the configured one, is who he is first seen as. */
    public static Presence of(AccessView access, String name) {
        User u = access.user(name);
        return new Presence(u == null ? UNKNOWN : u.made());
    }

    /** Whether he is this user; null is nobody. */
    boolean is(User found) {
        if (found != null && user == UNKNOWN) {
            user = found.made();
        }
        return found != null && found.made() == user;
    }

    /** Whether he is in this virtual host, which is the one that he is in first; null is none. */
    boolean isIn(Vhost found) {
        if (found != null && vhost == UNKNOWN) {
            vhost = found.made();
        }
        return found != null && found.made() == vhost;
    }
}
