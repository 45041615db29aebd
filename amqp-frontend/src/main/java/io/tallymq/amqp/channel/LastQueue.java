package io.tallymq.amqp.channel;

import io.tallymq.amqp.wire.MethodId;
import io.tallymq.amqp.wire.ReplyCode;

/** What an empty queue name means on a channel (1.7.2.1 of the method reference): the queue that was declared last. Event loop only. */
public final class LastQueue {
    private String name = "";

    /** The client has asked for this queue, whatever comes of it. */
    public void declared(String queue) {
        name = queue;
    }

    /** The queue that the client means by the name, which may be empty; empty if it has declared none. */
    public String meant(String queue) {
        return queue.isEmpty() ? name : Names.clean(queue);
    }

    /** An empty name where no queue was declared. */
    public static AmqpError none(MethodId id) {
        return AmqpError.of(ReplyCode.NOT_FOUND, "no previously declared queue", id);
    }
}
