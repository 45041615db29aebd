package io.tallymq.amqp.delivery;

import io.tallymq.amqp.filter.FilterCounts;
import io.tallymq.amqp.socket.SocketOutput;

/** What the channels of a connection share as they deliver. Event loop only. */
public final class DeliveryContext {
    private final DeliveryTurns turns;
    private final RouteNames routeNames = new RouteNames();
    private final BodyBudget bodyBudget;
    private final FilterCounts filterCounts;

    /**
     * @param outbox of the connection: deliveries wait while its socket takes nothing
     * @param bodyBudget of the node: how many parts of large bodies may be in memory
     * @param filterCounts of the node: what consumers with a filter cost and get
     */
    public DeliveryContext(SocketOutput outbox, BodyBudget bodyBudget, FilterCounts filterCounts) {
        this.turns = new DeliveryTurns(outbox);
        this.bodyBudget = bodyBudget;
        this.filterCounts = filterCounts;
    }

    /** Writes what channels have to deliver, in turns, as long as the socket takes it. */
    public void turn() {
        turns.run();
    }

    DeliveryTurns turns() {
        return turns;
    }

    RouteNames routeNames() {
        return routeNames;
    }

    BodyBudget bodyBudget() {
        return bodyBudget;
    }

    FilterCounts filterCounts() {
        return filterCounts;
    }
}
