package io.tallymq.broker.change;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * All limits of a virtual host: those that it had and that are not named are none any more. Either all of them are taken, or nothing changes.
 *
 * @param most by name; less than 0 for none
 */
public record SetLimits(String vhost, Map<String, Long> most) implements Change {
    /** The level of the state from which on it may be in the log. */
    public static final int LEVEL = 5;

    public SetLimits {
        most = Collections.unmodifiableMap(new TreeMap<>(most));
    }

    @Override
    public ChangeKind kind() {
        return ChangeKind.SET_LIMITS;
    }

    @Override
    public void write(ByteWriter w) {
        w.string(vhost).varint(most.size());
        most.forEach((name, limit) -> w.string(name).int64(limit));
    }

    static SetLimits read(ByteReader r) {
        String vhost = r.string();
        Map<String, Long> most = new TreeMap<>();
        for (long n = r.varint(); n > 0; n--) {
            most.put(r.string(), r.int64());
        }
        return new SetLimits(vhost, most);
    }

    @Override
    public String subject() {
        StringBuilder all = new StringBuilder("vhost ").append(vhost);
        most.forEach((name, limit) -> all.append(' ').append(name).append(' ').append(limit));
        return all.toString();
    }
}
