package io.tallymq.broker.view;

import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Who there is and who may do what, as this node has applied it. Any thread, at any time, without waiting: each answer stands for itself, so
 * what depends on several is asked again when {@link #version} has changed.
 */
public interface AccessView {
    /** Another number after each change. Of this view: another one may have the same. */
    long version();

    /** Whether the cluster has had its first user. Before that nodes know theirs from their configuration. */
    boolean isInitialised();

    /** Null when there is none. */
    User user(String name);

    /** By name. */
    Collection<User> users();

    /** Null when there is none. One that is going is still here. */
    Vhost vhost(String name);

    /** By name. */
    Collection<Vhost> vhosts();

    /** How many there are, each of a user in a virtual host. */
    int permissions();

    /** Values are JSON. */
    Map<String, String> globalParameters();

    /** What administrators changed, the newest last; so many at most. */
    List<AuditEntry> audit();

    /** Whether there is a virtual host of this name, and is to be. */
    default boolean hasVhost(String name) {
        Vhost v = vhost(name);
        return v != null && !v.isGoing();
    }

    /**
     * A change.
     *
     * @param number ascending
     * @param time milliseconds since the epoch
     * @param by who made it
     * @param from his address, or empty
     * @param what kind of change
     * @param subject what it was about
     */
    record AuditEntry(long number, long time, String by, String from, String what, String subject) {}
}
