package io.tallymq.broker;

import java.util.List;

/**
 * What on this node waits until all members of the cluster have it: confirms of publishes with x-confirm: all.
 *
 * @param count channels, transactions and requests that wait
 * @param millis how long the first of them has waited
 * @param lacking names of the members that are not known to have what it waits for
 */
public record CopiesAwaited(int count, long millis, List<String> lacking) {
    public static final CopiesAwaited NONE = new CopiesAwaited(0, 0, List.of());
}
