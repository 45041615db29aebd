package io.tallymq.broker.routing;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;

/** Direct (3.1.3.1): the routing key equals the binding's. The map is only looked up, never iterated. */
final class DirectTable implements BindingTable {
    private final Map<String, TreeSet<Binding>> byKey = new LinkedHashMap<>();

    @Override
    public void add(Binding binding) {
        byKey.computeIfAbsent(binding.key().routingKey(), k -> new TreeSet<>()).add(binding);
    }

    @Override
    public void remove(Binding binding) {
        TreeSet<Binding> same = byKey.get(binding.key().routingKey());
        same.remove(binding);
        if (same.isEmpty()) {
            byKey.remove(binding.key().routingKey());
        }
    }

    @Override
    public boolean looksAtKeys() {
        return true;
    }

    @Override
    public void match(String routingKey, RouteSearch found) {
        TreeSet<Binding> same = byKey.get(routingKey);
        if (same != null) {
            same.forEach(found::follow);
        }
    }
}
