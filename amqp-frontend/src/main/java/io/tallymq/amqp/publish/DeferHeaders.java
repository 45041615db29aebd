package io.tallymq.amqp.publish;

import io.tallymq.amqp.channel.Names;
import io.tallymq.amqp.wire.BasicProperties;
import io.tallymq.amqp.wire.BasicProperties.Property;
import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.broker.command.SettleWith.Defer;
import io.tallymq.broker.spec.DeferredName;
import io.tallymq.broker.spec.DirectReplyTo;
import java.security.SecureRandom;

/** What a message to amq.settle says of how its delivery is put aside: header x-token, or the property reply-to. */
final class DeferHeaders {
    static final String TOKEN = "x-token";

    /** In place of what is no UTF-8: it takes more bytes than that, and the id would not be the same. */
    private static final char NO_TEXT = '\uFFFD';

    private DeferHeaders() {}

    /** What is wrong with them, as a text; null when nothing is. */
    static String problem(FieldTable headers, BasicProperties properties) {
        if (headers.has(TOKEN)) {
            return isToken(headers.get(TOKEN))
                    ? null
                    : "a string of 1 to " + DeferredName.MOST_TOKEN_BYTES + " bytes without line ends expected";
        }
        String replyTo = properties.replyTo();
        if (replyTo == null || replyTo.isEmpty()) {
            return "outcome defer needs one, or else the property reply-to: the queue that is told a token";
        }
        if (DirectReplyTo.isName(replyTo)) {
            return "reply-to has to be a queue for a token to be told: give a token, or another queue";
        }
        if (!Names.clean(replyTo).equals(replyTo)) { // rights are asked for the name as it came
            return "reply-to has to be a queue's name without line ends";
        }
        String id = properties.correlationId();
        return id != null && id.indexOf(NO_TEXT) >= 0
                ? "the property correlation-id has to be UTF-8 to come with the token that is told"
                : null;
    }

    private static boolean isToken(Object value) {
        String text = FieldTable.toText(value); // what is no text could not be named
        return text != null
                && !text.isEmpty()
                && SettleHeaders.isText(value, DeferredName.MOST_TOKEN_BYTES)
                && Names.clean(text).equals(text);
    }

    /** They have no {@link #problem}. */
    static Defer of(FieldTable headers, BasicProperties properties, SecureRandom random) {
        if (headers.has(TOKEN)) {
            return new Defer(headers.get(TOKEN).toString(), "", null);
        }
        boolean hasId = properties.has(Property.CORRELATION_ID);
        return new Defer(Names.random(random, ""), properties.replyTo(), hasId ? properties.correlationId() : null);
    }
}
