package io.tallymq.raft;

import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.effect.Reply;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * The leader's duty to let the log go on while the state has work left for later entries ({@link BrokerMachine#owes}): one
 * empty command after the other, for nobody else may want anything. Any thread.
 */
final class Continuation {
    private final ClusterView cluster;
    private final BooleanSupplier owes;
    private final Function<Command, CompletableFuture<Reply>> submit;
    private final AtomicBoolean running = new AtomicBoolean();

    Continuation(ClusterView cluster, BooleanSupplier owes, Function<Command, CompletableFuture<Reply>> submit) {
        this.cluster = cluster;
        this.owes = owes;
        this.submit = submit;
    }

    void tick() {
        if (cluster.isLeader() && owes.getAsBoolean() && running.compareAndSet(false, true)) {
            next();
        }
    }

    private void next() {
        CompletableFuture<Reply> unused = submit.apply(new Probe(false)).whenComplete((reply, failure) -> {
            if (reply instanceof Reply.Probed && cluster.isLeader() && owes.getAsBoolean()) {
                next();
            } else {
                running.set(false);
            }
        });
    }
}
