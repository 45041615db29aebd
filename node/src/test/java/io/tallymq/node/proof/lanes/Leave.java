package io.tallymq.node.proof.lanes;

import java.util.concurrent.TimeUnit;

/**
 * How a consumer goes away by itself now and then.
 *
 * @param closes its channel, with what it holds; else it cancels, answers what it holds, and stays away for a while
 * @param everyMillis how long it stays
 * @param holdMillis how long it holds what it has after the cancel
 * @param awayMillis how long it is away after its answers
 */
public record Leave(boolean closes, long everyMillis, long holdMillis, long awayMillis) {
    public static final Leave NEVER = new Leave(false, TimeUnit.DAYS.toMillis(365), 0, 0);

    public static Leave cancelling(long everyMillis, long holdMillis, long awayMillis) {
        return new Leave(false, everyMillis, holdMillis, awayMillis);
    }

    public static Leave closing(long everyMillis) {
        return new Leave(true, everyMillis, 0, 0);
    }
}
