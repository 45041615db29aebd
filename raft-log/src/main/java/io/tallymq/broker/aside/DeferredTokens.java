package io.tallymq.broker.aside;

import java.util.TreeMap;

/** Where the deferred messages of all queues are, by their tokens. What is said of a queue that is deleted, or of
 * a message that is not aside there, means nothing. */
public final class DeferredTokens {
    private record Token(String vhost, String text) implements Comparable<Token> {
        @Override
        public int compareTo(Token o) {
            int c = vhost.compareTo(o.vhost);
            return c != 0 ? c : text.compareTo(o.text);
        }
    }

    /** Of a message. */
    public record Place(long queue, long seq) {}

    private final TreeMap<Token, Place> all = new TreeMap<>();

    /** Null for none. */
    public Place find(String vhost, String token) {
        return all.get(new Token(vhost, token));
    }

    void put(String vhost, String token, Place place) {
        all.put(new Token(vhost, token), place);
    }

    /** It is not this message's any more, if it was. */
    void remove(String vhost, String token, Place place) {
        all.remove(new Token(vhost, token), place);
    }
}
