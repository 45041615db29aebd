package io.tallymq.broker.routing;

import java.util.TreeSet;

/** Fanout (3.1.3.2): every binding matches. */
final class FanoutTable implements BindingTable {
    private final TreeSet<Binding> all = new TreeSet<>();

    @Override
    public void add(Binding binding) {
        all.add(binding);
    }

    @Override
    public void remove(Binding binding) {
        all.remove(binding);
    }

    @Override
    public void match(String routingKey, RouteSearch found) {
        all.forEach(found::follow);
    }
}
