package io.tallymq.login;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Counts logins by protocol, and by protocol, address and user those of the last so many of these. Any thread. */
public final class LoginTally {
    /** Addresses with users that are told apart; of more those go that logged in longest ago. */
    static final int MOST_SOURCES = 1_000;
    /** Characters of a name that are kept: anybody may claim any. */
    static final int MOST_NAME = 255;

    /** Where logins come from; address and user are empty for all of a protocol. */
    public record Source(String protocol, String address, String user) {}

    /** How many. */
    public record Count(Source source, long succeeded, long failed) {}

    private final Map<Source, long[]> protocols = new LinkedHashMap<>();
    private final Map<Source, long[]> sources = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Source, long[]> eldest) {
            return size() > MOST_SOURCES;
        }
    };

    /** Somebody tried to log in. */
    public synchronized void count(String protocol, InetAddress from, String user, boolean succeeded) {
        int which = succeeded ? 0 : 1;
        String name = user.length() <= MOST_NAME ? user : user.substring(0, MOST_NAME);
        protocols.computeIfAbsent(new Source(protocol, "", ""), s -> new long[2])[which]++;
        sources.computeIfAbsent(new Source(protocol, from.getHostAddress(), name), s -> new long[2])[which]++;
    }

    /** By protocol. */
    public synchronized List<Count> totals() {
        return counts(protocols);
    }

    /** By protocol, address and user. */
    public synchronized List<Count> sources() {
        return counts(sources);
    }

    private static List<Count> counts(Map<Source, long[]> of) {
        Map<String, Count> sorted = new TreeMap<>();
        of.forEach((s, n) -> sorted.put(s.protocol + '\n' + s.address + '\n' + s.user, new Count(s, n[0], n[1])));
        return new ArrayList<>(sorted.values());
    }

    /** Begins anew. */
    public synchronized void clear() {
        protocols.clear();
        sources.clear();
    }
}
