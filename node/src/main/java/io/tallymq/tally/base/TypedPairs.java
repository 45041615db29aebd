package io.tallymq.tally.base;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.tallymq.tally.output.JsonTree;
import io.tallymq.tally.output.Output;
import java.io.IOException;
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
            return JsonTree.parse(text);
        } catch (IOException e) {
            return TextNode.valueOf(text);
        }
    }
}
