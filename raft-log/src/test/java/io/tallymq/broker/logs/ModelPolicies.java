package io.tallymq.broker.logs;

import io.tallymq.broker.command.ClearPolicy;
import io.tallymq.broker.command.SetPolicy;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.queue.QueueArguments;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.PolicyInEffect;
import io.tallymq.broker.spec.PolicySpec;
import io.tallymq.broker.view.BrokerView;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The policies of {@link LogRun}, and the model of which queue goes by which. */
final class ModelPolicies {
    /** Policies by name; the last one is an operator policy. */
    private static final Map<String, PolicySpec> POLICIES = new TreeMap<>(Map.of(
            "few", new PolicySpec("^q[01]", "queues", 0, new Arguments(Map.of("max-length", 3L))),
            "full",
                    new PolicySpec(
                            "[12]$", "all", 1, new Arguments(Map.of("max-length", 6L, "overflow", "reject-publish"))),
            "light", new PolicySpec("", "classic_queues", -1, new Arguments(Map.of("max-length-bytes", 300L))),
            "operators", new PolicySpec("q[23]", "all", 0, new Arguments(Map.of("max-length", 4L)))));

    private static final String OPERATORS = "operators";

    private final Entries log;
    private final Replica replica;
    private final Set<String> set = new TreeSet<>();

    ModelPolicies(Entries log, Replica replica) {
        this.log = log;
        this.replica = replica;
    }

    void step(Op op, ConnectionId c) {
        String name = List.copyOf(POLICIES.keySet()).get(op.b() % POLICIES.size());
        boolean operator = name.equals(OPERATORS);
        if (op.c() % 3 == 0) {
            Reply r = log.entry(c, new ClearPolicy("/", name, operator));
            replica.check(r == Reply.OK == set.remove(name), "clearing " + name + " is answered with " + r);
        } else {
            Reply r = log.entry(c, new SetPolicy("/", name, operator, POLICIES.get(name)));
            replica.check(r.equals(new Reply.PolicySet(set.add(name))), "setting " + name + " is answered with " + r);
        }
    }

    void clear(ConnectionId c) {
        for (String name : set) {
            log.entry(c, new ClearPolicy("/", name, name.equals(OPERATORS)));
        }
    }

    /** Once all is done each queue goes by the policies that are for it. */
    void check(BrokerView.QueueInfo i) {
        String policy = POLICIES.entrySet().stream()
                .filter(e -> set.contains(e.getKey()) && !e.getKey().equals(OPERATORS) && isFor(e.getValue(), i))
                .max(Comparator.comparingLong(e -> e.getValue().priority()))
                .map(Map.Entry::getKey)
                .orElse(null);
        String operator = set.contains(OPERATORS) && isFor(POLICIES.get(OPERATORS), i) ? OPERATORS : null;
        PolicyInEffect now = i.policy() == null ? new PolicyInEffect(null, null, Arguments.NONE) : i.policy();
        replica.check(
                Objects.equals(policy, now.policy()) && Objects.equals(operator, now.operatorPolicy()),
                i.name() + " goes by " + now + ", not by " + policy + " and " + operator);
    }

    private static boolean isFor(PolicySpec p, BrokerView.QueueInfo i) {
        return Pattern.compile(p.pattern()).matcher(i.name()).find()
                && !(p.applyTo().equals("classic_queues") && QueueArguments.isQuorum(i.spec()));
    }
}
