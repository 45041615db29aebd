package io.tallymq.broker.view;

import io.tallymq.broker.limits.ProducerLimits;
import io.tallymq.broker.spec.ReceiptName;
import java.util.List;

/** What is told of publishes that have names, and of who names them. As {@link BrokerView}. */
public interface ReceiptsView {
    /**
     * What is asked for by {@code amq.receipt.NAME}: the producer of that whole name if there is one, also where its last part is a number; else
     * what {@link ReceiptName#read} makes of it.
     */
    ReceiptName named(String vhost, String queue);

    /** What became of one; never null. */
    Receipt receipt(String vhost, String producer, long seq);

    /** Null when it is not known. */
    Receipt.ProducerView producer(String vhost, String id);

    /** Some of a virtual host behind one, in the order of their ids. */
    List<Receipt.ProducerView> producers(String vhost, String after, int most);

    /** How many there are, of all virtual hosts. */
    int count();

    /** Of how many that were forgotten it is known which of their numbers came, {@link ProducerLimits#PAST} at most. */
    long past();

    /** How many were forgotten since this node's start. */
    long forgotten();

    /** Until when producers of a virtual host were used of whom nothing is known any more, milliseconds since the epoch; 0: there are none. */
    long lostUntil(String vhost);
}
