package io.tallymq.broker.moving;

import io.tallymq.broker.dedup.SeenKeys;
import io.tallymq.broker.message.MessageHeaders;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.queue.Queue;
import io.tallymq.broker.settings.Deduplication;
import io.tallymq.broker.spec.RoutingTarget;
import java.util.Arrays;
import java.util.Map;

/**
 * What queues have seen, asked for messages that have waited for their time: their queues are those of that time. Their exchanges were asked when they came. A dead
 * letter is not asked for, nor what is moved: it is the same message on its way.
 */
public final class LateKeys {
    /** What a key that is remembered costs, in units of publishes' work; one that is looked for, one: as when it is published. */
    private static final int KEY_WORK = 8;

    private final SeenKeys seen;
    /** Of the message looked at last. */
    private Map<String, Object> headers = Map.of();

    private long work;

    public LateKeys(SeenKeys seen) {
        this.seen = seen;
    }

    /** Units since the last call. */
    long takeWork() {
        long units = work;
        work = 0;
        return units;
    }

    /** Those of a message's queues that have not seen it. */
    RoutingTarget[] unseen(byte[] bytes, int at, RoutingTarget[] targets, long now) {
        if (!anyLooks(targets)) {
            return targets;
        }
        headers = MessageHeaders.decode(
                bytes, MessageRecord.propertiesOffset(bytes, at), MessageRecord.propertiesLength(bytes, at));
        return Arrays.stream(targets)
                .filter(t -> !has(t.number(), ((Queue) t).settings().deduplication(), now))
                .toArray(RoutingTarget[]::new);
    }

    private static boolean anyLooks(RoutingTarget[] targets) {
        for (RoutingTarget t : targets) {
            if (((Queue) t).settings().deduplication() != null) {
                return true;
            }
        }
        return false;
    }

    private String key(Deduplication d) {
        return d == null ? null : MessageHeaders.key(headers.get(d.header()));
    }

    private boolean has(long queue, Deduplication d, long now) {
        String key = key(d);
        work += d == null ? 0 : 1;
        return key != null && seen.has(queue, key, now);
    }

    /** The message looked at last has come to these queues. One that can remember no more takes it all the same: nobody can be told any more that it is refused. */
    void came(RoutingTarget[] targets, long now) {
        for (RoutingTarget t : targets) {
            Deduplication d = ((Queue) t).settings().deduplication();
            String key = key(d);
            if (key != null && seen.hasRoom(t.number())) {
                work += KEY_WORK;
                seen.add(t.number(), key, now, d.timeToLive(headers), d.size());
            }
        }
    }
}
