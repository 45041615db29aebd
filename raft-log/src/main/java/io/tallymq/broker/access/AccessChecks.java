package io.tallymq.broker.access;

import io.tallymq.broker.change.SetGlobalParameter;
import io.tallymq.broker.change.SetLimit;
import io.tallymq.broker.change.SetUser;
import io.tallymq.broker.change.SetVhost;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.spec.Permission;
import io.tallymq.broker.spec.TopicPermission;
import io.tallymq.broker.view.User;
import io.tallymq.broker.view.Vhost;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What administrators may ask for, whatever there is already. Null where nothing is wrong. */
public final class AccessChecks {
    /** Longest name, in bytes. */
    private static final int MAX_NAME = 255;
    /** Longest description, and value of a global parameter, in bytes. */
    private static final int MAX_TEXT = 4_096;

    private static final int MAX_TAGS = 20;
    /** Longest hash of a password, in characters. */
    private static final int MAX_HASH = 512;

    private static final List<String> QUEUE_TYPES = List.of("", "classic", "quorum", "stream");
    private static final List<String> OF_USERS = List.of(User.MAX_CHANNELS, User.MAX_CONNECTIONS);
    private static final List<String> OF_VHOSTS = List.of(Vhost.MAX_CONNECTIONS, Vhost.MAX_QUEUES);

    private AccessChecks() {}

    public static Reply.Rejected vhost(SetVhost c) {
        Reply.Rejected bad = name("name", c.name());
        if (bad == null && tooLong(c.spec().description())) {
            return invalid("description: " + MAX_TEXT + " bytes at most");
        }
        if (bad == null && !QUEUE_TYPES.contains(c.spec().defaultQueueType())) {
            return invalid(
                    "default_queue_type: '" + c.spec().defaultQueueType() + "' is none of classic, quorum, stream");
        }
        return bad != null ? bad : tags(c.spec().tags());
    }

    public static Reply.Rejected user(SetUser c) {
        Reply.Rejected bad = name("name", c.name());
        if (bad == null && c.spec().password().value().length() > MAX_HASH) {
            return invalid("password_hash: " + MAX_HASH + " characters at most");
        }
        return bad != null ? bad : tags(c.spec().tags());
    }

    private static Reply.Rejected tags(List<String> tags) {
        if (tags.size() > MAX_TAGS) {
            return invalid("tags: " + MAX_TAGS + " at most");
        }
        return tags.stream()
                .map(t -> name("tags", t))
                .filter(r -> r != null)
                .findFirst()
                .orElse(null);
    }

    public static Reply.Rejected permission(Permission p) {
        Reply.Rejected bad = pattern("configure", p.configure());
        bad = bad != null ? bad : pattern("write", p.write());
        return bad != null ? bad : pattern("read", p.read());
    }

    /** Where a name stands in for a variable, any may stand: so it is checked without one. */
    public static Reply.Rejected topicPermission(String exchange, TopicPermission p) {
        if (exchange.getBytes(StandardCharsets.UTF_8).length > MAX_NAME) {
            return invalid("exchange: " + MAX_NAME + " bytes at most");
        }
        Reply.Rejected bad = pattern("write", KeyPattern.plain(p.write()));
        return bad != null ? bad : pattern("read", KeyPattern.plain(p.read()));
    }

    private static Reply.Rejected pattern(String what, String pattern) {
        try {
            NamePattern.of(pattern);
            return null;
        } catch (IllegalArgumentException e) {
            return invalid(what + ": " + e.getMessage());
        }
    }

    public static Reply.Rejected limit(SetLimit c) {
        List<String> known = c.ofUser() ? OF_USERS : OF_VHOSTS;
        return known.contains(c.name())
                ? null
                : invalid("Unrecognised limit '" + c.name() + "': there are " + String.join(" and ", known));
    }

    public static Reply.Rejected globalParameter(SetGlobalParameter c) {
        Reply.Rejected bad = name("name", c.name());
        return bad == null && tooLong(c.value()) ? invalid("value: " + MAX_TEXT + " bytes at most") : bad;
    }

    private static boolean tooLong(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length > MAX_TEXT;
    }

    private static Reply.Rejected name(String what, String name) {
        if (name.isEmpty() || name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME) {
            return invalid(what + ": 1 to " + MAX_NAME + " bytes");
        }
        return name.chars().anyMatch(Character::isISOControl) ? invalid(what + ": no control characters") : null;
    }

    private static Reply.Rejected invalid(String text) {
        return Reply.precondition(Reply.Reason.INVALID_ARGUMENT, "Validation failed\n\n" + text);
    }
}
