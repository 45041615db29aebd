package io.tallymq.amqp.publish;

import io.tallymq.amqp.channel.Confirms;
import io.tallymq.amqp.receipts.FullConfirms;

/** Numbers the publishes of a channel, whatever they mean; what every node is to have is not confirmed before. Event loop only. */
final class PublishNumbers {
    private final Confirms confirms;
    private final FullConfirms fullConfirms;

    PublishNumbers(Confirms confirms, FullConfirms fullConfirms) {
        this.confirms = confirms;
        this.fullConfirms = fullConfirms;
    }

    /** Whether the client has confirms. */
    boolean areConfirmed() {
        return confirms.isSelected();
    }

    /** The number of the publish at hand. */
    long next(PropertyRules properties) {
        long seq = confirms.next();
        if (properties.confirmsByAll()) {
            confirms.hold(seq, seq);
            fullConfirms.changed();
        }
        return seq;
    }
}
