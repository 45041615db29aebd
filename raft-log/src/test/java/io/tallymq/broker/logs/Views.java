package io.tallymq.broker.logs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.view.BrokerView.ExchangeView;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All that can be seen of a machine from outside: what replicas at one entry have in common. */
public final class Views {
    private Views() {}

    /** By what it is. */
    public static Map<String, Object> of(BrokerMachine m) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("level", m.level());
        all.put("clock", m.clock());
        all.put("due", m.nextDue());
        all.put("queues", m.queues());
        all.put("exchanges", exchanges(m));
        all.put("bindings", m.bindings());
        all.put("connections", m.connections());
        all.put("consumers", m.consumers());
        all.put("policies", m.policies(false));
        all.put("operators", m.policies(true));
        all.put("scheduled", m.scheduled(null, Integer.MAX_VALUE).items());
        all.put("sizes", m.sizes());
        all.put("totals", m.totals());
        all.put("publishes", m.publishes());
        all.put("digest", m.digest());
        all.put("held ranges", m.used(StateLimit.HELD_RANGES));
        return all;
    }

    /** Without what each replica counts for itself. */
    private static List<ExchangeView> exchanges(BrokerMachine m) {
        return m.exchanges().stream()
                .map(x -> new ExchangeView(x.vhost(), x.name(), x.spec(), x.policy()))
                .toList();
    }

    /** Fails at the first thing in which two differ. */
    public static void assertSame(Map<String, Object> one, Map<String, Object> other, String where) {
        one.forEach((what, seen) -> assertEquals(seen, other.get(what), where + ": " + what));
    }
}
