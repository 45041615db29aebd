package io.tallymq.broker.access;

import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.settings.ArgumentRow.Owner;
import io.tallymq.broker.settings.PolicyTable;
import io.tallymq.broker.spec.PolicyInEffect;
import io.tallymq.broker.spec.PolicySpec;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.broker.view.PolicyWork;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** All policies and operator policies: which there may be, and which are for a queue or an exchange. */
public final class Policies implements PolicyWork {
    /** Longest name of a policy, in bytes. */
    private static final int MAX_NAME = 255;
    /** Longest definition, in bytes: each queue that goes by it has a copy in the store. */
    private static final int MAX_DEFINITION = 4_096;
    /**
     * Steps per character of a name of all expressions together, at most, about 10 ns each: a declare looks at all of them. Simple ones
     * have about one for each of their own characters.
     */
    static final int MAX_WEIGHT = 6_000;

    /** Steps that are as much work as another unit. */
    private static final int STEPS_PER_UNIT = 1_000;

    private record Name(String vhost, String name) implements Comparable<Name> {
        @Override
        public int compareTo(Name o) {
            int byVhost = vhost.compareTo(o.vhost);
            return byVhost != 0 ? byVhost : name.compareTo(o.name);
        }
    }

    private record Pair(Policy policy, Policy operator) {}

    private final MessageStore store;
    private final StateLimits limits;
    private final TreeMap<Name, Policy> policies = new TreeMap<>();
    private final TreeMap<Name, Policy> operators = new TreeMap<>();
    /** The same, in the order in which they act. */
    private List<Policy> ordered = List.of();

    private List<Policy> orderedOperators = List.of();
    private int weight;
    /** Of the policies of each virtual host, never changed: for other threads. */
    private volatile Map<String, Integer> weights = Map.of();

    private long changes;
    /** What was made of two already: many queues have it. */
    private final Map<Pair, PolicyInEffect> made = new LinkedHashMap<>();
    /** Steps that were made since {@link #takeUnits}. */
    private long steps;

    public Policies(MessageStore store, StateLimits limits) {
        this.store = store;
        this.limits = limits;
    }

    public void restore() {
        store.scan(Keys.of(Keys.POLICY), (k, v) -> {
            Policy p = PolicyRecord.read(v);
            of(p.operator).put(new Name(p.vhost, p.name), p);
        });
        changed();
    }

    /** How often one came, went or became another since this replica's start. */
    public long changes() {
        return changes;
    }

    /** Of both kinds. */
    public int count() {
        return policies.size() + operators.size();
    }

    private TreeMap<Name, Policy> of(boolean operator) {
        return operator ? operators : policies;
    }

    private void changed() {
        changes++;
        made.clear();
        ordered = policies.values().stream().sorted(Policy.ORDER).toList();
        orderedOperators = operators.values().stream().sorted(Policy.ORDER).toList();
        weight = weight(ordered) + weight(orderedOperators);
        Map<String, Integer> now = new TreeMap<>();
        ordered.forEach(p -> now.merge(p.vhost, p.pattern.weight(), Integer::sum));
        orderedOperators.forEach(p -> now.merge(p.vhost, p.pattern.weight(), Integer::sum));
        weights = now;
    }

    private static int weight(List<Policy> some) {
        return some.stream().mapToInt(p -> p.pattern.weight()).sum();
    }

    /** A new one, or another one in the place of one of that name. The virtual host is there. */
    public Reply set(String vhost, String name, boolean operator, PolicySpec spec) {
        Reply.Rejected refusal = refusal(name, operator, spec);
        if (refusal != null) {
            return refusal;
        }
        Policy p;
        try {
            p = new Policy(vhost, name, operator, spec);
        } catch (IllegalArgumentException e) {
            return badPattern(e);
        }
        Policy before = of(operator).get(new Name(vhost, name));
        if (before == null && count() >= limits.of(StateLimit.POLICIES)) {
            return Reply.limit(limits, StateLimit.POLICIES);
        }
        int others = weight - (before == null ? 0 : before.pattern.weight());
        if (others + p.pattern.weight() > MAX_WEIGHT) {
            return new Reply.Rejected(
                    406,
                    Reply.Reason.LIMIT,
                    "the patterns of all policies together are too large (limit of " + MAX_WEIGHT
                            + " instructions; the others have " + others + ", this one " + p.pattern.weight()
                            + "): make them simpler, or remove some that are not needed any more");
        }
        of(operator).put(new Name(vhost, name), p);
        store.put(PolicyRecord.key(p), PolicyRecord.value(p));
        changed();
        return new Reply.PolicySet(before == null);
    }

