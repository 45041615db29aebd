package io.tallymq.amqp.publish;

import io.tallymq.amqp.channel.AmqpError;
import io.tallymq.broker.Session.PublishTarget;

/** A name to which publishes mean something else than a message. Event loop only. */
interface PseudoExchange {
    /** Its name. */
    String name();

    /** Whether who publishes to it must have the right to write to it. */
    boolean needsRight();

    /** A message is complete; its body means nothing. Null, or why the channel has to end. */
    AmqpError take(PublishTarget target, PropertyRules properties);

    /** Why it can't be part of a transaction. */
    AmqpError refuseTransaction();
}
