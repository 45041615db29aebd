package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.admin.request.ClientTraffic;
import io.tallymq.admin.request.NodeStats;
import io.tallymq.broker.ClusterStatus;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.spec.ConsumerSpec;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.broker.view.BrokerView.ConsumerView;
import io.tallymq.broker.view.BrokerView.Counters;
import io.tallymq.broker.view.BrokerView.DeadLettersWaiting;
import io.tallymq.broker.view.BrokerView.QueueInfo;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** /api/advice: each rule with a state that breaks it, and a cluster that nothing is to be said of. */
class AdviceTest {
    private static QueueInfo queue(
            String name, long ready, long unacked, int consumers, Counters counters, Arguments args) {
        return new QueueInfo(
                "/",
                name,
                new QueueSpec(true, false, false, args),
                null,
                null,
                ready,
                unacked,
                0,
                0,
                consumers,
                counters,
                null);
    }

    private static Counters counted(long published, long delivered, long acked) {
        return new Counters(published, delivered, 0, acked, 0, 0);
    }

    private static ClusterStatus whole() {
        ClusterStatus s = FakeBroker.healthy();
        List<ClusterStatus.Member> members = new ArrayList<>(s.members().subList(0, 2));
        ClusterStatus.Member m = s.members().get(0);
        members.add(new ClusterStatus.Member(
                "n3", "n3", m.host(), "FOLLOWER", true, 7, 100, 99, 90, 1, m.rank(), m.levels()));
        return new ClusterStatus(s.cluster(), s.node(), s.leader(), s.term(), true, s.level(), members);
    }

    private static NodeStats machine(long memoryUsed, long files, long disk) {
        NodeStats plain = Admin.stats();
        return new NodeStats() {
            @Override
            public Machine machine() {
                return new Machine(1, 1, 2, memoryUsed, 1000, files, 1000, disk, 1000);
            }

            @Override
            public List<Alarm> alarms() {
                return List.of();
            }

            @Override
            public List<Listener> listeners() {
                return plain.listeners();
            }

            @Override
            public ClientTraffic traffic() {
                return plain.traffic();
            }
        };
    }

    private static Set<String> rules(JsonNode answer) {
        Set<String> rules = new TreeSet<>();
        answer.get("found").fieldNames().forEachRemaining(rules::add);
        for (JsonNode advice : answer.get("advice")) {
            assertTrue(rules.contains(advice.get("rule").asText()));
            assertFalse(advice.get("text").asText().isEmpty());
            assertFalse(advice.get("remedy").asText().isEmpty());
        }
        return rules;
    }

    @Test
    void ofAHealthyClusterThereIsNothingToSay() throws IOException {
        try (var admin = new Admin(c -> c, machine(100, 100, 100_000))) {
            admin.broker.status = whole();
            admin.broker.view = FakeView.withQueues(List.of(queue("q", 0, 0, 1, counted(5, 5, 5), Arguments.NONE)));
            assertEquals(
                    "{\"advice\":[],\"found\":{},\"sampled\":false}",
                    admin.get("/api/advice").body());
        }
    }

    @Test
    void nodesAndMachines() throws IOException {
        try (var admin = new Admin(c -> c, machine(900, 900, 900))) {
            JsonNode answer = admin.json("/api/advice");
            assertEquals(
                    Set.of("node-down", "no-spare-node", "disk-nearly-full", "memory-nearly-full", "files-nearly-all"),
                    without(rules(answer), "no-consumer"));
            assertEquals("critical", answer.at("/advice/0/level").asText(), "the most urgent first");
            assertEquals("disk-nearly-full", answer.at("/advice/0/rule").asText());
            assertEquals(900, answer.at("/advice/0/figures/disk_free").asInt());
            admin.broker.status = FakeBroker.alone();
            assertTrue(rules(admin.json("/api/advice")).contains("no-leader"));
        }
    }

    private static Set<String> without(Set<String> rules, String rule) {
        rules.remove(rule);
        return rules;
    }

