package io.tallymq.tally.profile;

import java.util.List;

/**
 * A named cluster. What is not said is null, or an empty list.
 *
 * @param addresses of the HTTP API
 * @param amqp addresses for AMQP; none: asked from the nodes
 * @param ca PEM file of the certificates to trust
 */
public record Profile(
        List<String> addresses, List<String> amqp, String user, String password, String vhost, String ca) {
    static final Profile NONE = new Profile(List.of(), List.of(), null, null, null, null);

    @Override
    public String toString() {
        return "Profile[" + addresses + ", " + user + "]"; // the password stays where it is
    }
}
