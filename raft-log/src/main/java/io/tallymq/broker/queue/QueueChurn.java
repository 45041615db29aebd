package io.tallymq.broker.queue;

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

    void created(Queue q) {
        created++;
        changed(q);
    }

    void deleted(Queue q) {
        deleted++;
        changed(q);
    }

    /** It came, went, or is declared in another way. */
    void changed(Queue q) {
        changes += q.isOfConnection() ? 0 : 1;
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
