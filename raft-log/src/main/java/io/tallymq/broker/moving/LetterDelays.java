package io.tallymq.broker.moving;

import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.message.DeadLetter;
import io.tallymq.broker.message.LaterMessage;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.routing.Exchange;
import io.tallymq.broker.routing.Topology;
import io.tallymq.broker.time.Schedule;
import io.tallymq.broker.time.Scheduled;
import java.util.Arrays;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * Dead letters whose exchange is of type x-delayed-message: they wait there for their x-delay, each time. Not those that were published to an exchange
 * of that type: their x-delay was meant for that, as with RabbitMQ's plugin, which heeds it once.
 */
public final class LetterDelays {
    /** The level of the state from which on they wait. */
    private static final int LEVEL = 5;

    private static final int BYTES_PER_WORK = 512;

    private final Schedule schedule;
    private final Topology topology;
    private final LongSupplier newNumber;
    private final StateLimits limits;
    private final IntSupplier level;
    private long kept;

    /** @param level of the state */
    public LetterDelays(
            Schedule schedule, Topology topology, LongSupplier newNumber, StateLimits limits, IntSupplier level) {
        this.schedule = schedule;
        this.topology = topology;
        this.newNumber = newNumber;
        this.limits = limits;
        this.level = level;
    }

    /**
     * A letter is put aside until its time has come, if it is to wait. If there are as many as there may be, it does not: it would have no other place.
     *
     * @param bytes holds its record from {@code at} to {@code end}
     * @param now milliseconds since the epoch
     * @return the units of publishes' work; 0: it does not wait
     */
    long keep(Route to, byte[] bytes, int at, int end, long now) {
        long delay = isDelayed(to.vhost(), to.exchange()) && !wasDelayed(to.vhost(), bytes, at)
                ? LaterMessage.delay(bytes, at)
                : 0;
        if (delay == 0 || !topology.routes().isOpen(to.vhost()) || schedule.size() >= limits.of(StateLimit.SCHEDULED)) {
            return 0;
        }
        kept = newNumber.getAsLong();
        Schedule.Due due = new Schedule.Due(now + delay, kept);
        schedule.add(due, new Scheduled(to, "", Arrays.copyOfRange(bytes, at, end)));
        return Placement.CHUNK_WORK + (end - at) / BYTES_PER_WORK;
    }

    /** The number of the letter that was put aside last. */
    long kept() {
        return kept;
    }

    private boolean wasDelayed(String vhost, byte[] bytes, int at) {
        String first = DeadLetter.firstExchange(bytes, at);
        return first != null && isDelayed(vhost, first);
    }

    private boolean isDelayed(String vhost, String exchange) {
        Exchange x = level.getAsInt() < LEVEL ? null : topology.exchange(vhost, exchange);
        return x != null && x.isDelayed();
    }
}
