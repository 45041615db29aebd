package io.tallymq.broker.spec;

/** A queue as routing sees it. */
public interface RoutingTarget {
    /** Never reused. */
    long number();

    String vhost();

    String name();
}
