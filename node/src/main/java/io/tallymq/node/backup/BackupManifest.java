package io.tallymq.node.backup;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.broker.store.MessageStore.Applied;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What a backup says of itself: the last thing in it, so that one that was cut short has none.
 *
 * @param id this backup's, as no other's
 * @param about where it comes from
 * @param applied the last entry of the log that is in it
 * @param files all of them
 */
record BackupManifest(String id, About about, Applied applied, List<Item> files) {
    static final String FILE = "manifest.json";
    /** Of the backup's layout; a higher one is refused. */
    static final int FORMAT = 1;

    private static final String PRODUCT = "TallyMQ";

    /**
     * For people, but for the cluster's name and origin.
     *
     * @param origin of a cluster that was restored, else ""
     */
    record About(String version, String cluster, String origin, String node, Instant time) {}

    /** One file. */
    record Item(String name, long bytes, String sha256) {}

    BackupManifest {
        files = List.copyOf(files);
    }

    byte[] json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("product", PRODUCT).put("format", FORMAT).put("id", id);
        json.put("version", about.version()).put("cluster", about.cluster()).put("origin", about.origin());
        json.put("node", about.node()).put("time", about.time().toString());
        json.put("level", applied.level()).put("term", applied.term()).put("index", applied.index());
        json.put("clock", applied.clock());
        var list = json.putArray("files");
        files.forEach(f ->
                list.addObject().put("name", f.name()).put("bytes", f.bytes()).put("sha256", f.sha256()));
        return (json.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8);
    }

    static BackupManifest parse(byte[] bytes) throws BackupException {
        JsonNode json;
        try {
            json = new ObjectMapper().readTree(new String(bytes, StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            throw BackupException.damaged("its " + FILE + " is damaged");
        }
        if (json == null || !PRODUCT.equals(json.path("product").asText())) {
            throw new BackupException("it is no backup of TallyMQ");
        }
        int format = json.path("format").asInt();
        if (format < 1 || format > FORMAT) {
            throw new BackupException(
                    "it was made by a newer version, " + json.path("version").asText() + " (format " + format
                            + ", this version knows " + FORMAT + "): restore it with that one");
        }
        List<Item> files = new ArrayList<>();
        json.path("files")
                .forEach(f -> files.add(new Item(
                        f.path("name").asText(),
                        f.path("bytes").asLong(-1),
                        f.path("sha256").asText())));
        try {
            return new BackupManifest(
                    json.path("id").asText(),
                    new About(
                            json.path("version").asText(),
                            json.path("cluster").asText(),
                            json.path("origin").asText(),
                            json.path("node").asText(),
                            Instant.parse(json.path("time").asText())),
                    new Applied(
                            json.path("term").asLong(-1),
                            json.path("index").asLong(-1),
                            json.path("clock").asLong(-1),
                            json.path("level").asInt(-1)),
                    files);
        } catch (java.time.format.DateTimeParseException e) {
            throw BackupException.damaged("its " + FILE + " names no time");
        }
    }
}
