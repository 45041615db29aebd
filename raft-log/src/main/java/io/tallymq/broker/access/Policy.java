package io.tallymq.broker.access;

import io.tallymq.broker.settings.ArgumentRow.Owner;
import io.tallymq.broker.settings.PolicyTable;
import io.tallymq.broker.spec.PolicySpec;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.Set;

/** A policy or an operator policy that was taken. */
final class Policy {
    /** The one that acts first; of several with one priority the first by name, where RabbitMQ promises none. */
    static final Comparator<Policy> ORDER =
            Comparator.comparingLong((Policy p) -> p.spec.priority()).reversed().thenComparing(p -> p.name);

    final String vhost;
    final String name;
    final boolean operator;
    final PolicySpec spec;
    final NamePattern pattern;
    /** What it is for, whatever the name: worked out once, for each declare and each step of a round asks all policies. */
    private final Set<Owner> owners = EnumSet.noneOf(Owner.class);

    /** @throws IllegalArgumentException when the pattern is not taken */
    Policy(String vhost, String name, boolean operator, PolicySpec spec) {
        this.vhost = vhost;
        this.name = name;
        this.operator = operator;
        this.spec = spec;
        this.pattern = NamePattern.of(spec.pattern());
        ApplyTo applyTo = ApplyTo.of(spec.applyTo());
        for (Owner owner : Owner.values()) {
            if (applyTo.covers(owner) && PolicyTable.suits(owner, spec.definition())) {
                owners.add(owner);
            }
        }
    }

    /** Whether it is for this kind, whatever the name. */
    boolean isFor(Owner owner) {
        return owners.contains(owner);
    }
}