    @Test
    void queuesByHowTheyAreAndHowTheyChange() throws IOException {
        try (var admin = new Admin(c -> c, machine(100, 100, 100_000))) {
            admin.broker.status = whole();
            admin.get("/api/advice"); // from now on samples are taken
            for (int i = 1; i <= 3; i++) {
                admin.broker.view = FakeView.withQueues(List.of(
                        queue("grows", 2000L * i, 0, 1, counted(2000L * i, 0, 0), Arguments.NONE),
                        queue("stuck", 0, 7, 1, counted(7, 7, 0), Arguments.NONE),
                        queue("works", 0, 7, 1, counted(7 + i, 7 + i, i), Arguments.NONE),
                        queue("lazy", 0, 0, 1, counted(0, 0, 0), new Arguments(Map.of("x-queue-mode", "lazy"))),
                        queue("alone", 3, 0, 0, counted(3, 0, 0), Arguments.NONE),
                        dead()));
                admin.nanos.addAndGet(TimeUnit.SECONDS.toNanos(5));
                if (i < 3) {
                    admin.server.sample();
                }
            }
            JsonNode answer = admin.json("/api/advice");
            Map<String, String> expected = Map.of(
                    "grows", "grows",
                    "nothing-acked", "stuck",
                    "arguments-without-meaning", "lazy",
                    "no-consumer", "alone",
                    "dead-letters-wait", "dead");
            assertEquals(new TreeSet<>(expected.keySet()), rules(answer));
            for (JsonNode advice : answer.get("advice")) {
                assertEquals(
                        expected.get(advice.get("rule").asText()),
                        advice.at("/subject/name").asText());
            }
            assertTrue(answer.get("sampled").asBoolean());
        }
    }

    private static QueueInfo dead() {
        return new QueueInfo(
                "/",
                "dead",
                new QueueSpec(true, false, false, Arguments.NONE),
                null,
                null,
                0,
                0,
                0,
                0,
                1,
                new DeadLettersWaiting(3, 30, true, "no queue takes them"),
                0,
                0,
                counted(3, 0, 0),
                null);
    }

    @Test
    void whoHoldsAThousandMessagesWithoutAPrefetchIsNamed() throws IOException {
        try (var admin = new Admin(c -> c, machine(100, 100, 100_000))) {
            admin.broker.status = whole();
            FakeView small = FakeView.SMALL;
            ConsumerView c = small.consumers().get(0);
            var greedy = new ConsumerView(
                    c.connection(),
                    c.info(),
                    1,
                    "/",
                    "orders",
                    new ConsumerSpec("c1", false, false, 0, 10, Arguments.NONE),
                    1001,
                    true,
                    false,
                    0);
            var quiet = FakeView.withQueues(List.of());
            admin.broker.view =
                    new FakeView(quiet.queues(), List.of(), List.of(), List.of(), List.of(greedy), quiet.totals());
            JsonNode answer = admin.json("/api/advice");
            assertEquals(Set.of("no-prefetch"), rules(answer));
            assertEquals("c1", answer.at("/advice/0/subject/consumer_tag").asText());
        }
    }

    @Test
    void ofManyOnlySomeAreNamedAndAllAreCounted() throws IOException {
        try (var admin = new Admin(c -> c, machine(100, 100, 100_000))) {
            admin.broker.status = whole();
            admin.broker.view = FakeView.many(5_001);
            JsonNode answer = admin.json("/api/advice");
            assertEquals(20, answer.get("advice").size());
            assertEquals(5_000, answer.at("/found/no-consumer").asInt(), "q000 is empty");
            assertEquals(
                    403,
                    admin.send("GET", "/api/advice", Admin.basic("app", "app")).statusCode());
        }
    }

