package io.tallymq.tally.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.tally.output.Amounts;
import io.tallymq.tally.output.TablePrinter;
import java.util.Locale;

/** What {@code /api/cluster} and {@code /api/nodes} say of each node, in one row. */
final class NodesTable {
    private NodesTable() {}

    static ArrayNode rows(JsonNode cluster, JsonNode nodes) {
        ArrayNode rows = JsonNodeFactory.instance.arrayNode();
        for (JsonNode member : cluster.path("members")) {
            ObjectNode row = rows.addObject();
            for (JsonNode node : nodes) {
                if (node.path("name").equals(member.path("name"))) {
                    row.setAll((ObjectNode) node);
                }
            }
            row.setAll((ObjectNode) member);
        }
        return rows;
    }

    static TablePrinter printer() {
        return new TablePrinter()
                .text("NODE", "name")
                .text("HOST", "host")
                .text("ROLE", row -> row.path("role").asText().toLowerCase(Locale.ROOT))
                .text("STATE", row -> row.path("reachable").asBoolean() ? "up" : "DOWN")
                .text("RANK", NodesTable::rank)
                .number("LAG", "lag")
                .number("APPLIED", "applied_index")
                .number("DISK FREE", NodesTable::disk)
                .number("MEMORY", row -> bytes(row, "mem_used"))
                .number("FILES", NodesTable::files)
                .number(
                        "UP FOR",
                        row -> row.path("uptime").asLong() > 0
                                ? Amounts.time(row.path("uptime").asLong())
                                : "");
    }

    /** How well it would lead; nothing of one that is not reached. */
    static String rank(JsonNode row) {
        return row.path("rank").asText("").toLowerCase(Locale.ROOT);
    }

    private static String bytes(JsonNode row, String field) {
        return row.has(field) ? Amounts.bytes(row.path(field).asLong()) : "";
    }

    private static String disk(JsonNode row) {
        String free = bytes(row, "disk_free");
        return row.path("disk_free_limit").asLong() > 0 && !free.isEmpty()
                ? free + " (min " + bytes(row, "disk_free_limit") + ")"
                : free;
    }

    private static String files(JsonNode row) {
        return row.path("fd_total").asLong() > 0
                ? row.path("fd_used").asText() + "/" + row.path("fd_total").asText()
                : "";
    }
}
