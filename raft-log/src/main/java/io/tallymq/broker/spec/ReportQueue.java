package io.tallymq.broker.spec;

import io.tallymq.broker.message.ReportEvent;

/** The queue that is told what becomes of a message: the property reply_to of one with the header x-report. */
public final class ReportQueue {
    public static final String HEADER = "x-report";

    /** The stream of a virtual host that is told of all queues with x-receipts: whoever wants it declares it. */
    public static final String FEED = "amq.receipts";

    private ReportQueue() {}

    /** Why nobody publishes to {@link #FEED} by its name; null for other names. */
    public static String reserved(String queue) {
        return queue.equals(FEED)
                ? "queue '" + FEED + "' is told by the broker alone what happens: publish to another queue"
                : null;
    }

    /** What is wrong with the header's value, as far as it is no words that are known. */
    public static String unknownWords() {
        return "invalid header '" + HEADER + "': one or more of " + ReportEvent.words()
                + " expected, as a string with commas or a list of strings";
    }

    /** Why it can't be told there, or null. {@code replyTo} may be null. */
    public static String problem(String replyTo) {
        if (replyTo == null || replyTo.isEmpty()) {
            return "header '" + HEADER + "' needs the property reply_to: the name of the queue that is told";
        }
        boolean none = DirectReplyTo.isName(replyTo) || DeferredName.isName(replyTo) || ReceiptName.isName(replyTo);
        return none
                ? "header '" + HEADER + "': reports go to a queue, and '" + replyTo
                        + "' is none: name one in the property reply_to"
                : null;
    }
}