    /** What other nodes and this one tell. */
    private static NodeStats told(
            List<NodeStats.Alarm> alarms, Map<String, ClientTraffic.Churn> clients, Map<String, Instant> ends) {
        NodeStats plain = machine(100, 100, 100_000);
        return new NodeStats() {
            @Override
            public Machine machine() {
                return plain.machine();
            }

            @Override
            public Map<String, Machine> machines() {
                return Map.of("n2", plain.machine());
            }

            @Override
            public List<Alarm> alarms() {
                return alarms;
            }

            @Override
            public List<Listener> listeners() {
                return plain.listeners();
            }

            @Override
            public ClientTraffic traffic() {
                return plain.traffic();
            }

            @Override
            public Map<String, ClientTraffic.Churn> othersClients() {
                return clients;
            }

            @Override
            public Map<String, Instant> certificateEnds() {
                return ends;
            }
        };
    }

    private static Admin quiet(NodeStats stats) throws IOException {
        var admin = new Admin(c -> c, stats);
        admin.broker.status = whole();
        admin.broker.view = FakeView.withQueues(List.of());
        return admin;
    }

    private static String texts(JsonNode answer) {
        return answer.findValuesAsText("text") + " of " + answer.findValuesAsText("name") + " "
                + answer.findValuesAsText("level");
    }

    /** Of each node the first that ends, whoever is asked. */
    @Test
    void certificateEnds() throws IOException {
        Instant now = Instant.now();
        var ends = Map.of(
                "n2",
                now.plus(Duration.ofDays(5).plusHours(1)),
                "n3",
                now.plus(Duration.ofDays(60)),
                "n1",
                now.minusSeconds(3_600));
        try (var admin = quiet(told(List.of(), Map.of(), ends))) {
            JsonNode answer = admin.json("/api/advice");
            assertEquals(Set.of("certificate-ends"), rules(answer));
            assertEquals(
                    "[the certificate has expired, the certificate expires in 5 days] of [n1, n2] [critical, warning]",
                    texts(answer));
            assertEquals(5, answer.at("/advice/1/figures/days").asInt());
            admin.server.nodesCertificate(() -> now.plus(Duration.ofDays(7).plusHours(1)));
            assertEquals(
                    "[the certificate expires in 7 days, the certificate expires in 5 days] of [n1, n2] [warning, warning]",
                    texts(admin.json("/api/advice")),
                    "what this node shows itself it knows best");
        }
    }

    @Test
    void churnOfEachNode() throws IOException {
        Map<String, ClientTraffic.Churn> clients = new TreeMap<>();
        clients.put("n2", new ClientTraffic.Churn(0, 0, 0, 0, 0));
        clients.put("n3", new ClientTraffic.Churn(0, 0, 0, 0, 0));
        try (var admin = quiet(told(List.of(), clients, Map.of()))) {
            admin.get("/api/advice");
            for (int i = 1; i <= 2; i++) {
                clients.put("n2", new ClientTraffic.Churn(30L * i, 0, 4L * i, 0, 0));
                admin.nanos.addAndGet(TimeUnit.SECONDS.toNanos(5));
                admin.server.sample();
            }
            JsonNode answer = admin.json("/api/advice");
            assertEquals(Set.of("connections-come-and-go"), rules(answer));
            assertEquals("n2", answer.at("/advice/0/subject/name").asText());
            assertEquals(6.0, answer.at("/advice/0/figures/per_second").asDouble());
        }
    }

    @Test
    void anAlarmThatIsOnIsCritical() throws IOException {
        var alarms = List.of(new NodeStats.Alarm("n2", "memory"), new NodeStats.Alarm("n1", "disk"));
        try (var admin = quiet(told(alarms, Map.of(), Map.of()))) {
            JsonNode answer = admin.json("/api/advice");
            assertEquals(Set.of("disk-nearly-full", "memory-nearly-full"), rules(answer));
            assertEquals(
                    "[the disk is low: publishers of all nodes are blocked, the node's memory is low: publishers of all nodes are blocked]"
                            + " of [n1, n2] [critical, critical]",
                    texts(answer));
        }
    }
}
