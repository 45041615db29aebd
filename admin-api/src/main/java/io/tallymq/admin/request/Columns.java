package io.tallymq.admin.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Which fields of an object are shown: dotted paths, or all when there are none. */
public record Columns(List<List<String>> paths) {
    /** From the query parameter {@code columns}, comma separated. */
    public static Columns of(Target target) {
        List<List<String>> paths = new ArrayList<>();
        for (String column : target.parameter("columns").orElse("").split(",", -1)) {
            if (!column.isBlank()) {
                paths.add(path(column.trim()));
            }
        }
        return new Columns(paths);
    }

    public boolean isAll() {
        return paths.isEmpty();
    }

    /** The fields of the object itself that they are in. */
    public Set<String> fields() {
        return paths.stream().map(path -> path.get(0)).collect(Collectors.toUnmodifiableSet());
    }

    public static List<String> path(String dotted) {
        return List.of(dotted.split("\\.", -1));
    }

    public static JsonNode at(ObjectNode row, List<String> path) {
        JsonNode node = row;
        for (String field : path) {
            node = node.path(field);
        }
        return node;
    }

    /** The object with these columns only. A path that leads nowhere is left out. */
    public ObjectNode of(ObjectNode row) {
        if (paths.isEmpty()) {
            return row;
        }
        ObjectNode shown = Json.object();
        for (List<String> path : paths) {
            JsonNode value = at(row, path);
            if (!(value instanceof MissingNode)) {
                ObjectNode parent = shown;
                for (String field : path.subList(0, path.size() - 1)) {
                    parent = parent.get(field) instanceof ObjectNode o ? o : parent.putObject(field);
                }
                parent.set(path.get(path.size() - 1), value);
            }
        }
        return shown;
    }
}
