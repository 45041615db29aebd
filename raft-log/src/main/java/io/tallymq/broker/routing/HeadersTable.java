package io.tallymq.broker.routing;

import java.util.Map;
import java.util.TreeMap;

/** Headers (3.1.3.4): the message's headers satisfy the binding's arguments. Costs one comparison per binding. */
final class HeadersTable implements BindingTable {
    private final TreeMap<Binding, HeadersMatch> all = new TreeMap<>();

    @Override
    public void add(Binding binding) {
        all.put(binding, HeadersMatch.of(binding.key().arguments()));
    }

    @Override
    public void remove(Binding binding) {
        all.remove(binding);
    }

    @Override
    public void match(String routingKey, RouteSearch found) {
        if (all.isEmpty()) {
            return;
        }
        RoutedMessage message = found.message();
        if (message == null) {
            return; // the search has noted that it can't be answered without a message
        }
        Map<String, Object> headers = message.headers();
        for (Map.Entry<Binding, HeadersMatch> e : all.entrySet()) {
            if (e.getValue().matches(headers)) {
                found.follow(e.getKey());
            }
        }
    }
}
