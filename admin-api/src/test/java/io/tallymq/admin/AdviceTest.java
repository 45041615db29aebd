package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.admin.request.ClientTraffic;
import io.tallymq.admin.request.NodeStats;
import io.tallymq.broker.ClusterStatus;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConsumerSpec;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.broker.view.BrokerView.ConsumerView;
import io.tallymq.broker.view.BrokerView.Counters;
import io.tallymq.broker.view.BrokerView.DeadLettersWaiting;
import io.tallymq.broker.view.BrokerView.QueueInfo;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
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

    /** Whoever has lost one of four is not helped by the advice to have had three. */
    @Test
    void whoHasNoNodeToSpareIsToldToStartWhatIsDown() throws IOException {
        try (var admin = new Admin(c -> c, machine(100, 100, 100_000))) {
            for (int down = 0; down <= 2; down++) {
                admin.broker.status = with(down + 2, down);
                JsonNode found = admin.json("/api/advice");
                String remedy = "";
                for (JsonNode advice : found.get("advice")) {
                    remedy += advice.get("rule").asText().equals("no-spare-node")
                            ? advice.get("remedy").asText()
                            : "";
                }
                assertEquals(
                        List.of("run three or five", "start the node that is down", "start the nodes that are down")
                                .get(down),
                        remedy.substring(Math.max(0, remedy.lastIndexOf(": ") + 1))
                                .strip());
            }
        }
    }

    private static ClusterStatus with(int reached, int down) {
        ClusterStatus s = whole();
        ClusterStatus.Member m = s.members().get(0);
        List<ClusterStatus.Member> members = new ArrayList<>();
        for (int i = 0; i < reached + down; i++) {
            String name = "n" + i;
            members.add(new ClusterStatus.Member(
                    name, name, m.host(), "FOLLOWER", i < reached, 7, 100, 99, 90, 1, m.rank(), m.levels()));
        }
        return new ClusterStatus(s.cluster(), s.node(), s.leader(), s.term(), true, s.level(), members);
    }

    private static Set<String> without(Set<String> rules, String rule) {
        rules.remove(rule);
        return rules;
    }

    /** A minute passes, and the node looks. */
    private static void minute(Admin admin) {
        admin.nanos.addAndGet(TimeUnit.MINUTES.toNanos(1));
        admin.server.look();
    }

    private static QueueInfo busy(String name, long ready) {
        return queue(name, ready, 0, 1, counted(0, 0, 0), Arguments.NONE);
    }

    @Test
    void queuesByHowTheyAreAndHowTheyChange() throws IOException {
        try (var admin = new Admin(c -> c, machine(100, 100, 100_000))) {
            admin.broker.status = whole();
            for (int i = 1; i <= 6; i++) {
                admin.broker.view = FakeView.withQueues(List.of(
                        busy("grows", 2000L * i),
                        busy("burst", i == 1 ? 5000 : 2000L * i),
                        busy("waves", 2000L * (i == 5 ? 1 : i)),
                        busy("stands", 9000),
                        busy("small", 100L * i),
                        queue("lazy", 0, 0, 1, counted(0, 0, 0), new Arguments(Map.of("x-queue-mode", "lazy"))),
                        queue("alone", 3, 0, 0, counted(3, 0, 0), Arguments.NONE),
                        dead()));
                minute(admin);
            }
            JsonNode answer = admin.json("/api/advice");
            Map<String, String> expected = Map.of(
                    "grows", "grows",
                    "arguments-without-meaning", "lazy",
                    "no-consumer", "alone",
                    "dead-letters-wait", "dead");
            assertEquals(new TreeSet<>(expected.keySet()), rules(answer));
            for (JsonNode advice : answer.get("advice")) {
                assertEquals(
                        expected.get(advice.get("rule").asText()),
                        advice.at("/subject/name").asText());
                if (advice.get("rule").asText().equals("grows")) {
                    assertEquals(33.33, advice.at("/figures/growth_per_second").asDouble());
                    assertEquals(5, advice.at("/figures/minutes").asInt());
                }
            }
            assertTrue(answer.get("sampled").asBoolean());
        }
    }

    private static ConsumerView consumer(String tag, long oldest, boolean noAck) {
        ConsumerView c = FakeView.SMALL.consumers().get(0);
        var spec = new ConsumerSpec(tag, noAck, false, 10, 10, Arguments.NONE);
        return new ConsumerView(c.connection(), c.info(), 1, "/", "jobs", spec, 3, oldest, true, false, 1_800_000);
    }

    /** A consumer that hangs is found among others that work; who takes some seconds for a message is none. */
    @Test
    void whoHasHadAMessageForMinutesIsNamed() throws IOException {
        try (var admin = new Admin(c -> c, machine(100, 100, 100_000))) {
            admin.broker.status = whole();
            for (int i = 1; i <= 6; i++) {
                var quiet =
                        FakeView.withQueues(List.of(queue("jobs", 0, 9, 4, counted(99, 99, 90L + i), Arguments.NONE)));
                admin.broker.view = new FakeView(
                        quiet.queues(),
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(
                                consumer("hangs", 7, false),
                                consumer("works", 10L + i, false),
                                consumer("long job", i == 1 ? 1 : 2, false),
                                consumer("fast", 3, true),
                                consumer("idle", -1, false)),
                        quiet.totals());
                minute(admin);
            }
            JsonNode answer = admin.json("/api/advice");
            assertEquals(Set.of("nothing-acked"), rules(answer));
            assertEquals(1, answer.get("advice").size(), answer.toString());
            assertEquals("hangs", answer.at("/advice/0/subject/consumer_tag").asText());
            assertEquals("consumer", answer.at("/advice/0/about").asText());
            assertEquals(300, answer.at("/advice/0/figures/seconds").asInt());
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
                null,
                false);
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
                    5,
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
        try (var admin = quiet(told(List.of(), clients, Map.of()))) {
            for (int i = 1; i <= 3; i++) {
                clients.put("n2", new ClientTraffic.Churn(360L * i, 360L * i, 240L * i, 240L * i, 0));
                minute(admin);
            }
            JsonNode answer = admin.json("/api/advice");
            assertEquals(Set.of("connections-come-and-go"), rules(answer));
            assertEquals("n2", answer.at("/advice/0/subject/name").asText());
            assertEquals(6.0, answer.at("/advice/0/figures/per_second").asDouble());
        }
    }

    /** After a node was lost its clients come to the others and stay; or they are all closed and come once more. */
    @Test
    void whoComesAgainOnceDoesNotComeAndGo() throws IOException {
        Map<String, ClientTraffic.Churn> clients = new TreeMap<>();
        try (var admin = quiet(told(List.of(), clients, Map.of()))) {
            for (int i = 1; i <= 3; i++) {
                clients.put("n2", new ClientTraffic.Churn(6_000L * i, 0, 6_000L * i, 0, 0));
                long once = i == 3 ? 6_000 : 0;
                clients.put("n3", new ClientTraffic.Churn(once, once, once, once, 0));
                minute(admin);
            }
            assertEquals(Set.of(), rules(admin.json("/api/advice")));
        }
    }

    /** Of this node's own clients it is known who they are. */
    @Test
    void whoComesAndGoesIsNamed() throws IOException {
        var counted = new AtomicLong();
        NodeStats plain = told(List.of(), Map.of(), Map.of());
        NodeStats own = (NodeStats) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {NodeStats.class}, (proxy, method, args) -> {
                    long n = counted.get();
                    return switch (method.getName()) {
                        case "traffic" -> new OwnClients(n);
                        case "loginSources" ->
                            List.of(
                                    new NodeStats.LoginCounts("amqp091", "10.0.0.9", "cron", 500 * n, 0),
                                    new NodeStats.LoginCounts("amqp091", "10.0.0.1", "app", 9_000 + n, 0),
                                    new NodeStats.LoginCounts("http", "10.0.0.2", "grafana", 5_000 * n, 0));
                        default -> method.invoke(plain, args);
                    };
                });
        try (var admin = quiet(own)) {
            for (int i = 1; i <= 3; i++) {
                counted.incrementAndGet();
                minute(admin);
            }
            JsonNode answer = admin.json("/api/advice");
            assertEquals(Set.of("connections-come-and-go", "channels-come-and-go"), rules(answer));
            assertEquals(
                    "user 'cron' from 10.0.0.9",
                    answer.at("/advice/0/figures/most_by").asText());
            assertEquals(1_000, answer.at("/advice/0/figures/opened_by_it").asInt());
            assertTrue(answer.at("/advice/0/text").asText().contains("user 'cron' from 10.0.0.9"));
            assertEquals("connection c2", answer.at("/advice/1/figures/most_by").asText());
        }
    }

    private record OwnClients(long n) implements ClientTraffic {
        @Override
        public Optional<Totals> totals() {
            return Optional.of(new Totals(0, 0, 600 * n, 600 * n, 900 * n, 900 * n, 0));
        }

        @Override
        public Map<ConnectionId, ClientTraffic.Counters> connections() {
            return Map.of();
        }

        @Override
        public Optional<ClientTraffic.Counters> connection(ConnectionId id) {
            return Optional.empty();
        }

        @Override
        public Map<ConnectionId, List<Integer>> channels() {
            return Map.of();
        }

        @Override
        public Map<String, Long> channelsOpened() {
            return Map.of("connection c1", 10_000L, "connection c2", 400 * n);
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
