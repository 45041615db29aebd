package io.tallymq.admin.messages;

import io.tallymq.admin.request.RefusedException;
import io.tallymq.admin.request.RequestFields;
import io.tallymq.admin.request.RequestPermits;
import io.tallymq.broker.access.Rights.Act;
import io.tallymq.broker.command.ScheduleMessage;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.PropertiesBuilder;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.ScheduleName;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * What a scheduled message is made of: the fields of RabbitMQ's publish by HTTP (routing_key, payload, payload_encoding, properties), the
 * exchange, and its time: deliver_at, milliseconds since the epoch or a text as 2030-01-01T00:00:00Z, or delay, milliseconds.
 *
 * @param mostBytes of the payload
 */
record ScheduleBody(RequestFields fields, int mostBytes) {
    /** As of a publish: ten years. */
    private static final long MOST_DELAY = 3_650L * 86_400_000;
    /** The end of the year 9999. */
    private static final long LAST = 253_402_300_799_999L;

    private static final int MOST_KEY = 255;
    private static final List<String> OF_PUBLISHES = List.of(
            "CC",
            "BCC",
            "x-min-queues",
            "x-delay",
            "x-deliver-at",
            "x-schedule-id",
            "x-producer-id",
            "x-publish-seq",
            "x-producer-epoch",
            "x-expect-last",
            "x-expect-queue-length-below",
            "x-report",
            "x-confirm");

    /** @param permits what its user may do: as to publish it */
    ScheduleMessage command(String vhost, String id, RequestPermits permits, LongSupplier clock) {
        if (bytes(id) > MOST_KEY || id.isEmpty()) {
            throw RefusedException.badRequest("the key of a message has 1 to " + MOST_KEY + " bytes");
        }
        Route route = new Route(vhost, fields.shortText("exchange", ""), fields.shortText("routing_key", ""));
        permits.exchange(Act.WRITE, route.exchange());
        permits.topic(Act.WRITE, route.exchange(), route.routingKey());
        MessagesApi.requireTaken(route.exchange(), route.routingKey());
        if (route.exchange().equals(ScheduleName.EXCHANGE)) {
            throw RefusedException.badRequest(ScheduleName.noTime());
        }
        return new ScheduleMessage(route, id, due(clock), record(permits));
    }

    private static int bytes(String s) {
        return s.getBytes(StandardCharsets.UTF_8).length;
    }

    private long due(LongSupplier clock) {
        if (fields.has("deliver_at") == fields.has("delay")) {
            throw RefusedException.badRequest("one of deliver_at and delay is expected");
        }
        if (fields.has("delay")) {
            long delay = fields.integer("delay");
            if (delay > MOST_DELAY) {
                throw RequestFields.expected("delay", "at most " + MOST_DELAY + " milliseconds (ten years)");
            }
            return clock.getAsLong() + delay;
        }
        long at = fields.body().get("deliver_at").isTextual()
                ? parse(fields.text("deliver_at"))
                : fields.integer("deliver_at");
        if (at < 0 || at > LAST) {
            throw RequestFields.expected("deliver_at", "a time from 1970 to 9999");
        }
        return at;
    }

    private static long parse(String text) {
        try {
            return Instant.parse(text).toEpochMilli();
        } catch (DateTimeParseException | ArithmeticException e) {
            throw RequestFields.expected(
                    "deliver_at", "milliseconds since the epoch or a time as 2030-01-01T00:00:00Z");
        }
    }

    private byte[] record(RequestPermits permits) {
        byte[] properties = properties(permits);
        byte[] body = fields.payload(mostBytes);
        long expiration = PropertiesBuilder.expiration(properties);
        if (expiration < -1) {
            throw RequestFields.expected("expiration", "a string of milliseconds, 0 to 4294967295,");
        }
        byte[] more = new Extension(List.of(), 0, expiration).encode();
        var w = new ByteWriter(MessageRecord.HEADER + more.length + properties.length + body.length);
        MessageRecord.writeHeader(w, 0, 0, more.length, properties.length, body.length);
        return w.raw(more, 0, more.length)
                .raw(properties, 0, properties.length)
                .raw(body, 0, body.length)
                .toBytes();
    }

    private byte[] properties(RequestPermits permits) {
        Arguments properties = fields.table("properties");
        permits.name(properties.get("user_id"));
        PublishBody.requireOthersReply(properties);
        if (properties.get("headers") instanceof Map<?, ?> headers) {
            for (String name : OF_PUBLISHES) {
                if (headers.containsKey(name)) {
                    throw RefusedException.badRequest(
                            "the header " + name + " is for publishes: it means nothing here");
                }
            }
        }
        try {
            return PropertiesBuilder.build(properties.values());
        } catch (IllegalArgumentException e) {
            throw RefusedException.badRequest(e.getMessage());
        }
    }
}
