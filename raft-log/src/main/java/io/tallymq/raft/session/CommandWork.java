package io.tallymq.raft.session;

import io.tallymq.broker.command.ByUser;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.command.OnChannel;
import io.tallymq.broker.view.PolicyWork;
import io.tallymq.raft.entry.BatchCodec;

/** About how much a command makes every replica do, so that batches and entries end in time. Any thread. */
final class CommandWork {
    /** Steps of {@link PolicyWork} that are a unit of {@link BatchCodec#MAX_COMMANDS}: some microseconds. */
    static final int STEPS_PER_UNIT = 500;

    /**
     * Steps per character of a name that count in any case: policies that are set while a batch gathers or waits are met by its declares and were not
     * known when these were counted. Of what all policies may have it is a hundredth, so a batch takes a hundred times as long as it should at most.
     */
    static final int LEAST_STEPS = 60;

    private final PolicyWork policies;

    CommandWork(PolicyWork policies) {
        this.policies = policies;
    }

    /** Units of {@link BatchCodec#MAX_COMMANDS}; one command may have more than that. */
    int units(Command command) {
        return switch (command.kind()) {
            case ON_CHANNEL -> units(((OnChannel) command).command());
            case BY_USER -> units(((ByUser) command).command());
            case DECLARE_QUEUE -> units((DeclareQueue) command);
            case DECLARE_EXCHANGE -> units((DeclareExchange) command);
            default -> command.units();
        };
    }

    private int units(DeclareQueue d) {
        return d.passive() ? 1 : declare(d.vhost(), d.name());
    }

    private int units(DeclareExchange d) {
        return d.passive() ? 1 : declare(d.vhost(), d.name());
    }

    /** Also where it is there already and no policy is looked at: whether it will be is known by its turn alone. */
    private int declare(String vhost, String name) {
        long steps = Math.max(policies.steps(vhost, name), LEAST_STEPS * (name.length() + 1L));
        return 1 + (int) (steps / STEPS_PER_UNIT);
    }
}
