package io.tallymq.broker.access;

import com.google.re2j.Pattern;

/** The expressions of topic permissions, in which {username} and {vhost} stand for names: literally, whatever is in them. */
final class KeyPattern {
    private static final String USER = "{username}";
    private static final String VHOST = "{vhost}";

    private KeyPattern() {}

    /** With a name of one letter in the place of each variable. */
    static String plain(String pattern) {
        return of(pattern, "u", "v");
    }

    static String of(String pattern, String user, String vhost) {
        return pattern.replace(USER, Pattern.quote(user)).replace(VHOST, Pattern.quote(vhost));
    }
}
