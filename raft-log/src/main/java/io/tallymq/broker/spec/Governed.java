package io.tallymq.broker.spec;

/** What policies are for: a queue or an exchange. No two have the same number. */
public interface Governed {
    long number();

    String vhost();

    String name();

    /** What it goes by, null when no policy is for it. */
    PolicyInEffect policy();
}
