package io.tallymq.broker.routing;

/**
 * What clients published to an exchange, and into how many queues that went, since it is there or this replica started: for those who look
 * at it. It is no part of the state. Applying thread only.
 */
public final class ExchangeTraffic {
    private long in;
    private long out;

    /** A client published a message to it. */
    public void came() {
        in++;
    }

    /** It went into so many queues. */
    public void went(int queues) {
        out += queues;
    }

    long in() {
        return in;
    }

    long out() {
        return out;
    }
}
