package io.tallymq.broker.access;

import io.tallymq.broker.settings.ArgumentRow.Owner;
import io.tallymq.broker.settings.PolicyTable;
import io.tallymq.broker.spec.PolicySpec;
import java.util.Comparator;

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
    private final ApplyTo applyTo;

    /** @throws IllegalArgumentException when the pattern is not taken */
    Policy(String vhost, String name, boolean operator, PolicySpec spec) {
        this.vhost = vhost;
        this.name = name;
        this.operator = operator;
        this.spec = spec;
        this.applyTo = ApplyTo.of(spec.applyTo());
        this.pattern = NamePattern.of(spec.pattern());
    }

    /** Whether it is for this kind, whatever the name. */
    boolean isFor(Owner owner) {
        return applyTo.covers(owner) && PolicyTable.suits(owner, spec.definition());
    }
}
