package io.tallymq.broker.spec;

/** A queue as routing sees it. */
public interface RoutingTarget {
    /** Never reused. */
    long number();

    String vhost();

    String name();

    /** Whether it is one connection's own and goes with it. */
    default boolean isOfConnection() {
        return false;
    }
}
