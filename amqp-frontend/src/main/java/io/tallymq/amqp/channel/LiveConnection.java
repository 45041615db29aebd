package io.tallymq.amqp.channel;

/** A connection as those see it who work for it: they can end it, and tell it that something has happened. Event loop only. */
public interface LiveConnection {
    /** Closes the connection with an error; does nothing if it is closing. */
    void fail(AmqpError error);

    /** One of its channels is closed with an error, which the client is told next. */
    void channelFailed(int channel, AmqpError error);

    /** Runs what nobody waits for: it ends, with a line in the log, if that throws. */
    void run(Runnable work);

    /** Writes what has gathered, after something happened outside of a read or a row of the broker's events. */
    void endTurn();
}
