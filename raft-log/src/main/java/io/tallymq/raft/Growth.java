package io.tallymq.raft;

import io.tallymq.broker.command.BindExchange;
import io.tallymq.broker.command.BindQueue;
import io.tallymq.broker.command.ByUser;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.view.BrokerView;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Keeps queues, exchanges and bindings from being added while the heap of a node is nearly full: all nodes have the same state, so all of them would end, and
 * end again at each start. The state itself can't decide it, as each node has a heap of its own; so a command is refused where it comes in, before it is in the
 * log, and what is on its way then still comes. What is there already may be declared again. Any thread.
 */
final class Growth {
    private final Function<Function<BrokerView, Boolean>, Boolean> state;
    private volatile String full;

    /** @param state looks at what is applied */
    Growth(Function<Function<BrokerView, Boolean>, Boolean> state) {
        this.state = state;
    }

    /** Nothing may be added for this reason, until called with null. */
    void full(String why) {
        full = why;
    }

    /** Why a command must not go into the log now; null when it may. Looks at the state only while a heap is full. */
    Reply.Rejected refusal(Command command) {
        String why = full;
        Predicate<BrokerView> isThere = why == null ? null : isThere(command);
        return isThere == null || state.apply(isThere::test)
                ? null
                : Reply.precondition(
                        Reply.Reason.LIMIT,
                        "nothing can be added: " + why
                                + ". Delete queues and bindings that are not needed any more, or give the node a larger heap");
    }

    /** Whether what it adds is there already, or can not be; null for a command that adds nothing. */
    private static Predicate<BrokerView> isThere(Command command) {
        return switch (command.kind()) {
            case BY_USER -> isThere(((ByUser) command).command());
            case DECLARE_QUEUE -> isThere((DeclareQueue) command);
            case DECLARE_EXCHANGE -> isThere((DeclareExchange) command);
            case BIND_QUEUE -> isThere((BindQueue) command);
            case BIND_EXCHANGE -> isThere((BindExchange) command);
            default -> null;
        };
    }

    private static Predicate<BrokerView> isThere(DeclareQueue d) {
        return d.passive() ? null : view -> view.queueNumber(d.vhost(), d.name()) != 0;
    }

    private static Predicate<BrokerView> isThere(DeclareExchange d) {
        return d.passive() ? null : view -> view.exchange(d.vhost(), d.name()).isPresent();
    }

    private static Predicate<BrokerView> isThere(BindQueue b) {
        return b.add()
                ? view -> view.queueNumber(b.vhost(), b.binding().destination()) == 0
                        || view.isBound(b.vhost(), b.binding(), true)
                : null;
    }

    private static Predicate<BrokerView> isThere(BindExchange b) {
        return b.add() ? view -> view.isBound(b.vhost(), b.binding(), false) : null;
    }
}
