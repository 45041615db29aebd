package io.tallymq.broker.spec;

import io.tallymq.broker.message.Terms;
import java.nio.charset.StandardCharsets;

/**
 * What a connection says of a producer in its client properties: that it takes his place, or of which of his epochs it is.
 *
 * @param producer what stands in {@link ReceiptName#CLAIM}; null: it says nothing
 * @param epoch what stands in {@link ReceiptName#EPOCH}; null: it takes his place
 */
public record ClaimedPlace(Object producer, Object epoch) {
    private static final ClaimedPlace NONE = new ClaimedPlace(null, null);

    /** That of a connection; null for none. */
    public static ClaimedPlace of(ConnectionInfo info) {
        return info == null
                ? NONE
                : new ClaimedPlace(
                        info.clientProperties().get(ReceiptName.CLAIM),
                        info.clientProperties().get(ReceiptName.EPOCH));
    }

    /** Whether it says anything. */
    public boolean isEmpty() {
        return producer == null && epoch == null;
    }

    /** What is wrong with it, or null. */
    public String problem() {
        if (!(producer instanceof String id && isId(id))) {
            return "client property '" + ReceiptName.CLAIM + "': a string of 1 to " + Terms.MOST_PRODUCER_BYTES
                    + " bytes expected";
        }
        return epoch == null || epoch instanceof Long n && n >= 0 && n <= Terms.MOST_SEQ
                ? null
                : "client property '" + ReceiptName.EPOCH + "': an integer from 0 to 2^62 expected";
    }

    /** Whether producers may have this id. */
    public static boolean isId(String id) {
        return !id.isEmpty() && id.getBytes(StandardCharsets.UTF_8).length <= Terms.MOST_PRODUCER_BYTES;
    }

    /** Whether the place is taken; if not, it is only said of which epoch the connection is. */
    public boolean isTaken() {
        return epoch == null;
    }

    /** Of which epoch of a producer the connection is; -1: it does not say. */
    public long epochOf(String id) {
        return epoch instanceof Long n && id.equals(producer) ? n : -1;
    }
}
