package io.tallymq.node.proof.lanes;

import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.node.proof.history.HistoryEvent.Times;
import java.io.IOException;

/** Where receipts are asked for, one after the other. */
interface ReceiptDesk extends AutoCloseable {
    /**
     * What is said.
     *
     * @param entry that decided it, -1 if that is not told
     * @param askedAt the entry of which the answer knows, -1 if that is not told
     */
    record Answer(String outcome, boolean isFinal, long entry, long askedAt, Times times) {
        Answer(String outcome, boolean isFinal, long entry, long askedAt) {
            this(outcome, isFinal, entry, askedAt, Times.NONE);
        }
    }

    /** What a receipt that has just come says of times. */
    static Times times(JsonNode receipt) {
        long known = receipt.path("known_since").asLong(-1);
        long since =
                known >= 0 ? known : receipt.path("producers_forgotten_until").asLong(-1) + 1;
        return new Times(receipt.path("time").asLong(-1), since, System.currentTimeMillis());
    }

    /** It is not said, as without a majority. */
    final class NoAnswerException extends Exception {
        private static final long serialVersionUID = 1;

        NoAnswerException(String reason) {
            super(reason);
        }
    }

    /** @throws IOException if the connection is lost */
    Answer ask(String producer, long number) throws NoAnswerException, IOException, InterruptedException;

    /** Makes it void, if it has not come. */
    Answer makeVoid(String producer, long number) throws NoAnswerException, IOException, InterruptedException;

    @Override
    void close();
}
