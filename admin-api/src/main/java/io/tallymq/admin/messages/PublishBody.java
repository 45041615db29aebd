package io.tallymq.admin.messages;

import io.tallymq.admin.request.RefusedException;
import io.tallymq.admin.request.RequestFields;
import io.tallymq.admin.request.RequestPermits;
import io.tallymq.broker.Session;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.Extension.Later;
import io.tallymq.broker.message.LaterMessage;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.ProducedBy;
import io.tallymq.broker.message.PropertiesBuilder;
import io.tallymq.broker.message.ReportEvent;
import io.tallymq.broker.message.Terms;
import io.tallymq.broker.spec.DirectReplyTo;
import io.tallymq.broker.spec.ReportQueue;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A message as RabbitMQ's HTTP API has it published: routing_key, payload, payload_encoding, properties. Headers mean what they mean in AMQP: CC
 * and BCC, x-min-queues, x-trace, name and conditions, and those that hold a message back.
 *
 * @param keys further routing keys
 * @param properties as they go on: without BCC
 * @param hasTime whether it is to come later
 * @param trace null when its times are not asked for
 * @param hasTerms whether it has a name, conditions or reports, which not all clusters know
 * @param confirmsByAll whether the answer waits until all members of the cluster have it
 * @param reportsTo the queue that is told what becomes of it; null for none
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record PublishBody(
        String routingKey,
        List<String> keys,
        byte[] extension,
        byte[] properties,
        byte[] body,
        boolean hasTime,
        Session.Trace trace,
        boolean hasTerms,
        boolean confirmsByAll,
        String reportsTo)
        implements Session.Content {
    private static final String BCC = "BCC";
    private static final List<String> COPIES = List.of("CC", BCC);
    private static final String MIN_QUEUES = "x-min-queues";
    private static final String TRACE = "x-trace";
    private static final String CONFIRM = "x-confirm";
    private static final String PRODUCER = "x-producer-id";
    private static final String SEQ = "x-publish-seq";
    private static final String EXPECT_LAST = "x-expect-last";
    private static final String BELOW = "x-expect-queue-length-below";
    private static final String EPOCH = "x-producer-epoch";
    private static final String DELIVER_AT = "x-deliver-at";
    private static final String SCHEDULE_ID = "x-schedule-id";

    private static final int MOST_KEYS = 300;
    private static final int MOST_TEXT = 255;
    private static final int MOST_MIN_QUEUES = 1_000_000;
    /** Ten years. */
    private static final long MOST_DELAY = 3_653L * 86_400_000;
    /** The end of the year 9999. */
    private static final long LATEST = 253_402_300_799_999L;

    /**
     * Takes it out of a request.
     *
     * @param mostBytes of the payload
     * @param permits of who publishes
     * @throws RefusedException 400 for what is no message
     */
    static PublishBody of(RequestFields fields, int mostBytes, RequestPermits permits) {
        fields.text("routing_key");
        String key = fields.shortText("routing_key", "");
        Arguments given = fields.table("properties");
        permits.name(given.get("user_id"));
        requireOthersReply(given);
        Map<String, Object> values = new TreeMap<>(given.values());
        Map<String, Object> headers = headers(values);
        List<String> keys = copies(headers);
        int min = (int) number(headers, MIN_QUEUES, 0, MOST_MIN_QUEUES, 0);
        Later later = later(headers);
        if (headers.containsKey(BCC)) {
            headers.remove(BCC);
            values.put("headers", headers);
        }
        byte[] properties = built(values);
        long expiration = PropertiesBuilder.expiration(properties);
        if (expiration < -1) {
            throw RequestFields.expected("expiration", "a string of milliseconds, 0 to 4294967295,");
        }
        int reports = reports(headers, given);
        Terms terms = terms(headers).telling(reports);
        byte[] extension = new Extension(keys, min, expiration, false, later, terms).encode();
        if (extension.length > MessageRecord.MOST_PUBLISHED_EXTENSION) {
            throw RefusedException.badRequest("the routing keys of CC and BCC are larger than "
                    + MessageRecord.MOST_PUBLISHED_EXTENSION + " bytes together: publish more than once");
        }
        return new PublishBody(
                key,
                keys,
                extension,
                properties,
                fields.payload(mostBytes),
                later != null && later.hasTime(),
                trace(headers, given, permits.user()),
                terms != Terms.NONE,
                confirmsByAll(headers),
                reports == 0 ? null : text(given, "reply_to"));
    }

    private static boolean confirmsByAll(Map<String, Object> headers) {
        Object confirm = headers.getOrDefault(CONFIRM, "majority");
        if (!confirm.equals("majority") && !confirm.equals("all")) {
            throw RequestFields.expected("header " + CONFIRM, "'majority' or 'all'");
        }
        return confirm.equals("all");
    }

    /** Bits of what is to be told. */
    private static int reports(Map<String, Object> headers, Arguments properties) {
        if (!headers.containsKey(ReportQueue.HEADER)) {
            return 0;
        }
        Object words = headers.get(ReportQueue.HEADER);
        int bits = 0;
        if (words instanceof String s) {
            bits = ReportEvent.bits(s);
        } else if (words instanceof List<?> list && list.stream().allMatch(String.class::isInstance)) {
            bits = ReportEvent.bits(
                    String.join(",", list.stream().map(String.class::cast).toList()));
        }
        String problem = bits == 0 ? ReportQueue.unknownWords() : ReportQueue.problem(text(properties, "reply_to"));
        if (problem != null) {
            throw RefusedException.badRequest(problem);
        }
        return bits;
    }

    /** Name and conditions. */
    private static Terms terms(Map<String, Object> headers) {
        if (headers.containsKey(PRODUCER) != headers.containsKey(SEQ)) {
            throw RefusedException.badRequest(
                    "a publish has a name by both headers, " + PRODUCER + " and " + SEQ + ", or by none");
        }
        boolean named = headers.containsKey(PRODUCER);
        if (named && !(isShort(headers.get(PRODUCER)) && !headers.get(PRODUCER).equals(""))) {
            throw RequestFields.expected("header " + PRODUCER, "a string of 1 to " + MOST_TEXT + " bytes");
        }
        for (String name : List.of(EXPECT_LAST, EPOCH)) {
            if (headers.containsKey(name) && !named) {
                throw RefusedException.badRequest("header " + name + " is of a producer: it needs " + PRODUCER);
            }
        }
        long last = number(headers, EXPECT_LAST, 0, Terms.MOST_SEQ, -1);
        long below = number(headers, BELOW, 0, Terms.MOST_SEQ, -1);
        if (!named && below < 0) {
            return Terms.NONE;
        }
        String producer = named ? (String) headers.get(PRODUCER) : "";
        return new Terms(producer, number(headers, SEQ, 0, Terms.MOST_SEQ, 0), last, below)
                .of(number(headers, EPOCH, 0, Terms.MOST_SEQ, -1));
    }

    private static Session.Trace trace(Map<String, Object> headers, Arguments properties, String user) {
        Object asked = headers.getOrDefault(TRACE, false);
        if (!(asked instanceof Boolean yes)) {
            throw RequestFields.expected("header " + TRACE, "a boolean");
        }
        return yes ? new Session.Trace(user, text(properties, "message_id"), text(properties, "correlation_id")) : null;
    }

    /** Who is answered is somebody else: direct reply-to is for who holds the channel on which the reply comes. */
    static void requireOthersReply(Arguments properties) {
        if (DirectReplyTo.QUEUE.equals(properties.get("reply_to"))) {
            throw RefusedException.badRequest(
                    "fast reply consumer does not exist: a request by HTTP can't wait for one");
        }
    }

    private static String text(Arguments properties, String name) {
        return properties.get(name) instanceof String s ? s : "";
    }

    private static Map<String, Object> headers(Map<String, Object> values) {
        Map<String, Object> headers = new TreeMap<>();
        if (values.get("headers") instanceof Map<?, ?> given) {
            given.forEach((name, value) -> headers.put((String) name, value));
        }
        return headers;
    }

    private static byte[] built(Map<String, Object> values) {
        try {
            return PropertiesBuilder.build(values);
        } catch (IllegalArgumentException e) {
            throw RefusedException.badRequest(e.getMessage());
        }
    }

    private static List<String> copies(Map<String, Object> headers) {
        List<String> keys = new ArrayList<>();
        for (String name : COPIES) {
            if (!headers.containsKey(name)) {
                continue;
            }
            boolean fine =
                    headers.get(name) instanceof List<?> list && list.stream().allMatch(PublishBody::isShort);
            if (fine) {
                ((List<?>) headers.get(name)).forEach(key -> keys.add((String) key));
            }
            if (!fine || keys.size() > MOST_KEYS) {
                throw RequestFields.expected(
                        "header " + name, "a list of up to " + MOST_KEYS + " routing keys of up to 255 bytes");
            }
        }
        return keys;
    }

    private static boolean isShort(Object value) {
        return value instanceof String s && s.getBytes(StandardCharsets.UTF_8).length <= MOST_TEXT;
    }

    /** A number, or one as text; {@code otherwise} without the header. */
    private static long number(Map<String, Object> headers, String name, long least, long most, long otherwise) {
        if (!headers.containsKey(name)) {
            return otherwise;
        }
        Object value = headers.get(name);
        if (value instanceof String s && s.trim().matches("-?[0-9]{1,18}")) {
            value = Long.parseLong(s.trim());
        }
        if (!(value instanceof Long n) || n < least || n > most) {
            throw RequestFields.expected("header " + name, "an integer up to " + most);
        }
        return n;
    }

    private static Later later(Map<String, Object> headers) {
        if (headers.containsKey(LaterMessage.DELAY) && headers.containsKey(DELIVER_AT)) {
            throw RefusedException.badRequest(
                    "give one of the headers " + LaterMessage.DELAY + " and " + DELIVER_AT + ", not both");
        }
        if (headers.containsKey(SCHEDULE_ID) && !isShort(headers.get(SCHEDULE_ID))) {
            throw RequestFields.expected("header " + SCHEDULE_ID, "a string of up to " + MOST_TEXT + " bytes");
        }
        String id = (String) headers.getOrDefault(SCHEDULE_ID, "");
        long delay = number(headers, LaterMessage.DELAY, Long.MIN_VALUE, MOST_DELAY, 0);
        long at = number(headers, DELIVER_AT, 0, LATEST, -1);
        if (at >= 0) {
            return new Later(-1, at, id);
        } else if (delay > 0) {
            return new Later(delay, 0, id);
        }
        return id.isEmpty() ? null : new Later(-1, 0, id); // it takes the place of the one that waits, now
    }

    /** As the broker has it: a {@link MessageRecord} of the first route of a table. */
    byte[] record() {
        ByteWriter w = new ByteWriter(MessageRecord.HEADER + extension.length + properties.length + body.length);
        boolean named = Extension.hasName(extension);
        byte[] its = named ? ProducedBy.withoutEarlier(properties) : properties;
        if (named) {
            its = its.clone();
            ProducedBy.toCopy(its, 0, its.length);
        }
        MessageRecord.writeHeader(w, MessageRecord.MANDATORY, 0, extension.length, its.length, body.length);
        return w.raw(extension, 0, extension.length)
                .raw(its, 0, its.length)
                .raw(body, 0, body.length)
                .toBytes();
    }

    @Override
    public int bodyLength() {
        return body.length;
    }

    @Override
    public void copyBody(byte[] to, int offset) {
        System.arraycopy(body, 0, to, offset, body.length);
    }
}
