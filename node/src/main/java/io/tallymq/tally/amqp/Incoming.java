package io.tallymq.tally.amqp;

import com.rabbitmq.client.Delivery;
import java.io.IOException;

/** What comes out of a queue, each to be acknowledged. */
interface Incoming {
    /** Null if none comes. */
    Delivery poll(long millis) throws IOException, InterruptedException;

    /** No more comes; what came up to now can be had. */
    void stop() throws IOException, InterruptedException;

    /** After {@link #stop}. */
    void goOn() throws IOException;

    /** How many may be without an ack. */
    int window();

    /** The server sends nothing more. */
    boolean isCancelled();

    boolean isEmpty();
}
