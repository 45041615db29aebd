package io.tallymq.broker.lane;

/** How often queues were declared, came and went since this replica's start. No part of the state: each replica counts what it applies. */
public final class QueueChurn {
    private long declared;
    private long created;
    private long deleted;
    private long changes;

    /** Somebody declared one, whether it was there or not. */
    public void declared() {
        declared++;
    }

    /** @param isOfConnection whether it goes with one, as for the others */
    public void created(boolean isOfConnection) {
        created++;
        changed(isOfConnection);
    }

    public void deleted(boolean isOfConnection) {
        deleted++;
        changed(isOfConnection);
    }

    /** It came, went, or is declared in another way. */
    public void changed(boolean isOfConnection) {
        changes += isOfConnection ? 0 : 1;
    }

    public long timesDeclared() {
        return declared;
    }

    public long timesCreated() {
        return created;
    }

    public long timesDeleted() {
        return deleted;
    }

    /** How often one that does not go with a connection came, went or became another. */
    public long changes() {
        return changes;
    }
}
