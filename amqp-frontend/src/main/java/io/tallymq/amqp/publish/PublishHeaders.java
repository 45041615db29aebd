package io.tallymq.amqp.publish;

import io.tallymq.amqp.receipts.NameHeaders;
import io.tallymq.amqp.receipts.ReportHeader;
import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.Terms;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * What the headers of a published message ask for.
 *
 * @param keys routing keys beside the message's own
 * @param minQueues fewer queues, and the publish is refused
 * @param traced whether the broker notes the message's own times
 * @param byAll whether the publish is confirmed when all members of the cluster have it, not only a majority
 * @param later when it comes, null for now
 * @param terms its name and conditions, and what its publisher is told of it
 * @param secret whether some of them are nobody else's to see
 */
record PublishHeaders(
        List<String> keys,
        int minQueues,
        boolean traced,
        boolean byAll,
        Extension.Later later,
        Terms terms,
        boolean secret) {
    /** What headers ask for that do not matter here. */
    static final PublishHeaders NONE = new PublishHeaders(List.of(), 0, false, false, null, Terms.NONE, false);

    /** Routing keys that are kept from who gets the message. */
    static final String BCC = "BCC";

    /** Most routing keys of a message beside its own. */
    static final int MOST_KEYS = 300;

    /** Headers that name further routing keys, in the order in which these count. */
    private static final List<String> COPIES = List.of("CC", BCC);

    /** A number. */
    private static final String MIN_QUEUES = "x-min-queues";

    /** A boolean. */
    private static final String TRACE = "x-trace";

    /** One of the two words. */
    private static final String CONFIRM = "x-confirm";

    private static final String MAJORITY = "majority";
    private static final String ALL = "all";

    private static final int MOST_MIN_QUEUES = 1_000_000;
    /** Most bytes of one of the keys: it is a short string, as the message's own. */
    private static final int MOST_KEY_BYTES = 255;

    /** Whether the octets of the properties have the name of such a header anywhere: then it is worth making a table of them. */
    static boolean mayBeIn(byte[] raw) {
        for (int i = 1; i + 1 < raw.length; i++) {
            if (raw[i] == 'C' && raw[i + 1] == 'C' && (raw[i - 1] == 2 || raw[i - 1] == 'B')) {
                return true;
            }
            if (raw[i] == 'x'
                    && raw[i + 1] == '-'
                    && (isLengthOfOne(raw[i - 1])
                            || isTrace(raw, i)
                            || isConfirm(raw, i)
                            || ReportHeader.mayBeAt(raw, i))) {
                return true;
            }
        }
        return false;
    }

    /** Some other headers are as long. */
    private static boolean isTrace(byte[] raw, int at) {
        return raw[at - 1] == TRACE.length() && at + 2 < raw.length && raw[at + 2] == 't';
    }

    private static boolean isConfirm(byte[] raw, int at) {
        return raw[at - 1] == CONFIRM.length() && at + 2 < raw.length && raw[at + 2] == 'c';
    }

    private static boolean isLengthOfOne(byte length) {
        return length == MIN_QUEUES.length() || LaterHeaders.isLengthOfOne(length) || NameHeaders.isLengthOfOne(length);
    }

    /**
     * What is wrong with them, or null.
     *
     * @param replyTo the property, null for none: what a message reports goes there
     */
    static String problem(FieldTable headers, String replyTo) {
        String problem = minQueuesProblem(headers);
        problem = problem != null ? problem : traceProblem(headers);
        problem = problem != null ? problem : confirmProblem(headers);
        problem = problem != null ? problem : keysProblem(headers);
        problem = problem != null ? problem : LaterHeaders.problem(headers);
        return problem != null ? problem : nameProblem(headers, replyTo);
    }

    private static String minQueuesProblem(FieldTable headers) {
        OptionalLong min = FieldTable.toLong(headers.get(MIN_QUEUES));
        boolean fine = min.isPresent() && min.getAsLong() >= 0 && min.getAsLong() <= MOST_MIN_QUEUES;
        return fine || !headers.has(MIN_QUEUES)
                ? null
                : "invalid header '" + MIN_QUEUES + "': an integer from 0 to " + MOST_MIN_QUEUES + " expected";
    }

    private static String traceProblem(FieldTable headers) {
        return !headers.has(TRACE) || headers.get(TRACE) instanceof Boolean
                ? null
                : "invalid header '" + TRACE + "': a boolean expected";
    }

    private static String confirmProblem(FieldTable headers) {
        String word = confirm(headers);
        return word.equals(MAJORITY) || word.equals(ALL)
                ? null
                : "invalid header '" + CONFIRM + "': 'majority' or 'all' expected";
    }

    private static String confirm(FieldTable headers) {
        return headers.has(CONFIRM) ? String.valueOf(headers.get(CONFIRM)) : MAJORITY;
    }

    private static String keysProblem(FieldTable headers) {
        int keys = 0;
        for (String name : COPIES) {
            if (headers.has(name)) {
                int more = headers.get(name) instanceof List<?> list
                                && list.stream().allMatch(PublishHeaders::isKey)
                        ? list.size()
                        : MOST_KEYS + 1;
                keys += more;
                if (keys > MOST_KEYS) {
                    return "invalid header '" + name + "': an array of up to " + MOST_KEYS
                            + " strings of up to 255 bytes, the further routing keys, expected";
                }
            }
        }
        return null;
    }

    private static boolean isKey(Object value) {
        String key = FieldTable.toText(value);
        return key != null && key.getBytes(StandardCharsets.UTF_8).length <= MOST_KEY_BYTES;
    }

    private static String nameProblem(FieldTable headers, String replyTo) {
        if (!needNames(headers)) {
            return null;
        }
        String problem = NameHeaders.problem(headers);
        return problem != null ? problem : ReportHeader.problem(headers, replyTo);
    }

    /** Whether only clusters can do what they ask for that know publishes which have names. */
    static boolean needNames(FieldTable headers) {
        return NameHeaders.areIn(headers) || ReportHeader.isIn(headers);
    }

    /** They have no {@link #problem}. */
    static PublishHeaders of(FieldTable headers) {
        return new PublishHeaders(
                keysIn(headers),
                (int) FieldTable.toLong(headers.get(MIN_QUEUES)).orElse(0),
                Boolean.TRUE.equals(headers.get(TRACE)),
                confirm(headers).equals(ALL),
                LaterHeaders.of(headers),
                NameHeaders.of(headers).telling(ReportHeader.bits(headers)),
                headers.has(BCC));
    }

    private static List<String> keysIn(FieldTable headers) {
        List<String> keys = new ArrayList<>();
        for (String name : COPIES) {
            if (headers.get(name) instanceof List<?> list) {
                list.forEach(key -> keys.add(key.toString()));
            }
        }
        return keys;
    }

    /** Whether the publisher is told what becomes of the message. */
    boolean tells() {
        return terms.reports() != 0;
    }

    /**
     * What the broker has to know of the message beside its properties.
     *
     * @param expiration milliseconds that it lives, -1 for as long as its queue keeps it
     */
    Extension extension(long expiration) {
        return expiration < 0 && equals(NONE)
                ? Extension.NONE
                : new Extension(keys, minQueues, expiration, false, later, terms);
    }
}
