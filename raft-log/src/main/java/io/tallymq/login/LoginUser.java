package io.tallymq.login;

import java.util.List;

/**
 * Somebody who logged in.
 *
 * @param tags what he may do over HTTP
 * @param isCertain whether the cluster knows him; false while this node does not know whether the cluster has users, and its configuration
 *     names him: then he may look, and change nothing
 */
public record LoginUser(String name, List<String> tags, boolean isCertain) {
    public LoginUser {
        tags = List.copyOf(tags);
    }

    public LoginUser(String name, List<String> tags) {
        this(name, tags, true);
    }
}
