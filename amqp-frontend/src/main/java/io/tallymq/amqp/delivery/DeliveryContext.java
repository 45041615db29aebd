package io.tallymq.amqp.delivery;

import io.tallymq.amqp.channel.ConnectionContext;
import io.tallymq.amqp.filter.FilterCounts;
import io.tallymq.amqp.settle.TagBudget;
import io.tallymq.amqp.socket.SocketOutput;

/** What the channels of a connection share as they deliver. Event loop only. */
public final class DeliveryContext {
    private final DeliveryTurns turns;
    private final RouteNames routeNames = new RouteNames();
    private final BodyBudget bodyBudget;
    private final FilterCounts filterCounts;
    private final TagBudget tagBudget;
    private final RightsLook rightsLook;

    /**
     * @param connection whose rights are looked at when they change
     * @param outbox of the connection: deliveries wait while its socket takes nothing
     * @param bodyBudget of the node: how many parts of large bodies may be in memory
     * @param filterCounts of the node: what consumers with a filter cost and get
     * @param tagBudget of the node: how much is kept of what clients have not settled
     */
    public DeliveryContext(
            ConnectionContext connection,
            SocketOutput outbox,
            BodyBudget bodyBudget,
            FilterCounts filterCounts,
            TagBudget tagBudget) {
        this.rightsLook = new RightsLook(connection);
        this.turns = new DeliveryTurns(outbox);
        this.bodyBudget = bodyBudget;
        this.filterCounts = filterCounts;
        this.tagBudget = tagBudget;
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

    /** Looks whether consumers may go on when rights change. */
    public RightsLook rightsLook() {
        return rightsLook;
    }

    /** What is kept of what clients have not settled. */
    public TagBudget tagBudget() {
        return tagBudget;
    }

    FilterCounts filterCounts() {
        return filterCounts;
    }
}
