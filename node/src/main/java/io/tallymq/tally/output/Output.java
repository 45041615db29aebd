package io.tallymq.tally.output;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.tally.context.StandardOutput;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;

/** Where a command says what it found: on the standard output, as tables or as JSON. Progress goes to the standard error. */
public final class Output {
    private final StandardOutput out;
    private final PrintStream err;
    private final boolean json;

    public Output(StandardOutput out, PrintStream err, boolean json) {
        this.out = out;
        this.err = err;
        this.json = json;
    }

    public boolean isJson() {
        return json;
    }

    public PrintStream stream() {
        return out;
    }

    public void json(JsonNode value) {
        out.println(value.toPrettyString());
    }

    /** One value on one line, for what goes on. */
    public void jsonLine(JsonNode value) {
        out.println(value.toString());
        sent();
    }

    /** What was printed goes on its way. @throws io.tallymq.tally.context.Failure if nobody takes it: then there is nothing to go on for */
    public void sent() {
        out.require();
    }

    /** A list: as the server gave it, or as a table. */
    public void table(JsonNode rows, TablePrinter printer) {
        if (json) {
            json(rows);
        } else {
            printer.print(rows, out);
        }
    }

    /** All that is said of one thing: a line each, what is within with dots. */
    public void fields(JsonNode value) {
        if (json) {
            json(value);
            return;
        }
        Map<String, String> all = new LinkedHashMap<>();
        flatten("", value, all);
        int widest = all.keySet().stream().mapToInt(Plain::width).max().orElse(0);
        all.forEach((name, text) ->
                out.println((name + " ".repeat(widest - Plain.width(name)) + "  " + Plain.text(text)).stripTrailing()));
    }

    private static void flatten(String prefix, JsonNode value, Map<String, String> all) {
        value.properties().forEach(e -> {
            String name = prefix + Plain.text(e.getKey());
            if (e.getValue().isObject() && !e.getValue().isEmpty()) {
                flatten(name + ".", e.getValue(), all);
            } else {
                all.put(name, TablePrinter.shown(e.getValue()));
            }
        });
    }

    /** A line for people only. */
    public void line(String text) {
        if (!json) {
            out.println(Plain.text(text));
        }
    }

    /** What became of a change; {@code {"status": "ok", "message": ...}} for scripts. */
    public void done(String sentence) {
        if (json) {
            json(object().put("status", "ok").put("message", sentence));
        } else {
            out.println(Plain.text(sentence));
        }
    }

    /** On the standard error. */
    public void progress(String text) {
        err.println(Plain.text(text));
        err.flush();
    }

    public static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    public static ArrayNode array() {
        return JsonNodeFactory.instance.arrayNode();
    }
}
