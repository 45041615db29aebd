package io.tallymq.admin.request;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.broker.message.Arguments;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** JSON trees and their bytes. */
public final class Json {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final ObjectMapper MAPPER = JsonMapper.builder().build();

    /** Of what comes with requests. */
    private static final int MAX_DEPTH = 8;

    private Json() {}

    public static ObjectNode object() {
        return NODES.objectNode();
    }

    public static ArrayNode array() {
        return NODES.arrayNode();
    }

    public static ArrayNode strings(Iterable<String> values) {
        ArrayNode array = array();
        values.forEach(array::add);
        return array;
    }

    public static ObjectNode numbers(Map<String, Long> values) {
        ObjectNode node = object();
        values.forEach(node::put);
        return node;
    }

    /** @param values strings, numbers, booleans, lists and maps of these, by name */
    public static ObjectNode of(Map<String, Object> values) {
        return MAPPER.valueToTree(values);
    }

    /** JSON that is kept as text; as a text, should it be none. */
    public static JsonNode read(String json) {
        try {
            return MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            return NODES.textNode(json);
        }
    }

    public static byte[] bytes(JsonNode node) {
        try {
            return MAPPER.writeValueAsBytes(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a JSON tree can always be written", e);
        }
    }

    /** Writes UTF-8. Closing it closes {@code to}. */
    public static JsonGenerator generator(OutputStream to) {
        try {
            return MAPPER.createGenerator(to);
        } catch (IOException e) {
            throw new UncheckedIOException("memory can always be written", e);
        }
    }

    /** Sets a number that may be unknown: a negative one is left out. */
    public static void putKnown(ObjectNode to, String field, long value) {
        if (value >= 0) {
            to.put(field, value);
        }
    }

    /**
     * A request's body, which is an object; null is an empty one.
     *
     * @throws RefusedException 400 when it is not
     */
    public static JsonNode parse(byte[] body) {
        try {
            JsonNode node = MAPPER.readTree(body);
            if (node != null && node.isObject()) {
                requireCharacters(node);
                return node;
            }
            if (node != null && node.isNull()) {
                return object();
            }
        } catch (JsonProcessingException e) {
            throw unparsable(e);
        } catch (IOException e) {
            throw RefusedException.badRequest("Unable to parse JSON: it is no UTF-8");
        }
        throw RefusedException.of(400, "bad_request", "the request's body has to be a JSON object");
    }

    /**
     * That all strings and names in it are made of characters: half of one, which an escape can name, does not come back from the store, where two
     * of them are the same.
     *
     * @throws RefusedException 400 when they are not
     */
    public static void requireCharacters(JsonNode node) {
        if (node.isTextual() && !UTF_8.newEncoder().canEncode(node.textValue())) {
            throw RefusedException.badRequest("a string in the JSON has half a character (an escape from \\ud800 to"
                    + " \\udfff that has no other half beside it): it can't be kept");
        }
        node.fieldNames().forEachRemaining(name -> requireCharacters(NODES.textNode(name)));
        node.forEach(Json::requireCharacters);
    }

    /** 400 for what is no JSON. Tells where, not what: it may be a password. */
    public static RefusedException unparsable(JsonProcessingException e) {
        JsonLocation at = e.getLocation();
        return RefusedException.badRequest("Unable to parse JSON"
                + (at == null ? "" : ": line " + at.getLineNr() + ", column " + at.getColumnNr()));
    }

    /** For what is too large to be a tree. */
    public static JsonParser parser(byte[] body) throws IOException {
        return MAPPER.createParser(body);
    }

    /**
     * An object as arguments: numbers without a fraction are integers.
     *
     * @throws RefusedException 400 for one that is nested too deeply, or has integers that do not fit
     */
    public static Arguments toArguments(JsonNode object) {
        return new Arguments(toTable(object, MAX_DEPTH));
    }

    private static Map<String, Object> toTable(JsonNode object, int depth) {
        Map<String, Object> values = new TreeMap<>();
        object.properties().forEach(e -> values.put(e.getKey(), toValue(e.getValue(), depth - 1)));
        return values;
    }

    private static Object toValue(JsonNode node, int depth) {
        if (depth < 0) {
            throw RefusedException.badRequest("the JSON is nested too deeply: " + MAX_DEPTH + " levels at most");
        } else if (node.isNull()) {
            return null;
        } else if (node.isTextual()) {
            return node.textValue();
        } else if (node.isBoolean()) {
            return node.booleanValue();
        } else if (node.isObject()) {
            return toTable(node, depth);
        } else if (node.isArray()) {
            List<Object> list = new ArrayList<>();
            node.forEach(x -> list.add(toValue(x, depth - 1)));
            return list;
        } else if (node.canConvertToLong() && node.isIntegralNumber()) {
            return node.longValue();
        } else if (node.isIntegralNumber()) {
            throw RefusedException.badRequest("the number " + node.asText() + " is too large");
        }
        return node.doubleValue();
    }

    /** Arguments as RabbitMQ shows them: timestamps as seconds; byte arrays, which JSON does not have, in base64. */
    public static ObjectNode arguments(Arguments arguments) {
        return table(arguments.values());
    }

    private static ObjectNode table(Map<?, ?> values) {
        ObjectNode node = object();
        values.forEach((name, value) -> node.set((String) name, value(value)));
        return node;
    }

    private static JsonNode value(Object value) {
        if (value == null) {
            return NullNode.instance;
        } else if (value instanceof String s) {
            return NODES.textNode(s);
        } else if (value instanceof Long l) {
            return NODES.numberNode((long) l);
        } else if (value instanceof Boolean b) {
            return NODES.booleanNode(b);
        } else if (value instanceof Double d) {
            // JSON has neither NaN nor infinities.
            return Double.isFinite(d) ? NODES.numberNode((double) d) : NODES.textNode(d.toString());
        } else if (value instanceof byte[] b) {
            return NODES.textNode(Base64.getEncoder().encodeToString(b));
        } else if (value instanceof Arguments.Timestamp t) {
            return NODES.numberNode(t.seconds());
        } else if (value instanceof List<?> list) {
            ArrayNode array = array();
            list.forEach(x -> array.add(value(x)));
            return array;
        } else if (value instanceof Map<?, ?> map) {
            return table(map);
        }
        throw new IllegalArgumentException("no argument type: " + value.getClass());
    }
}
