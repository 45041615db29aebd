package io.tallymq.broker.access;

import io.tallymq.broker.spec.Permission;
import io.tallymq.broker.spec.TopicPermission;
import io.tallymq.broker.view.AccessView;
import io.tallymq.broker.view.User;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * What one user may do in one virtual host: the one answer for AMQP and for HTTP, given from what this node has applied. Answers are kept
 * until anything about users changes, so a change acts on what is open at once. One thread at a time.
 */
public final class Rights {
    /** What is done to an exchange or a queue. */
    public enum Act {
        CONFIGURE,
        WRITE,
        READ
    }

    /** Answers that are kept, and expressions. */
    static final int MOST_KEPT = 256;

    private static final String DEFAULT_EXCHANGE = "amq.default";
    private static final String EVERYTHING = ".*";

    private record Asked(Act act, String exchange, String name) {}

    private final Supplier<AccessView> access;
    private final String user;
    private final String vhost;
    private final Map<Asked, Boolean> answers = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Asked, Boolean> eldest) {
            return size() > MOST_KEPT;
        }
    };
    private final Map<String, NamePattern> patterns = new TreeMap<>();
    /** Null for whoever has the name. */
    private final Presence presence;

    private AccessView seen;
    private long version;
    /** How often they began anew. */
    private long renewals;

    private User now;
    private boolean all;
    /** The virtual host is another one than it was, or none. */
    private boolean elsewhere;

    /**
     * Those of whoever has the name.
     *
     * @param access the view of this moment; another one after a new state was installed
     */
    public Rights(Supplier<AccessView> access, String user, String vhost) {
        this(access, user, vhost, null);
    }

    /**
     * Those of somebody who is here.
     *
     * @param presence of his: another one of his name is not he, and another virtual host of that name is not where he is
     */
    public Rights(Supplier<AccessView> access, String user, String vhost, Presence presence) {
        this.access = access;
        this.user = user;
        this.vhost = vhost;
        this.presence = presence;
    }

    /** Whether the user may do this to the exchange or queue; the default exchange has an empty name. */
    public boolean may(Act act, String name) {
        refresh();
        if (elsewhere) {
            return false;
        }
        return all || answers.computeIfAbsent(new Asked(act, null, name), this::decide);
    }

    /** The expression of the names that the user may read; none when he may not be here. Two that are equal allow the same. */
    public Optional<String> readable() {
        if (!mayEnter()) {
            return Optional.empty();
        }
        return Optional.of(all ? EVERYTHING : now.permissions().get(vhost).read());
    }

    /** Whether the user may publish with the routing key to this topic exchange, or bind with it, beside what {@link #may} says. */
    public boolean mayOnTopic(Act act, String exchange, String routingKey) {
        refresh();
        if (all || now == null || !now.topicPermissions().containsKey(vhost)) {
            return true; // who has none is not restricted
        }
        return answers.computeIfAbsent(new Asked(act, exchange, routingKey), this::decideOnTopic);
    }

    /** Whether {@link #mayOnTopic} depends on the routing key. */
    public boolean isTopicRestricted(String exchange) {
        refresh();
        return !all
                && now != null
                && now.topicPermissions().containsKey(vhost)
                && now.topicPermissions().get(vhost).containsKey(exchange);
    }

    /** Whether the user is there and has any permission in the virtual host, and that is there. */
    public boolean mayEnter() {
        refresh();
        return !elsewhere && (all || now != null && now.permissions().containsKey(vhost) && seen.hasVhost(vhost));
    }

    /** Whether the user is there. */
    public boolean isThere() {
        refresh();
        return all || now != null;
    }

    /** Whether the virtual host is there, and is to be. */
    public boolean isVhostThere() {
        refresh();
        return !elsewhere && seen.hasVhost(vhost);
    }

    /** The user may publish in others' names. */
    public boolean mayImpersonate() {
        refresh();
        return now != null && now.has("impersonator");
    }

    /**
     * The number that changes with every change: answers that were asked for behind it are good while it is the same. Not the view's: after
     * another state was installed that may be the same.
     */
    public long version() {
        refresh();
        return renewals;
    }

    private void refresh() {
        AccessView view = access.get();
        long current = view.version();
        if (view != seen || current != version) {
            seen = view;
            version = current;
            now = view.user(user);
            elsewhere = presence != null && !presence.isIn(view.vhost(vhost));
            if (presence != null && !presence.is(now)) {
                now = null;
            }
            all = !view.isInitialised();
            renewals++;
            answers.clear();
            patterns.clear();
        }
    }

    private boolean decide(Asked asked) {
        Permission p = now == null ? null : now.permissions().get(vhost);
        if (p == null) {
            return false;
        }
        String pattern =
                switch (asked.act) {
                    case CONFIGURE -> p.configure();
                    case WRITE -> p.write();
                    case READ -> p.read();
                };
        return isIn(pattern, named(asked.name));
    }

    /** The name by which expressions know an exchange: the default one has none. */
    public static String named(String exchange) {
        return exchange.isEmpty() ? DEFAULT_EXCHANGE : exchange;
    }

    private boolean decideOnTopic(Asked asked) {
        TopicPermission p = now.topicPermissions().get(vhost).get(asked.exchange);
        if (p == null) {
            return true;
        }
        String pattern = asked.act == Act.WRITE ? p.write() : p.read();
        return isIn(KeyPattern.of(pattern, user, vhost), asked.name);
    }

    private boolean isIn(String pattern, String name) {
        if (pattern.isEmpty()) {
            return false;
        }
        NamePattern compiled = patterns.get(pattern);
        if (compiled == null) {
            try {
                compiled = NamePattern.of(pattern);
            } catch (IllegalArgumentException e) {
                return false; // with this user's name in it, it is too large
            }
            patterns.put(pattern, compiled);
        }
        return compiled.isIn(name);
    }
}
