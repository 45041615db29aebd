package io.tallymq.tally.output;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Rows of JSON as a table: a head, columns as wide as what is in them, numbers to the right. */
public final class TablePrinter {
    private record Column(String head, boolean right, Function<JsonNode, String> text) {}

    private final List<Column> columns = new ArrayList<>();

    /** What the field holds. */
    public TablePrinter text(String head, String field) {
        return text(head, row -> shown(row.path(field)));
    }

    public TablePrinter text(String head, Function<JsonNode, String> text) {
        columns.add(new Column(head, false, text));
        return this;
    }

    public TablePrinter number(String head, String field) {
        return number(head, row -> shown(row.path(field)));
    }

    public TablePrinter number(String head, Function<JsonNode, String> text) {
        columns.add(new Column(head, true, text));
        return this;
    }

    /** A value as it stands in a cell: nothing for what is not there, lists with commas, objects as JSON. */
    public static String shown(JsonNode value) {
        if (value.isMissingNode() || value.isNull()) {
            return "";
        } else if (value.isBoolean()) {
            return value.booleanValue() ? "yes" : "no";
        } else if (value.isArray()) {
            List<String> all = new ArrayList<>();
            value.forEach(v -> all.add(shown(v)));
            return String.join(", ", all);
        } else if (value.isObject()) {
            return value.isEmpty() ? "" : value.toString();
        }
        return value.asText();
    }

    void print(Iterable<JsonNode> rows, PrintStream out) {
        List<List<String>> lines = new ArrayList<>();
        lines.add(columns.stream().map(Column::head).toList());
        rows.forEach(row -> lines.add(
                columns.stream().map(c -> Plain.text(c.text.apply(row))).toList()));
        int[] widths = new int[columns.size()];
        lines.forEach(line -> {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], Plain.width(line.get(i)));
            }
        });
        lines.forEach(line -> out.println(laidOut(line, widths)));
    }

    private String laidOut(List<String> line, int[] widths) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String gap = " ".repeat(widths[i] - Plain.width(line.get(i)));
            text.append(columns.get(i).right ? gap + line.get(i) : line.get(i) + gap)
                    .append("  ");
        }
        return text.toString().stripTrailing();
    }
}