    /** Why there can't be such a policy, whatever others there are; null when there can. */
    public static Reply.Rejected check(String name, boolean operator, PolicySpec spec) {
        Reply.Rejected refusal = refusal(name, operator, spec);
        if (refusal != null) {
            return refusal;
        }
        try {
            NamePattern.of(spec.pattern());
            return null;
        } catch (IllegalArgumentException e) {
            return badPattern(e);
        }
    }

    private static Reply.Rejected badPattern(IllegalArgumentException why) {
        return invalid("pattern: " + why.getMessage());
    }

    private static Reply.Rejected refusal(String name, boolean operator, PolicySpec spec) {
        if (name.isEmpty() || name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME) {
            return invalid("name: 1 to " + MAX_NAME + " bytes");
        }
        if (ApplyTo.of(spec.applyTo()) == null) {
            return invalid("apply-to: '" + spec.applyTo() + "' is none of " + ApplyTo.words());
        }
        Reply.Rejected r = PolicyTable.check(spec.definition(), operator);
        if (r == null && bytes(spec.definition()) > MAX_DEFINITION) {
            return invalid("definition: " + MAX_DEFINITION + " bytes at most");
        }
        return r;
    }

    private static int bytes(Arguments definition) {
        return new PolicyInEffect(null, null, definition).encode().length;
    }

    private static Reply.Rejected invalid(String text) {
        return Reply.precondition(Reply.Reason.INVALID_ARGUMENT, "Validation failed\n\n" + text);
    }

    public Reply clear(String vhost, String name, boolean operator) {
        Policy p = of(operator).remove(new Name(vhost, name));
        if (p == null) {
            return Reply.notFound(
                    "no " + (operator ? "operator " : "") + "policy '" + name + "' in vhost '" + vhost + "'");
        }
        store.delete(PolicyRecord.key(p));
        changed();
        return Reply.OK;
    }

    /** The virtual host is gone. They are arranged anew once, however many went with it. */
    public void clearAll(String vhost) {
        int before = count();
        for (boolean operator : List.of(false, true)) {
            of(operator).values().removeIf(p -> {
                boolean goes = p.vhost.equals(vhost);
                if (goes) {
                    store.delete(PolicyRecord.key(p));
                }
                return goes;
            });
        }
        if (count() < before) {
            changed();
        }
    }

    /** What a queue or an exchange of this name goes by; null when no policy is for it. */
    public PolicyInEffect inEffect(Owner owner, String vhost, String name) {
        Policy policy = first(ordered, owner, vhost, name);
        Policy operator = first(orderedOperators, owner, vhost, name);
        return policy == null && operator == null
                ? null
                : made.computeIfAbsent(new Pair(policy, operator), Policies::make);
    }

    @Override
    public long steps(String vhost, String name) {
        return (long) weights.getOrDefault(vhost, 0) * (name.length() + 1);
    }

    private Policy first(List<Policy> some, Owner owner, String vhost, String name) {
        for (Policy p : some) {
            if (p.vhost.equals(vhost) && p.isFor(owner)) {
                steps += (long) p.pattern.weight() * (name.length() + 1);
                if (p.pattern.isIn(name)) {
                    return p;
                }
            }
        }
        return null;
    }

    private static PolicyInEffect make(Pair pair) {
        return new PolicyInEffect(
                pair.policy == null ? null : pair.policy.name,
                pair.operator == null ? null : pair.operator.name,
                PolicyTable.merge(definition(pair.policy), definition(pair.operator)));
    }

    private static Arguments definition(Policy p) {
        return p == null ? Arguments.NONE : p.spec.definition();
    }

    /** How much work {@link #inEffect} was since this was asked last, in units as others count theirs. */
    public int takeUnits() {
        int units = (int) (steps / STEPS_PER_UNIT);
        steps = 0;
        return units;
    }

    /** By virtual host and name. */
    public List<BrokerView.PolicyView> views(boolean operator) {
        List<BrokerView.PolicyView> views = new ArrayList<>();
        of(operator).values().forEach(p -> views.add(new BrokerView.PolicyView(p.vhost, p.name, p.spec)));
        return views;
    }

    public void digest(StateDigest d) {
        policies.values().forEach(p -> d.add(PolicyRecord.value(p)));
        operators.values().forEach(p -> d.add(PolicyRecord.value(p)));
    }
}
