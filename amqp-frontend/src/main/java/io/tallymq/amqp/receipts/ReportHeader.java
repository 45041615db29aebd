package io.tallymq.amqp.receipts;

import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.amqp.wire.LongString;
import io.tallymq.broker.message.ReportEvent;
import io.tallymq.broker.spec.ReportQueue;
import java.util.List;

/** The header x-report: of what the publisher of a message wants to be told. */
public final class ReportHeader {
    private ReportHeader() {}

    /** Whether the octets have a header's name at {@code at} that may be this one. */
    public static boolean mayBeAt(byte[] raw, int at) {
        return raw[at - 1] == ReportQueue.HEADER.length() && at + 2 < raw.length && raw[at + 2] == 'r';
    }

    public static boolean isIn(FieldTable headers) {
        return headers.has(ReportQueue.HEADER);
    }

    /**
     * What is wrong with it, or null.
     *
     * @param replyTo null for none
     */
    public static String problem(FieldTable headers, String replyTo) {
        if (!isIn(headers)) {
            return null;
        }
        return bits(headers) == 0 ? ReportQueue.unknownWords() : ReportQueue.problem(replyTo);
    }

    /** What it says, bits of {@link ReportEvent}; 0 for none, and for what it can't say. */
    public static int bits(FieldTable headers) {
        Object value = headers.get(ReportQueue.HEADER);
        if (!(value instanceof List<?> list)) {
            return isText(value) ? ReportEvent.bits(value.toString()) : 0;
        }
        int all = 0;
        for (Object word : list) {
            int bit = isText(word) ? ReportEvent.bit(word.toString()) : 0;
            if (bit == 0) {
                return 0;
            }
            all |= bit;
        }
        return all;
    }

    private static boolean isText(Object value) {
        return value instanceof String || value instanceof LongString;
    }
}
