package io.tallymq.amqp.publish;

import io.tallymq.amqp.channel.Names;
import io.tallymq.amqp.wire.BasicMethod;
import io.tallymq.amqp.wire.ShortString;
import io.tallymq.broker.Session.PublishTarget;

/** The last few targets a channel published to, so that the next message to one of them costs no new strings. */
final class PublishTargets {
    private static final int SLOTS = 16;
    private static final long NEVER = -1;

    private final String vhost;
    private final boolean reasons;
    private final ShortString[] exchanges = new ShortString[SLOTS];
    private final ShortString[] keys = new ShortString[SLOTS];
    private final PublishTarget[] targets = new PublishTarget[SLOTS];
    /** The version of the user's rights by which each was allowed. */
    private final long[] allowed = new long[SLOTS];

    private int slot;

    /** @param reasons whether the client is told why a publish is refused, mandatory or not */
    PublishTargets(String vhost, boolean reasons) {
        this.vhost = vhost;
        this.reasons = reasons;
    }

    /** Whether publishing to the one that {@link #of} returned last was allowed by the rights of this version. */
    boolean isAllowed(long version) {
        return allowed[slot] == version;
    }

    /** It is. */
    void allow(long version) {
        allowed[slot] = version;
    }

    PublishTarget of(BasicMethod.Publish method) {
        ShortString exchange = method.exchange();
        ShortString key = method.routingKey();
        int hash = key.hashCode() * 31 + exchange.hashCode();
        slot = (hash ^ hash >>> 16) & SLOTS - 1;
        PublishTarget known = targets[slot];
        if (known != null
                && known.mandatory() == method.mandatory()
                && key.equals(keys[slot])
                && exchange.equals(exchanges[slot])) {
            return known;
        }
        PublishTarget fresh =
                new PublishTarget(vhost, Names.clean(exchange.toString()), key.toString(), method.mandatory(), reasons);
        exchanges[slot] = exchange;
        keys[slot] = key;
        targets[slot] = fresh;
        allowed[slot] = NEVER;
        return fresh;
    }
}
