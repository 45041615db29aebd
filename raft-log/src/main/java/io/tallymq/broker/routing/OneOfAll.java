package io.tallymq.broker.routing;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** x-modulus-hash and x-random: each message goes to one binding, by the rest of its routing key's hash, or by chance. */
final class OneOfAll implements BindingTable {
    private final boolean byChance;
    private final TreeSet<Binding> all = new TreeSet<>();
    /** Those that are not dead, in a list: a replica that was restored has no others; null when it has to be made. */
    private List<Binding> numbered;

    /** @param byChance whether the routing key plays no role */
    OneOfAll(boolean byChance) {
        this.byChance = byChance;
    }

    @Override
    public void add(Binding binding) {
        all.add(binding);
        numbered = null;
    }

    @Override
    public void remove(Binding binding) {
        all.remove(binding);
        numbered = null;
    }

    @Override
    public void lost() {
        numbered = null;
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
        if (numbered == null) {
            numbered = all.stream().filter(b -> !b.dead).collect(Collectors.toCollection(ArrayList::new));
        }
        if (numbered.isEmpty()) {
            return;
        }
        long hash = byChance ? RouteHash.mix(m.chance()) : RouteHash.of(routingKey);
        int first = (int) Long.remainderUnsigned(hash, numbered.size());
        found.follow(numbered.get(first));
    }
}
