package io.tallymq.broker.settings;

import io.tallymq.broker.message.Arguments;

/**
 * x-delayed-retry-type, -min and -max: how long a message rests that a client gave back.
 *
 * @param afterFailure whether it does after a failed attempt (basic.reject, a lost client)
 * @param afterReturn whether it does after basic.nack
 * @param min milliseconds after the first time; the n-th time it is n times as long
 * @param max but no longer than this
 */
public record RetryDelay(boolean afterFailure, boolean afterReturn, long min, long max) {
    private static final long DEFAULT_MIN = 1_000;
    private static final long DEFAULT_MAX = 3_600_000;

    static RetryDelay of(Arguments arguments) {
        Object type = arguments.get(ArgumentTable.DELAYED_RETRY_TYPE);
        boolean all = "all".equals(type);
        boolean failed = all || "failed".equals(type);
        boolean returned = all || "returned".equals(type);
        return failed || returned
                ? new RetryDelay(
                        failed,
                        returned,
                        millis(arguments, ArgumentTable.DELAYED_RETRY_MIN, DEFAULT_MIN),
                        millis(arguments, ArgumentTable.DELAYED_RETRY_MAX, DEFAULT_MAX))
                : null;
    }

    private static long millis(Arguments arguments, String name, long otherwise) {
        return arguments.get(name) instanceof Long n ? n : otherwise;
    }

    /** How long it rests when it has gone back so often, at least once. */
    public long millis(int times) {
        return Math.min(max, min * times);
    }
}
