package io.tallymq.admin.messages;

import io.tallymq.admin.request.RefusedException;
import io.tallymq.admin.request.RequestFields;
import io.tallymq.broker.command.Settle;
import java.util.Map;
import java.util.TreeMap;

/**
 * What somebody wants of a queue's messages.
 *
 * @param outcome what becomes of them then
 * @param base64 whether their bodies are to be shown in it in any case
 * @param truncate so many bytes of a body are shown at most
 */
record GetBody(int count, Settle.Outcome outcome, boolean base64, long truncate) {
    static final int MOST = 1_000;

    private static final Map<String, Settle.Outcome> MODES = new TreeMap<>(Map.of(
            "ack_requeue_true", Settle.Outcome.NACK_REQUEUE,
            "reject_requeue_true", Settle.Outcome.REJECT_REQUEUE,
            "ack_requeue_false", Settle.Outcome.ACK,
            "reject_requeue_false", Settle.Outcome.DISCARD));

    /** Whether the queue does not have them any more then. */
    boolean removes() {
        return outcome == Settle.Outcome.ACK || outcome == Settle.Outcome.DISCARD;
    }

    /** @throws RefusedException 400 for what makes no sense */
    static GetBody of(RequestFields fields) {
        fields.any("count");
        Long count = fields.integer("count");
        if (count == null || count > MOST) {
            throw RequestFields.expected("count", "an integer from 0 to " + MOST);
        }
        Settle.Outcome outcome = MODES.get(fields.text("ackmode"));
        if (outcome == null) {
            throw RequestFields.expected("ackmode", "one of " + String.join(", ", MODES.keySet()));
        }
        String encoding = fields.text("encoding", "auto");
        if (!encoding.equals("auto") && !encoding.equals("base64")) {
            throw RequestFields.expected("encoding", "auto or base64");
        }
        Long truncate = fields.integer("truncate");
        return new GetBody(
                count.intValue(), outcome, encoding.equals("base64"), truncate == null ? Long.MAX_VALUE : truncate);
    }
}
