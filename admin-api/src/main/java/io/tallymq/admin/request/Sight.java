package io.tallymq.admin.request;

import io.tallymq.broker.view.AccessView;
import io.tallymq.broker.view.User;
import io.tallymq.login.LoginUser;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What a user sees: everything, or what is in the virtual hosts that he may enter, and of connections and their channels his own. As it was when
 * the request began.
 *
 * @param user null for nobody
 * @param vhosts that he has permissions in
 */
public record Sight(boolean ofEverything, String user, Set<String> vhosts) {
    private static final List<String> OF_EVERYTHING = List.of("monitoring", ApiRequest.ADMINISTRATOR);

    /** @param user null for nobody, who sees nothing */
    public static Sight of(LoginUser user, Supplier<AccessView> access) {
        if (user == null) {
            return new Sight(false, null, Set.of());
        }
        if (OF_EVERYTHING.stream().anyMatch(user.tags()::contains)) {
            return new Sight(true, user.name(), Set.of());
        }
        User now = access.get().user(user.name());
        return new Sight(
                false, user.name(), now == null ? Set.of() : now.permissions().keySet());
    }

    public boolean sees(String vhost) {
        return ofEverything || vhosts.contains(vhost);
    }

    /** Beside being in a virtual host that he sees. */
    public boolean seesConnectionOf(String other) {
        return ofEverything || other.equals(user);
    }
}
