package io.tallymq.tally.profile;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;

/**
 * The cluster that a command is for, and as whom.
 *
 * @param addresses of the HTTP API, at least one, without a path
 * @param amqp addresses that were given for AMQP; may be empty
 * @param vhost the virtual host; {@code /} if nobody named one
 * @param namesVhost whether somebody did
 * @param ca PEM file of the certificates to trust; null for Java's own
 */
public record ClusterTarget(
        List<URI> addresses,
        List<String> amqp,
        String user,
        String password,
        String vhost,
        boolean namesVhost,
        Path ca) {
    @Override
    public String toString() {
        return user + "@" + addresses; // the password stays where it is
    }
}
