package io.tallymq.broker.routing;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** x-modulus-hash and x-random: each message goes to one binding, by the rest of its routing key's hash, or by chance. */
final class OneOfAll implements BindingTable {
    private final boolean byChance;
    /** Those that are not dead, in their order: a replica that was restored has no others. */
    private final List<Binding> all = new ArrayList<>();

    /** @param byChance whether the routing key plays no role */
    OneOfAll(boolean byChance) {
        this.byChance = byChance;
    }

    @Override
    public void add(Binding binding) {
        int at = Collections.binarySearch(all, binding);
        if (at < 0) {
            all.add(-at - 1, binding);
        }
    }

    @Override
    public void remove(Binding binding) {
        int at = Collections.binarySearch(all, binding);
        if (at >= 0) {
            all.remove(at);
        }
    }

    @Override
    public void lost(Binding binding) {
        remove(binding);
    }

    @Override
    public void match(String routingKey, RouteSearch found) {
        if (all.isEmpty()) {
            return;
        }
        RoutedMessage m = byChance ? found.message() : null;
        if (byChance && m == null) {
            return; // the search has noted that it can't be answered without a message
        }
        long hash = byChance ? RouteHash.mix(m.chance()) : RouteHash.of(routingKey);
        int first = (int) Long.remainderUnsigned(hash, all.size());
        found.follow(all.get(first));
    }
}
