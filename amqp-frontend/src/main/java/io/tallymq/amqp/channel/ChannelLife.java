package io.tallymq.amqp.channel;

/** A channel's life as its methods see it. Event loop only. */
public interface ChannelLife {
    /** Whether answers may still be written. */
    boolean isOpen();

    /**
     * The broker refused a command: the channel ends after the answers that are due before it.
     *
     * @param slot the command's place among the answers
     */
    void refused(ReplyQueue.Slot slot, AmqpError error);
}
