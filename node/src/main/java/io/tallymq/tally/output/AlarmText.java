package io.tallymq.tally.output;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** The alarms that are on, of the rows of /api/nodes. */
public final class AlarmText {
    private AlarmText() {}

    /** On one line; "none" for none. */
    public static String of(JsonNode nodes) {
        List<String> alarms = new ArrayList<>();
        for (JsonNode node : nodes) {
            if (node.path("mem_alarm").asBoolean()) {
                alarms.add("MEMORY of " + node.path("name").asText());
            }
            if (node.path("disk_free_alarm").asBoolean()) {
                alarms.add("DISK of " + node.path("name").asText());
            }
        }
        return alarms.isEmpty() ? "none" : String.join(", ", alarms) + ": publishers wait";
    }
}
