package io.tallymq.broker.view;

/** What is told of publishes that have ids. As {@link BrokerView}. */
public interface IdsView {
    /** What became of one; null if there is no such exchange, or it remembers no ids. */
    IdReceipt receipt(String vhost, String exchange, String id);

    /**
     * The same, of {@code EXCHANGE.ID}: of the exchanges with such names that remember ids it is the one with the longest name.
     *
     * @return null if there is none
     */
    IdReceipt receipt(String vhost, String exchangeAndId);

    /** Ids that are remembered, of all exchanges. */
    long count();
}
