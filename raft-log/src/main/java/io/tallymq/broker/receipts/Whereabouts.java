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

    /** Whether one that is gone was certainly acked. */
    boolean isAcked(long queue, long seq);

    /** What is told of a message that waits for its time. */
    default Receipt.Place waiting() {
        return new Receipt.Place("", "scheduled", "", "");
    }

    /** What is told of a place. */
    default Receipt.Place now(Placed at) {
        if (at.from().isEmpty() && !at.why().isEmpty()) {
            return new Receipt.Place(at.name(), at.why(), "", "");
        }
        if (at.isWaiting()) {
            return new Receipt.Place("", waiting().state(), at.from(), at.why());
        }
        String name = has(at.queue()) ? state(at) : "deleted";
        return new Receipt.Place(at.name(), name, at.from(), at.why());
    }

    private String state(Placed at) {
        Standing.State state = state(at.queue(), at.seq());
        if (state != null) {
            return state.name().toLowerCase(Locale.ROOT);
        }
        return isAcked(at.queue(), at.seq()) ? "acked" : "gone";
    }
}
