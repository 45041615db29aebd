package io.tallymq.broker.spec;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import java.util.List;

/**
 * A virtual host as an administrator wants it.
 *
 * @param defaultQueueType x-queue-type of queues that are declared without one; empty for classic
 * @param isProtected from being deleted
 */
public record VhostSpec(String description, List<String> tags, String defaultQueueType, boolean isProtected) {
    /** Of one of which nothing is said. */
    public static final VhostSpec PLAIN = new VhostSpec("", List.of(), "", false);

    public VhostSpec {
        tags = List.copyOf(tags);
    }

    public void write(ByteWriter w) {
        w.string(description);
        Strings.write(w, tags);
        w.string(defaultQueueType).bool(isProtected);
    }

    public static VhostSpec read(ByteReader r) {
        return new VhostSpec(r.string(), Strings.read(r), r.string(), r.bool());
    }
}
