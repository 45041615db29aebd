package io.tallymq.admin;

import io.tallymq.login.LoginUser;
import java.util.Map;

/**
 * A request that is about to be answered.
 *
 * @param variables what the path's variables stand for
 * @param user who asks; null on routes that are open to everybody
 * @param body what came with it; nobody changes it
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record ApiRequest(Target target, Map<String, String> variables, LoginUser user, byte[] body) {
    /** The decoded path segment that the route names so. */
    String variable(String name) {
        return variables.get(name);
    }

    /** Whether the path names this virtual host, or none. */
    boolean isIn(String vhost) {
        return variable("vhost") == null || variable("vhost").equals(vhost);
    }
}
