package io.tallymq.broker.view;

/**
 * How much work the policies are for whoever declares, as of what is applied. Any thread, and nobody is waited for; may be kept until another
 * state is installed.
 */
public interface PolicyWork {
    /** Steps, about 10 ns each, that it takes at most to find which policies a queue or an exchange of this name goes by. */
    long steps(String vhost, String name);
}
