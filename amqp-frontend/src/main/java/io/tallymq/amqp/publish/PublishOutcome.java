package io.tallymq.amqp.publish;

import io.tallymq.broker.SessionListener.ReturnedMessage;
import io.tallymq.broker.effect.Reply;
import java.util.function.Function;

/** Hears what became of publishes that were commands and no messages. Event loop only. */
public interface PublishOutcome {
    /**
     * The broker has decided on such a publish.
     *
     * @param seq the publish's number on its channel
     * @param reply the broker's
     * @param back makes what comes back of it if it is refused; null for a client that does not ask
     */
    void decided(long seq, Reply reply, Function<Reply.Rejected, ReturnedMessage> back);
}
