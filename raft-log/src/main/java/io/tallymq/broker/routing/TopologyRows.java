package io.tallymq.broker.routing;

import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.broker.view.DigestWalk;
import io.tallymq.broker.view.ListSteps;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** Goes through all exchanges and bindings, in steps: for those who look at them, and for the digest. */
final class TopologyRows {
    private static final ExchangeTraffic NONE = new ExchangeTraffic();

    private final TreeMap<String, TreeMap<String, Exchange>> vhosts;
    private final TreeMap<String, ExchangeTraffic> defaultTraffic;

    /**
     * Looks at a topology.
     *
     * @param vhosts its own, by name
     * @param defaultTraffic of the default exchanges to which something was published, by virtual host
     */
    TopologyRows(TreeMap<String, TreeMap<String, Exchange>> vhosts, TreeMap<String, ExchangeTraffic> defaultTraffic) {
        this.vhosts = vhosts;
        this.defaultTraffic = defaultTraffic;
    }

    private BrokerView.ExchangeView defaultOf(String vhost) {
        ExchangeTraffic t = defaultTraffic.getOrDefault(vhost, NONE);
        return new BrokerView.ExchangeView(
                vhost, ExchangeRules.DEFAULT_EXCHANGE, ExchangeRules.DEFAULT_SPEC, null, t.in(), t.out());
    }

    private static BrokerView.ExchangeView view(Exchange x) {
        ExchangeTraffic t = x.traffic();
        return new BrokerView.ExchangeView(x.vhost(), x.name(), x.spec(), x.policy(), t.in(), t.out());
    }

    /** One of them; empty when there is none of that name. */
    Optional<BrokerView.ExchangeView> exchange(String vhost, String name) {
        TreeMap<String, Exchange> here = vhosts.get(vhost);
        if (here != null && name.equals(ExchangeRules.DEFAULT_EXCHANGE)) {
            return Optional.of(defaultOf(vhost));
        }
        return Optional.ofNullable(here == null ? null : here.get(name)).map(TopologyRows::view);
    }

    /** By vhost and name, the default exchange included. */
    BrokerView.Step<BrokerView.ExchangeView> exchanges(BrokerView.Place from, int most) {
        List<BrokerView.ExchangeView> rows = new ArrayList<>();
        ListSteps.AtName at = (ListSteps.AtName) from;
        for (String vhost :
                from == null ? vhosts.keySet() : vhosts.tailMap(at.vhost()).keySet()) {
            TreeMap<String, Exchange> here = vhosts.get(vhost);
            boolean begun = from != null && vhost.equals(at.vhost());
            if (!begun) {
                rows.add(defaultOf(vhost));
            }
            for (Exchange x : (begun ? here.tailMap(at.name(), false) : here).values()) {
                if (rows.size() >= most) {
                    BrokerView.ExchangeView last = rows.get(rows.size() - 1);
                    return new BrokerView.Step<>(rows, new ListSteps.AtName(last.vhost(), last.name()));
                }
                rows.add(view(x));
            }
        }
        return new BrokerView.Step<>(rows, null);
    }

    /** A place in the list of bindings: the last one that was shown, and of which exchange. */
    private record AtBinding(String vhost, Binding binding) implements BrokerView.Place {}

    /** By vhost, source, destination and key; without the default exchange's, of which every queue has one. */
    BrokerView.Step<BrokerView.BindingView> bindings(BrokerView.Place from, int most) {
        List<BrokerView.BindingView> rows = new ArrayList<>();
        AtBinding at = (AtBinding) from;
        for (String vhost :
                from == null ? vhosts.keySet() : vhosts.tailMap(at.vhost).keySet()) {
            TreeMap<String, Exchange> here = vhosts.get(vhost);
            boolean begun = from != null && vhost.equals(at.vhost);
            String first = begun ? at.binding.key().source() : "";
            for (Exchange x : here.tailMap(first, true).values()) {
                boolean within = begun && x.number() == at.binding.source().number();
                for (Binding b : within ? x.outgoingAfter(at.binding) : x.outgoing()) {
                    if (rows.size() >= most) {
                        return new BrokerView.Step<>(rows, at);
                    }
                    if (!b.dead) {
                        rows.add(new BrokerView.BindingView(vhost, b.key(), b.toQueue()));
                        at = new AtBinding(vhost, b);
                    }
                }
            }
        }
        return new BrokerView.Step<>(rows, null);
    }

    /** As {@link DigestWalk.Part}; an exchange with its bindings is a whole. */
    Object digest(StateDigest d, Object from, DigestWalk.Units units) {
        ListSteps.AtName at = (ListSteps.AtName) from;
        for (String vhost :
                from == null ? vhosts.keySet() : vhosts.tailMap(at.vhost()).keySet()) {
            TreeMap<String, Exchange> here = vhosts.get(vhost);
            boolean begun = from != null && vhost.equals(at.vhost());
            if (!begun) {
                d.add(vhost).add((long) here.size());
            }
            for (Exchange x : (begun ? here.tailMap(at.name(), false) : here).values()) {
                digest(d, x);
                units.spend(1 + x.live() / 16);
                if (units.areSpent()) {
                    return new ListSteps.AtName(vhost, x.name());
                }
            }
        }
        return null;
    }

    private static void digest(StateDigest d, Exchange x) {
        ExchangeSpec s = x.spec();
        d.add(x.name()).add(s.type()).add(s.durable()).add(s.autoDelete());
        d.add(s.internal()).add(s.arguments()).add((long) x.live());
        if (x.policy() != null) {
            d.add(x.policy().encode());
        }
        for (Binding b : x.outgoing()) {
            if (b.dead) {
                continue;
            }
            d.add(b.toQueue()).add(b.key().destination()).add(b.key().routingKey());
            d.add(b.argumentBytes());
        }
    }
}
