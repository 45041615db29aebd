package io.tallymq.admin.request;

import io.tallymq.broker.access.Rights;
import io.tallymq.broker.view.AccessView;
import io.tallymq.login.LoginUser;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A request that is about to be answered.
 *
 * @param variables what the path's variables stand for
 * @param user who asks; null on routes that are open to everybody
 * @param caller where it comes from
 * @param sight what the user may see
 * @param reason the header X-Reason: why somebody asks for it; null without one
 * @param wanted what of the answer is wanted
 * @param body what came with it; nobody changes it
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record ApiRequest(
        Target target,
        Map<String, String> variables,
        LoginUser user,
        Caller caller,
        Sight sight,
        String reason,
        Wanted wanted,
        byte[] body) {
    public static final String ADMINISTRATOR = "administrator";

    /** Who asks, as the list of what was changed names him. */
    public String by() {
        return user.name();
    }

    /** The address from which he asks. */
    public String from() {
        return caller.address().getHostAddress();
    }

    /** The decoded path segment that the route names so. */
    public String variable(String name) {
        return variables.get(name);
    }

    /** Whether the path names this virtual host, or none, and the user may see it: what every list is made of. */
    public boolean isIn(String vhost) {
        return (variable("vhost") == null || variable("vhost").equals(vhost)) && sight.sees(vhost);
    }

    /** What the user may do in the virtual host that the path names. */
    public Rights rights(Supplier<AccessView> access) {
        return new Rights(access, user.name(), variable("vhost"));
    }

    public boolean isOfAdministrator() {
        return user.tags().contains(ADMINISTRATOR);
    }
}
