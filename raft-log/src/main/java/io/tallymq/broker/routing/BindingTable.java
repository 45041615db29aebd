package io.tallymq.broker.routing;

/** The bindings from one exchange, arranged so that its type's question is answered fast. */
sealed interface BindingTable permits DirectTable, FanoutTable, TopicTrie, HeadersTable, HashRing, OneOfAll {
    /** Adds a binding that is not there. */
    void add(Binding binding);

    /** Removes a binding that is there. */
    void remove(Binding binding);

    /** One of them has died and is still to be removed. */
    default void lost(Binding binding) {}

    /** Hands every binding that matches to {@code found}, in any order but each once. */
    void match(String routingKey, RouteSearch found);

    /** Whether more routing keys, which CC and BCC name, may match more; else it is asked once. */
    default boolean looksAtKeys() {
        return false;
    }
}
