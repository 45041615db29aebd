package io.tallymq.admin.request;

import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.settings.ArgumentSize;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** RequestFields of the object that came with a request. Each of them throws {@link RefusedException}, 400, for a value of another type. */
public record RequestFields(JsonNode body) {
    private static final int MOST_SHORT = 255;

    public static RequestFields of(ApiRequest request) {
        return new RequestFields(request.body().length == 0 ? Json.object() : Json.parse(request.body()));
    }

    public boolean has(String name) {
        return body.hasNonNull(name);
    }

    /** A field that has to be there. */
    public String text(String name) {
        if (!has(name)) {
            throw RefusedException.badRequest("Key not present: " + name);
        }
        return text(name, null);
    }

    public String text(String name, String otherwise) {
        if (has(name) && !body.get(name).isTextual()) {
            throw expected(name, "a string");
        }
        return has(name) ? body.get(name).textValue() : otherwise;
    }

    /** What is a short string in AMQP. */
    public String shortText(String name, String otherwise) {
        String text = text(name, otherwise);
        if (bytes(text) > MOST_SHORT) {
            throw expected(name, "a string of up to " + MOST_SHORT + " bytes");
        }
        return text;
    }

    /** The same of a name that is in a path, and has to be one. */
    public static void requireShort(String what, String name) {
        if (name.isEmpty() || bytes(name) > MOST_SHORT) {
            throw RefusedException.badRequest(what + " has 1 to " + MOST_SHORT + " bytes");
        }
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /** Also as a text, as RabbitMQ takes it. */
    public boolean bool(String name, boolean otherwise) {
        JsonNode value = body.path(name);
        if (has(name) && !value.isBoolean() && !value.asText().matches("true|false")) {
            throw expected(name, "true or false");
        }
        return has(name) ? value.asBoolean() : otherwise;
    }

    /** Zero or more, also as a text, as RabbitMQ takes it; null if it is not there. */
    public Long integer(String name) {
        JsonNode value = body.path(name);
        if (value.isTextual() && value.textValue().matches("[0-9]{1,18}")) {
            return Long.valueOf(value.textValue());
        }
        if (has(name) && !(value.isIntegralNumber() && value.canConvertToLong() && value.longValue() >= 0)) {
            throw expected(name, "an integer of 0 or more");
        }
        return has(name) ? (Long) value.longValue() : null;
    }

    /** A list, or a text with commas in between; blanks around each do not count. */
    public List<String> strings(String name) {
        JsonNode value = body.path(name);
        List<String> all = new ArrayList<>();
        if (value.isTextual()) {
            all.addAll(List.of(value.textValue().split(",", -1)));
        } else if (has(name)) {
            if (!value.isArray()) {
                throw expected(name, "a list of strings, or a string with commas in between,");
            }
            for (JsonNode one : value) {
                if (!one.isTextual()) {
                    throw expected(name, "a list of strings, or a string with commas in between,");
                }
                all.add(one.textValue());
            }
        }
        return all.stream()
                .map(String::trim)
                .filter(s -> !s.isEmpty())
                .distinct()
                .toList();
    }

    /** Any JSON, null too, that has to be there. */
    public JsonNode any(String name) {
        if (!body.has(name)) {
            throw RefusedException.badRequest("Key not present: " + name);
        }
        return body.get(name);
    }

    /**
     * The field arguments, of what is declared or bound.
     *
     * @throws RefusedException 400 for more than is kept in memory on all nodes, too
     */
    public Arguments arguments() {
        Arguments arguments = table("arguments");
        String refusal = ArgumentSize.refusal(arguments);
        if (refusal != null) {
            throw RefusedException.badRequest(refusal);
        }
        return arguments;
    }

    /** An empty array is an empty table: some languages have one thing for both. */
    public Arguments table(String name) {
        if (has(name) && body.get(name).isArray() && body.get(name).isEmpty()) {
            return Arguments.NONE;
        }
        if (has(name) && !body.get(name).isObject()) {
            throw expected(name, "an object");
        }
        return has(name) ? Json.toArguments(body.get(name)) : Arguments.NONE;
    }

    /**
     * The bytes of the field payload, as payload_encoding says: string or base64.
     *
     * @throws RefusedException 400 for more than so many bytes, too
     */
    public byte[] payload(int most) {
        byte[] bytes = payload();
        if (bytes.length > most) {
            throw RefusedException.badRequest(
                    "message size " + bytes.length + " is larger than configured max size " + most);
        }
        return bytes;
    }

    private byte[] payload() {
        String payload = text("payload");
        String encoding = text("payload_encoding", "string");
        if (encoding.equals("string")) {
            return payload.getBytes(StandardCharsets.UTF_8);
        } else if (!encoding.equals("base64")) {
            throw expected("payload_encoding", "string or base64");
        }
        try {
            return Base64.getDecoder().decode(payload);
        } catch (IllegalArgumentException e) {
            throw expected("payload", "base64, as payload_encoding says,");
        }
    }

    public static RefusedException expected(String name, String what) {
        return RefusedException.badRequest(name + ": " + what + " is expected");
    }
}
