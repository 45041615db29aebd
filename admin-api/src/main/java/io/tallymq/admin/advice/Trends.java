package io.tallymq.admin.advice;

import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.stats.StateRows;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.view.BrokerView.ConsumerView;
import io.tallymq.broker.view.BrokerView.QueueInfo;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What goes on for minutes, which no two samples tell. This node looks at all queues and consumers once a minute, whether somebody asks or not, and keeps of each look
 * only what stands out in it: large queues that have grown since the look before, and what consumers have had longest. {@link #run} on one thread, all else on any.
 */
public final class Trends implements Runnable {
    /** Between two looks. */
    public static final Duration EVERY = Duration.ofMinutes(1);
    /** Messages below which a queue is not looked at. */
    static final long MANY = 1_000;
    /** What lasts for as long is no accident. */
    static final Duration LONG = Duration.ofMinutes(5);

    private static final Logger LOG = LoggerFactory.getLogger(Trends.class);

    /** In an order, as clients may choose names whose hashes are the same. */
    private record Name(String vhost, String queue) implements Comparable<Name> {
        @Override
        public int compareTo(Name o) {
            int c = queue.compareTo(o.queue);
            return c == 0 ? vhost.compareTo(o.vhost) : c;
        }
    }

    /**
     * A queue that had more messages at each look than at the one before.
     *
     * @param first messages at the first of these looks
     */
    record Growth(long sinceNanos, long first, long lastNanos, long last) {
        double perSecond() {
            double rate = (last - first) * 1e9 / (lastNanos - sinceNanos);
            return Math.round(rate * 100) / 100.0;
        }

        Duration duration() {
            return Duration.ofNanos(lastNanos - sinceNanos);
        }
    }

    private record Who(ConnectionId connection, int channel, String tag) implements Comparable<Who> {
        @Override
        public int compareTo(Who o) {
            int c = tag.compareTo(o.tag);
            if (c == 0) {
                c = connection.compareTo(o.connection);
            }
            return c == 0 ? Integer.compare(channel, o.channel) : c;
        }
    }

    /** @param oldest the number of the message that it has had longest */
    private record Held(long oldest, long sinceNanos) {}

    private final AdminContext context;
    private final LongSupplier clock;
    private final Churns churns;
    private volatile Map<Name, Growth> growing = Map.of();
    private volatile Map<Who, Held> held = Map.of();

    /** @param clock monotonic nanoseconds */
    public Trends(AdminContext context, LongSupplier clock) {
        this.context = context;
        this.clock = clock;
        this.churns = new Churns(context.stats());
    }

    /** One look. */
    @Override
    public void run() {
        try {
            long now = clock.getAsLong();
            growing = growing(now);
            held = held(now);
            churns.look(now);
        } catch (RuntimeException e) {
            LOG.error("What lasts was not looked at; advice of it will be missing", e);
        }
    }

    private Map<Name, Growth> growing(long now) {
        Map<Name, Growth> before = growing;
        Map<Name, Growth> after = new HashMap<>();
        for (Iterator<QueueInfo> all = StateRows.queues(context.broker()); all.hasNext(); ) {
            QueueInfo q = all.next();
            if (q.consumers() > 0 && q.ready() > MANY) {
                Name name = new Name(q.vhost(), q.name());
                long is = q.ready() + q.unacked();
                Growth was = before.get(name);
                after.put(
                        name,
                        was == null || is <= was.last
                                ? new Growth(now, is, now, is)
                                : new Growth(was.sinceNanos, was.first, now, is));
            }
        }
        return after;
    }

    private Map<Who, Held> held(long now) {
        Map<Who, Held> before = held;
        Map<Who, Held> after = new HashMap<>();
        for (Iterator<ConsumerView> all = StateRows.consumers(context.broker()); all.hasNext(); ) {
            ConsumerView c = all.next();
            if (c.oldest() >= 0 && !c.spec().noAck()) {
                Held was = before.get(who(c));
                after.put(who(c), was != null && was.oldest == c.oldest() ? was : new Held(c.oldest(), now));
            }
        }
        return after;
    }

    private static Who who(ConsumerView c) {
        return new Who(c.connection(), c.channel(), c.spec().tag());
    }

    /** What is known of a queue that only grows; null for one that does not, or not for long. */
    Growth growth(QueueInfo q) {
        Growth found = growing.get(new Name(q.vhost(), q.name()));
        return found != null && found.duration().compareTo(LONG) >= 0 && q.ready() + q.unacked() >= found.last
                ? found
                : null;
    }

    /** For how many seconds at least a consumer has had its oldest message; empty when it is not known to be long. */
    OptionalLong heldSeconds(ConsumerView c) {
        Held found = held.get(who(c));
        if (found == null || found.oldest != c.oldest()) {
            return OptionalLong.empty();
        }
        Duration age = Duration.ofNanos(clock.getAsLong() - found.sinceNanos);
        return age.compareTo(LONG) < 0 ? OptionalLong.empty() : OptionalLong.of(age.toSeconds());
    }

    /** Who comes and goes. */
    Churns churns() {
        return churns;
    }
}
