package io.tallymq.admin;

import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.broker.message.Arguments;
import java.util.ArrayList;
import java.util.List;

/** RequestFields of the object that came with a request. Each of them throws {@link RefusedException}, 400, for a value of another type. */
record RequestFields(JsonNode body) {
    static RequestFields of(ApiRequest request) {
        return new RequestFields(request.body().length == 0 ? Json.object() : Json.parse(request.body()));
    }

    boolean has(String name) {
        return body.hasNonNull(name);
    }

    /** A field that has to be there. */
    String text(String name) {
        if (!has(name)) {
            throw RefusedException.badRequest("Key not present: " + name);
        }
        return text(name, null);
    }

    String text(String name, String otherwise) {
        if (has(name) && !body.get(name).isTextual()) {
            throw expected(name, "a string");
        }
        return has(name) ? body.get(name).textValue() : otherwise;
    }

    /** Also as a text, as RabbitMQ takes it. */
    boolean bool(String name, boolean otherwise) {
        JsonNode value = body.path(name);
        if (has(name) && !value.isBoolean() && !value.asText().matches("true|false")) {
            throw expected(name, "true or false");
        }
        return has(name) ? value.asBoolean() : otherwise;
    }

    /** Zero or more; null if it is not there. */
    Long integer(String name) {
        JsonNode value = body.path(name);
        if (has(name) && !(value.isIntegralNumber() && value.canConvertToLong() && value.longValue() >= 0)) {
            throw expected(name, "an integer of 0 or more");
        }
        return has(name) ? (Long) value.longValue() : null;
    }

    /** A list, or a text with commas in between; blanks around each do not count. */
    List<String> strings(String name) {
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
    JsonNode any(String name) {
        if (!body.has(name)) {
            throw RefusedException.badRequest("Key not present: " + name);
        }
        return body.get(name);
    }

    Arguments table(String name) {
        if (has(name) && !body.get(name).isObject()) {
            throw expected(name, "an object");
        }
        return has(name) ? Json.toArguments(body.get(name)) : Arguments.NONE;
    }

    static RefusedException expected(String name, String what) {
        return RefusedException.badRequest(name + ": " + what + " is expected");
    }
}
