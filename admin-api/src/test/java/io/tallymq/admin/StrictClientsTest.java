package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What typed clients, rabbitmqadmin's version 2 for one, want in each row: they refuse a list with one row that lacks it. */
class StrictClientsTest {
    private static final String NUMBER = "number";
    private static final String BOOLEAN = "boolean";
    private static final String TEXT = "string";

    private static void each(JsonNode rows, String type, String... fields) {
        assertTrue(rows.size() > 1, "of this node and others");
        List<String> wrong = new ArrayList<>();
        for (JsonNode row : rows) {
            for (String field : fields) {
                if (!row.path(field).getNodeType().name().equalsIgnoreCase(type)) {
                    wrong.add(row.get("name") + " " + field + ": " + row.path(field));
                }
            }
        }
        assertEquals(List.of(), wrong);
    }

    @Test
    void nodes() throws IOException {
        try (var admin = new Admin()) {
            JsonNode rows = admin.json("/api/nodes");
            each(rows, TEXT, "name", "rates_mode", "os_pid");
            each(rows, NUMBER, "uptime", "run_queue", "processors", "fd_total", "proc_total", "mem_limit");
            each(rows, NUMBER, "disk_free_limit");
            each(rows, BOOLEAN, "mem_alarm", "disk_free_alarm", "being_drained");
            each(rows, "array", "enabled_plugins");
        }
    }

    @Test
    void channels() throws IOException {
        try (var admin = new Admin()) {
            JsonNode rows = admin.json("/api/channels");
            each(rows, TEXT, "name", "vhost", "state");
            each(rows, NUMBER, "number", "consumer_count", "prefetch_count");
            each(rows, NUMBER, "messages_unacknowledged", "messages_unconfirmed");
            each(rows, BOOLEAN, "confirm");
            each(rows, "object", "connection_details");
        }
    }

    @Test
    void consumers() throws IOException {
        try (var admin = new Admin()) {
            JsonNode rows = admin.json("/api/consumers");
            each(rows, TEXT, "consumer_tag");
            each(rows, NUMBER, "prefetch_count", "consumer_timeout");
            each(rows, BOOLEAN, "active", "ack_required", "exclusive");
            each(rows, "object", "arguments", "queue", "channel_details");
            assertEquals(1_800_000, rows.at("/0/consumer_timeout").asInt());
        }
    }
}
