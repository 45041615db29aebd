package io.tallymq.login;

import java.util.List;

/**
 * Somebody who logged in.
 *
 * @param tags what he may do over HTTP
 */
public record LoginUser(String name, List<String> tags) {
    public LoginUser {
        tags = List.copyOf(tags);
    }
}
