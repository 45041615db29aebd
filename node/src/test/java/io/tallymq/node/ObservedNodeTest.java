package io.tallymq.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.MessageProperties;
import io.tallymq.node.metrics.MemoryMetrics;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a node that has confirmed, handed out and returned messages tells Prometheus, RabbitMQ's dashboards, ours, and people. */
class ObservedNodeTest {
    private static final int MESSAGES = 20;
    private static final Pattern METRIC = Pattern.compile("\\b(?:tallymq|rabbitmq|jvm|process|system)_[a-z0-9_]+");
    /** Labels whose names look like metrics. */
    private static final Set<String> LABELS = Set.of("rabbitmq_cluster", "rabbitmq_node");

    @TempDir
    private static Path directory;

    private static OneNode node;

    @BeforeAll
    static void start() throws Exception {
        node = new OneNode(directory);
        node.metrics("/metrics"); // what follows is counted from here on
        try (Connection connection = node.connect()) {
            Channel channel = connection.createChannel();
            channel.confirmSelect();
            channel.queueDeclare("a \"quoted\" queue", true, false, false, null);
            for (int i = 0; i < MESSAGES; i++) {
                channel.basicPublish("", "a \"quoted\" queue", MessageProperties.PERSISTENT_BASIC, new byte[10]);
            }
            channel.basicPublish("", "nowhere", true, MessageProperties.PERSISTENT_BASIC, new byte[10]);
            channel.waitForConfirmsOrDie(60_000);
            channel.basicGet("a \"quoted\" queue", true);
            channel.basicQos(1);
            assertThrows(IOException.class, () -> channel.queueDeclarePassive("no such queue"));
        }
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    /** Values by name and labels, as they stand. */
    private static Map<String, Double> scraped(String text) {
        Map<String, Double> values = new HashMap<>();
        text.lines().filter(line -> !line.startsWith("#")).forEach(line -> {
            int blank = line.lastIndexOf(' ');
            assertTrue(
                    values.put(line.substring(0, blank), Double.valueOf(line.substring(blank + 1))) == null,
                    "twice: " + line);
        });
        return values;
    }

    /** Reads a whole text as Prometheus does: each family stands there once with its values below it, and no series twice. */
    private static void assertIsExposition(String text) {
        Set<String> helped = new TreeSet<>();
        Set<String> typed = new TreeSet<>();
        String family = "";
        for (String line : text.lines().toList()) {
            String[] words = line.split(" ");
            if (line.startsWith("# HELP ")) {
                assertTrue(helped.add(words[2]), "twice: " + line);
            } else if (line.startsWith("# TYPE ")) {
                assertTrue(typed.add(words[2]), "twice: " + line);
                family = words[2];
            } else {
                String name = line.replaceFirst("[{ ].*", "");
                String of = name.equals(family) ? name : name.replaceFirst("_(bucket|sum|count|max)$", "");
                assertEquals(family, of, line);
            }
        }
        assertEquals(helped, typed);
        scraped(text); // fails for a series that is there twice
    }

    @Test
    void eachFamilyStandsOnceInEachText() throws Exception {
        String families = "queue_coarse_metrics,queue_metrics,queue_consumer_count,connection_coarse_metrics";
        for (String path : List.of(
                "/metrics",
                "/metrics/memory-breakdown",
                "/metrics/per-object",
                "/metrics/detailed",
                "/metrics/detailed?family=" + families)) {
            assertIsExposition(node.metrics(path).body());
        }
        Map<String, Double> all = scraped(node.metrics("/metrics/per-object").body());
        assertFalse(all.containsKey("rabbitmq_queue_messages_ready"), "counted twice: with and without a queue");
        assertTrue(all.containsKey("rabbitmq_connections"));
    }

    private static Set<String> served() throws IOException, InterruptedException {
        return served("/metrics");
    }

    private static Set<String> served(String path) throws IOException, InterruptedException {
        return scraped(node.metrics(path).body()).keySet().stream()
                .map(name -> name.replaceFirst("\\{.*", ""))
                .collect(Collectors.toSet());
    }

    @Test
    void whatRabbitMqsDashboardsAskForIsServed() throws Exception {
        Set<String> missing = new TreeSet<>();
        try (var names = getClass().getResourceAsStream("rabbitmq-dashboard-metrics.txt")) {
            new String(names.readAllBytes())
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .forEach(missing::add);
        }
        assertTrue(missing.size() > 40, missing.toString());
        missing.removeAll(served());
        assertEquals(Set.of(), missing);
    }

    @Test
    void whereTheMemoryIsStandsAlone() throws Exception {
        String text = node.metrics("/metrics/memory-breakdown").body();
        Map<String, Double> memory = scraped(text);
        assertTrue(memory.get("rabbitmq_process_resident_memory_bytes") > 0, text);
        for (String name : MemoryMetrics.BEGINNINGS) {
            assertTrue(text.contains("\n" + name), name);
        }
        Map<String, Double> all = scraped(node.metrics("/metrics").body());
        assertTrue(all.keySet().containsAll(memory.keySet()));
        for (String name : List.of("live_bytes", "pending_compaction_bytes", "table_bytes")) {
            assertTrue(all.containsKey("tallymq_store_" + name), name);
        }
        assertTrue(memory.size() < all.size() / 2, memory.size() + " of " + all.size());
        assertTrue(text.lines().noneMatch(line -> line.contains("rabbitmq_connections")), text);
        assertEquals(401, node.httpWithoutLogin("/metrics/memory-breakdown"));
    }

    @Test
    void whatOurDashboardAndRulesAskForIsServed() throws Exception {
        Set<String> asked = new TreeSet<>();
        for (String file : List.of("grafana/dashboards/tallymq.json", "prometheus/tallymq.rules.yml")) {
            Matcher metric =
                    METRIC.matcher(Files.readString(Path.of("../deploy").resolve(file)));
            while (metric.find()) {
                asked.add(metric.group());
            }
        }
        assertTrue(asked.removeAll(LABELS) && asked.size() > 40, asked.toString());
        assertTrue(asked.remove("tallymq_tls_certificate_seconds"), "by TLS only: NodesTlsTest has it");
        asked.removeAll(served());
        asked.removeAll(served("/metrics/detailed?family=queue_metrics")); // as prometheus.yml asks
        assertEquals(Set.of(), asked);
    }

    @Test
    void messagesAreCounted() throws Exception {
        Map<String, Double> values = scraped(node.metrics("/metrics").body());
        String protocol = "_total{protocol=\"amqp091\"}";
        assertEquals(MESSAGES + 1.0, values.get("rabbitmq_global_messages_confirmed" + protocol));
        assertEquals(MESSAGES + 1.0, values.get("rabbitmq_global_messages_received" + protocol));
        assertEquals(MESSAGES + 1.0, values.get("rabbitmq_global_messages_received_confirm" + protocol));
        assertEquals(1.0 * MESSAGES, values.get("rabbitmq_global_messages_routed" + protocol));
        assertEquals(1.0, values.get("rabbitmq_global_messages_unroutable_returned" + protocol));
        assertEquals(MESSAGES - 1.0, values.get("rabbitmq_queue_messages_ready"));
        assertEquals(1.0, values.get("rabbitmq_queues"));
        assertEquals(1.0, values.get("rabbitmq_queues_created_total"));
        assertEquals(1.0, values.get("rabbitmq_queues_declared_total"));
        assertEquals(0.0, values.get("rabbitmq_queues_deleted_total"));
        assertEquals(0.0, values.get("rabbitmq_channel_messages_uncommitted"));
        assertEquals(1.0, values.get("rabbitmq_channels_opened_total"));
        assertEquals(
                1.0,
                values.get("rabbitmq_identity_info{rabbitmq_node=\"n1\",rabbitmq_cluster=\"observed\","
                        + "rabbitmq_cluster_permanent_id=\"observed\"}"));
        assertTrue(values.get("rabbitmq_resident_memory_limit_bytes") > 64 << 20);
        assertEquals(0.0, values.get("rabbitmq_alarms_memory_used_watermark"));
    }

    @Test
    void channelErrorsAreCountedByTheirCode() throws Exception {
        Map<String, Double> values = scraped(node.metrics("/metrics").body());
        assertEquals(1.0, values.get("tallymq_channel_errors_total{code=\"404\",name=\"not_found\"}"));
        assertEquals(0.0, values.get("tallymq_channel_errors_total{code=\"403\",name=\"access_refused\"}"));
    }

    @Test
    void eachPhaseOfAConfirmWasMeasured() throws Exception {
        JsonNode anatomy =
                new ObjectMapper().readTree(node.api("/api/confirms/anatomy").body());
        assertEquals("n1", anatomy.get("node").asText());
        assertEquals("n1", anatomy.get("leader").asText());
        Set<String> measured = new TreeSet<>();
        anatomy.get("phases").forEach(p -> {
            assertTrue(p.get("p50").asDouble() <= p.get("p99").asDouble(), p.toString());
            assertTrue(p.get("p99").asDouble() <= p.get("max").asDouble(), p.toString());
            long inBuckets = 0;
            for (JsonNode bucket : p.get("histogram")) {
                inBuckets += bucket.get("count").asLong();
            }
            assertEquals(p.get("count").asLong(), inBuckets, p.toString());
            if (p.get("count").asLong() > 0 && p.get("max").asDouble() > 0) {
                measured.add(p.get("phase").asText());
            }
        });
        Set<String> all = Set.of("gather", "journey", "queue", "flush", "replicate", "apply", "write");
        assertEquals(new TreeSet<>(all), measured);
        JsonNode one = anatomy.get("nodes").get(0);
        assertEquals("n1", one.get("node").asText());
        assertTrue(one.get("leads").asBoolean());
        assertEquals(all.size(), one.get("phases").size());
        assertEquals(0, anatomy.get("silent").size());
        Map<String, Double> values = scraped(node.metrics("/metrics").body());
        for (String phase : all) {
            String labels = "{phase=\"" + phase + "\"";
            double count = values.get("tallymq_confirm_phase_seconds_count" + labels + "}");
            assertTrue(count > 0, phase);
            assertEquals(count, values.get("tallymq_confirm_phase_seconds_bucket" + labels + ",le=\"+Inf\"}"));
        }
    }

    @Test
    void singleQueuesAreToldOf() throws Exception {
        String queue = "{vhost=\"/\",queue=\"a \\\"quoted\\\" queue\"}";
        Map<String, Double> all = scraped(node.metrics("/metrics/per-object").body());
        assertEquals(MESSAGES - 1.0, all.get("rabbitmq_queue_messages_ready" + queue));
        assertEquals(1.0 * MESSAGES, all.get("rabbitmq_queue_messages_published_total" + queue));
        double age = all.get("rabbitmq_queue_head_message_age_seconds" + queue);
        assertTrue(age >= 0 && age < 86_400, "seconds since the oldest came: " + age);
        Map<String, Double> detailed =
                scraped(node.metrics("/metrics/detailed?family=queue_coarse_metrics,queue_consumer_count&vhost=%2F")
                        .body());
        assertEquals(
                Set.of(
                        "rabbitmq_detailed_queue_messages_ready" + queue,
                        "rabbitmq_detailed_queue_messages_unacked" + queue,
                        "rabbitmq_detailed_queue_messages" + queue,
                        "rabbitmq_detailed_queue_consumers" + queue),
                detailed.keySet());
        assertEquals(
                Map.of(),
                scraped(node.metrics("/metrics/detailed?family=queue_coarse_metrics&vhost=other")
                        .body()));
        assertEquals("", node.metrics("/metrics/detailed").body());
    }

    /** Prometheus sends {@code params} that are lists as parameters of the same name. */
    @Test
    void repeatedParametersAreAll() throws Exception {
        String queue = "{vhost=\"/\",queue=\"a \\\"quoted\\\" queue\"}";
        String families = "/metrics/detailed?family=queue_consumer_count&family=connection_coarse_metrics";
        String text = node.metrics(families).body();
        assertTrue(text.contains("rabbitmq_detailed_queue_consumers" + queue), text);
        assertTrue(text.contains("# TYPE rabbitmq_detailed_connection_channels gauge"), text);
        String one = "/metrics/detailed?family=queue_consumer_count";
        Set<String> consumers = Set.of("rabbitmq_detailed_queue_consumers" + queue);
        for (String asked : List.of("&vhost=%2F&vhost=other", "&queue=a+%22quoted%22+queue&queue=other")) {
            assertEquals(consumers, scraped(node.metrics(one + asked).body()).keySet(), asked);
        }
        assertEquals(Map.of(), scraped(node.metrics(one + "&queue=other").body()));
    }

    @Test
    void theOpenPortHasMetricsAloneAndTheApiAsksForALogin() throws Exception {
        HttpResponse<String> metrics = node.metrics("/metrics");
        assertEquals(200, metrics.statusCode());
        assertEquals(
                NodeMetrics.CONTENT_TYPE,
                metrics.headers().firstValue("content-type").orElseThrow());
        assertEquals(401, node.metrics("/api/overview").statusCode());
        assertEquals(200, node.api("/metrics").statusCode());
        assertEquals(200, node.api("/metrics/detailed").statusCode());
    }

    /** A process of a test has more resident than the least limit there is. */
    @Test
    void aNodeLowOnMemoryBlocksItsPublishersAndSaysSo(@TempDir Path other) throws Exception {
        try (OneNode low = new OneNode(other, "memory.limit=64MiB")) {
            Connection connection = low.connect();
            CompletableFuture<String> blocked = new CompletableFuture<>();
            connection.addBlockedListener(blocked::complete, () -> {});
            connection.createChannel().basicPublish("", "nowhere", MessageProperties.PERSISTENT_BASIC, new byte[10]);
            String reason = blocked.get(60, TimeUnit.SECONDS);
            connection.abort(1); // it is not read, so close-ok would not come
            assertTrue(reason.startsWith("low on memory: node 'n1' has "), reason);
            assertEquals(503, low.api("/api/health/checks/alarms").statusCode());
            HttpResponse<String> local = low.api("/api/health/checks/local-alarms");
            assertEquals(503, local.statusCode());
            assertTrue(local.body().contains("memory of node 'n1'"), local.body());
            JsonNode own = new ObjectMapper().readTree(low.api("/api/nodes/n1").body());
            assertTrue(own.get("mem_alarm").asBoolean());
            assertFalse(own.get("disk_free_alarm").asBoolean());
            assertEquals(64 << 20, own.get("mem_limit").asLong());
            Map<String, Double> values = scraped(low.metrics("/metrics").body());
            assertEquals(1.0, values.get("rabbitmq_alarms_memory_used_watermark"));
            assertEquals(1.0, values.get("tallymq_blocked"));
        }
    }
}
