package io.tallymq.broker.routing;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** x-modulus-hash and x-random: each message goes to one binding, by the rest of its routing key's hash, or by chance. */
final class OneOfAll implements BindingTable {
    private final boolean byChance;
    /** In their order. */
    private final List<Binding> all = new ArrayList<>();
    /** Some of them have died: those are left out before anything is chosen, for a replica that was restored does not have them. */
    private boolean died;
    /** How many of the dead are still to be removed. */
    private int dying;

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
        if (binding.dead) {
            dying--;
            if (dying == 0) {
                leaveOutDead();
            }
            return;
        }
        int at = Collections.binarySearch(all, binding);
        if (at >= 0) {
            all.remove(at);
        }
    }

    @Override
    public void lost(Binding binding) {
        if (binding.dead) { // one that is unbound is removed at once
            died = true;
            dying++;
        }
    }

    /** All of them in one walk: those of a queue or exchange that goes may be very many. */
    private void leaveOutDead() {
        if (died) {
            died = false;
            all.removeIf(b -> b.dead);
        }
    }

    @Override
    public void match(String routingKey, RouteSearch found) {
        leaveOutDead();
        if (all.isEmpty()) {
            return;
        }
        if (byChance) {
            found.byChance();
        }
        RoutedMessage m = byChance ? found.message() : null;
        if (byChance && m == null) {
            return; // the search has noted that it can't be answered without a message
        }
        long hash =
                byChance ? RouteHash.mix(m.chance() ^ found.chanceOf(all.get(0).source())) : RouteHash.of(routingKey);
        int first = (int) Long.remainderUnsigned(hash, all.size());
        found.follow(all.get(first));
    }
}
