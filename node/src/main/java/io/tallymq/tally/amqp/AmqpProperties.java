package io.tallymq.tally.amqp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.LongString;
import io.tallymq.tally.base.TypedPairs;
import io.tallymq.tally.context.Failure;
import io.tallymq.tally.output.Output;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Properties and headers of messages, from {@code NAME=VALUE} and to JSON. The names are those of the HTTP API. */
final class AmqpProperties {
    private static final List<String> NAMES = List.of(
            "content_type",
            "content_encoding",
            "priority",
            "correlation_id",
            "reply_to",
            "expiration",
            "message_id",
            "timestamp",
            "type",
            "user_id",
            "app_id");

    private static final int MOST_PRIORITY = 255;

    private AmqpProperties() {}

    /** @throws Failure for a name that is none, or a value that is no number where one is expected */
    static BasicProperties of(Map<String, String> properties, Map<String, String> headers, boolean persistent) {
        var builder = new BasicProperties.Builder().deliveryMode(persistent ? 2 : 1);
        properties.forEach((name, value) -> set(builder, name, value));
        if (!headers.isEmpty()) {
            Map<String, Object> typed = new LinkedHashMap<>();
            TypedPairs.of(headers).properties().forEach(e -> typed.put(e.getKey(), value(e.getKey(), e.getValue())));
            builder.headers(typed);
        }
        return builder.build();
    }

    @SuppressWarnings("JavaUtilDate") // the client's type
    private static void set(BasicProperties.Builder to, String name, String value) {
        try {
            switch (name.replace('-', '_')) {
                case "content_type" -> to.contentType(value);
                case "content_encoding" -> to.contentEncoding(value);
                case "priority" -> to.priority(priority(value));
                case "correlation_id" -> to.correlationId(value);
                case "reply_to" -> to.replyTo(value);
                case "expiration" -> to.expiration(value);
                case "message_id" -> to.messageId(value);
                case "timestamp" -> to.timestamp(new Date(Math.multiplyExact(Long.parseLong(value), 1_000L)));
                case "type" -> to.type(value);
                case "user_id" -> to.userId(value);
                case "app_id" -> to.appId(value);
                default ->
                    throw Failure.usage("there is no property '" + name + "', only " + String.join(", ", NAMES)
                            + "; a header is --header");
            }
        } catch (NumberFormatException e) {
            throw Failure.usage("the property " + name + " is a number, not '" + value + "'");
        } catch (ArithmeticException e) {
            throw Failure.usage("the property " + name + " is in seconds, and " + value + " are too many");
        }
    }

    private static int priority(String text) {
        int value = Integer.parseInt(text);
        if (value < 0 || value > MOST_PRIORITY) {
            throw Failure.usage("the property priority is 0 to " + MOST_PRIORITY + ", not " + text);
        }
        return value;
    }

    /** @param name of the header, for what is said of it */
    private static Object value(String name, JsonNode value) {
        if (value.isNumber()) {
            return number(name, value);
        } else if (value.isBoolean()) {
            return value.booleanValue();
        } else if (value.isArray()) {
            List<Object> all = new ArrayList<>();
            value.forEach(v -> all.add(value(name, v)));
            return all;
        } else if (value.isObject()) {
            Map<String, Object> all = new LinkedHashMap<>();
            value.properties().forEach(e -> all.put(e.getKey(), value(name, e.getValue())));
            return all;
        }
        return value.isNull() ? null : value.asText();
    }

    /** What AMQP has no number for would become another one. */
    private static Object number(String name, JsonNode value) {
        if (value.isIntegralNumber() ? !value.canConvertToLong() : !Double.isFinite(value.doubleValue())) {
            throw Failure.usage("the header " + name + " has a number that AMQP has none for: put it in quotes (" + name
                    + "='\"...\"') for a text");
        }
        return value.isIntegralNumber() ? (Object) value.longValue() : (Object) value.doubleValue();
    }

    /** What is set, by the names of the HTTP API. */
    @SuppressWarnings("JavaUtilDate") // the client's type
    static ObjectNode json(BasicProperties p) {
        ObjectNode json = Output.object();
        put(json, "content_type", p.getContentType());
        put(json, "content_encoding", p.getContentEncoding());
        put(json, "delivery_mode", p.getDeliveryMode());
        put(json, "priority", p.getPriority());
        put(json, "correlation_id", p.getCorrelationId());
        put(json, "reply_to", p.getReplyTo());
        put(json, "expiration", p.getExpiration());
        put(json, "message_id", p.getMessageId());
        put(
                json,
                "timestamp",
                p.getTimestamp() == null ? null : p.getTimestamp().getTime() / 1_000);
        put(json, "type", p.getType());
        put(json, "user_id", p.getUserId());
        put(json, "app_id", p.getAppId());
        put(json, "headers", p.getHeaders());
        return json;
    }

    private static void put(ObjectNode json, String name, Object value) {
        if (value != null) {
            json.set(name, json(value));
        }
    }

    @SuppressWarnings("JavaUtilDate") // the client's type
    private static JsonNode json(Object value) {
        if (value instanceof Map<?, ?> map) {
            ObjectNode node = Output.object();
            map.forEach((k, v) -> node.set(k.toString(), json(v)));
            return node;
        } else if (value instanceof List<?> list) {
            var node = Output.array();
            list.forEach(v -> node.add(json(v)));
            return node;
        } else if (value instanceof LongString text) {
            return JsonNodeFactory.instance.textNode(text.toString());
        } else if (value instanceof Date date) {
            return JsonNodeFactory.instance.numberNode(date.getTime() / 1_000);
        } else if (value instanceof BigDecimal number) {
            return JsonNodeFactory.instance.numberNode(number);
        }
        return scalar(value);
    }

    private static JsonNode scalar(Object value) {
        if (value == null) {
            return JsonNodeFactory.instance.nullNode();
        } else if (value instanceof Boolean flag) {
            return JsonNodeFactory.instance.booleanNode(flag);
        } else if (value instanceof Long
                || value instanceof Integer
                || value instanceof Short
                || value instanceof Byte) {
            return JsonNodeFactory.instance.numberNode(((Number) value).longValue());
        } else if (value instanceof Number number) {
            return JsonNodeFactory.instance.numberNode(number.doubleValue());
        }
        return value instanceof byte[] bytes
                ? JsonNodeFactory.instance.binaryNode(bytes)
                : JsonNodeFactory.instance.textNode(value.toString());
    }
}
