package io.tallymq.tally.base;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.tallymq.tally.output.Output;
import java.util.Map;

/** {@code NAME=VALUE} as AMQP's arguments and headers: a value that reads as JSON is what it is there, anything else is a text. */
public final class TypedPairs {
    private TypedPairs() {}

    /** @param pairs null for none */
    public static ObjectNode of(Map<String, String> pairs) {
        ObjectNode object = Output.object();
        if (pairs != null) {
            pairs.forEach((name, value) -> object.set(name, value(value)));
        }
        return object;
    }

    /** {@code 5}, {@code true}, {@code ["a"]}; {@code "5"} with its quotes is a text. */
    public static JsonNode value(String text) {
        try {
            JsonNode value = Output.mapper().readerFor(JsonNode.class).readTree(text);
            return value.isMissingNode() || !isWhole(text) ? TextNode.valueOf(text) : value;
        } catch (JsonProcessingException e) {
            return TextNode.valueOf(text);
        }
    }

    /** A reader ends with the first value: {@code 5 days} is no number. */
    private static boolean isWhole(String text) throws JsonProcessingException {
        try (var parser = Output.mapper().createParser(text)) {
            parser.nextToken();
            parser.skipChildren();
            return parser.nextToken() == null;
        } catch (JsonProcessingException e) {
            return false;
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
