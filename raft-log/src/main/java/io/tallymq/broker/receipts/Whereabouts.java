package io.tallymq.broker.receipts;

import io.tallymq.broker.view.Receipt;
import io.tallymq.broker.view.Standing;
import java.util.Locale;

/** How messages stand in their queues by now. */
public interface Whereabouts {
    /** Whether there is a queue with this number. */
    boolean has(long queue);

    /** Null when it is gone. */
    Standing.State state(long queue, long seq);

    /** What is told of a place. */
    default Receipt.Place now(Placed at) {
        if (at.from().isEmpty() && !at.why().isEmpty()) {
            return new Receipt.Place(at.name(), at.why(), "", "");
        }
        Standing.State state = has(at.queue()) ? state(at.queue(), at.seq()) : null;
        String name = !has(at.queue())
                ? "deleted"
                : state == null ? "gone" : state.name().toLowerCase(Locale.ROOT);
        return new Receipt.Place(at.name(), name, at.from(), at.why());
    }
}
