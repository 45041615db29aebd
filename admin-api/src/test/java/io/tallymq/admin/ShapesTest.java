package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.admin.request.ClientTraffic;
import io.tallymq.admin.request.ClientTraffic.Churn;
import io.tallymq.admin.request.NodeStats;
import io.tallymq.admin.stats.JvmNodeStats;
import io.tallymq.admin.topology.TopologyApi;
import io.tallymq.broker.ClusterStatus;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.routing.ExchangeType;
import io.tallymq.broker.view.BrokerView.Counters;
import io.tallymq.broker.view.BrokerView.Deaths;
import io.tallymq.broker.view.BrokerView.ExchangeView;
import io.tallymq.broker.view.BrokerView.QueueInfo;
import io.tallymq.broker.view.BrokerView.Ways;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The shapes that users of RabbitMQ's HTTP API read. */
class ShapesTest {
    private Admin admin;

    @BeforeEach
    void start() throws IOException {
        admin = new Admin();
    }

    @AfterEach
    void stop() {
        admin.close();
    }

    @Test
    void overviewCountsWhatIsThere() {
        JsonNode o = admin.json("/api/overview");
        assertEquals("TallyMQ", o.get("product_name").asText());
        assertEquals("1.2.3", o.get("product_version").asText());
        assertEquals("tally", o.get("cluster_name").asText());
        assertEquals("n1", o.get("node").asText());
        assertEquals(7, o.at("/queue_totals/messages").asInt());
        assertEquals(5, o.at("/queue_totals/messages_ready").asInt());
        assertEquals(2, o.at("/queue_totals/messages_unacknowledged").asInt());
        assertEquals(2, o.at("/object_totals/queues").asInt());
        assertEquals(2, o.at("/object_totals/connections").asInt());
        assertEquals(4, o.at("/object_totals/channels").asInt(), "three of this node, one consuming on another");
        assertEquals("3.13.7", o.get("rabbitmq_version").asText());
        assertEquals("3.13.7", o.get("management_version").asText());
        for (String field : List.of("disable_stats", "enable_queue_totals", "is_op_policy_updating_enabled")) {
            assertTrue(o.path(field).isBoolean(), field + ": programs take nothing of it without");
        }
        assertFalse(o.path("disable_stats").asBoolean());
        assertEquals(120, o.at("/message_stats/publish").asInt());
        assertEquals(3, o.at("/message_stats/drop_unroutable").asInt());
        assertEquals(5672, o.at("/listeners/0/port").asInt());
        assertEquals(ExchangeType.values().length, o.get("exchange_types").size());
        assertEquals("topic", o.at("/exchange_types/2/name").asText());
        assertEquals(5, o.at("/churn_rates/connection_created").asInt());
    }

    /** What RabbitMQ tells and a node knows; where it is a list that nobody has filled, it is empty. */
    @Test
    void theOverviewTellsWhatTheClusterGoesBy() {
        JsonNode o = admin.json("/api/overview");
        assertEquals("false false", numbers(o, "disable_stats enable_queue_totals"));
        assertEquals("[]", o.get("cluster_tags").toString());
        assertEquals("[]", o.get("node_tags").toString());
        assertEquals(
                "AMQP direct exchange, as per the AMQP specification",
                o.at("/exchange_types/0/description").asText());
        o.get("exchange_types")
                .forEach(type -> assertFalse(
                        type.get("description").asText().isBlank(),
                        type.get("name").asText()));
    }

    @Test
    void socketsAreToldWhereTheyAreKnown() throws IOException {
        JsonNode own = admin.json("/api/nodes/n1");
        assertEquals(1, own.get("sockets_used").asInt());
        assertFalse(own.has("sockets_total"), "nobody counts what fits");
        assertFalse(admin.json("/api/nodes/n2").has("sockets_used"), "nothing is heard of it");
        try (var cluster = new Admin(c -> c, telling(Map.of("n2", new Churn(100, 40, 200, 60, 1000))))) {
            assertEquals("1 30", numbers(cluster.json("/api/nodes/n1"), "sockets_used sockets_total"));
            assertEquals("60 -", numbers(cluster.json("/api/nodes/n2"), "sockets_used sockets_total"));
        }
    }

    /** Tools look at one of them and may ask for the others: all tell the same. */
    @Test
    void theVersionOfRabbitMqIsTheConfiguredOneEverywhere() throws IOException {
        try (Admin other = new Admin(config -> config.withRabbitVersion("4.3.6"))) {
            assertEquals(
                    "4.3.6", other.json("/api/overview").get("rabbitmq_version").asText());
            assertEquals(
                    "4.3.6",
                    other.json("/api/overview").get("management_version").asText());
            assertEquals(
                    "1.2.3", other.json("/api/overview").get("product_version").asText());
            assertEquals("4.3.6", other.json("/api/version").asText());
            JsonNode definitions = other.json("/api/definitions");
            assertEquals("4.3.6", definitions.get("rabbit_version").asText());
            assertEquals("4.3.6", definitions.get("rabbitmq_version").asText());
        }
    }

    @Test
    void messagesAreToldByWhatBecameOfThem() {
        Ways ways = new Ways(4, 3, 2, 9);
        Counters counters = new Counters(20, 15, 1, 13, 0, 0, 0, Deaths.NONE, ways);
        QueueInfo q = FakeView.queue("q", 1, 20);
        admin.broker.view = new FakeView(
                List.of(new QueueInfo("/", "q", q.spec(), null, null, 1, 0, 0, 0, 0, counters, null)),
                List.of(new ExchangeView("/", "x", FakeView.DIRECT, null, 12, 24)),
                List.of(),
                List.of(),
                List.of(),
                new Counters(120, 115, 1, 113, 3, 0, 0, Deaths.NONE, ways));
        JsonNode stats = admin.json("/api/queues/%2F/q").get("message_stats");
        assertEquals("6 4 3 2 9 15 1 13", numbers(stats, DELIVERED));
        JsonNode overview = admin.json("/api/overview").get("message_stats");
        assertEquals("106 4 3 2 9 115 1 113", numbers(overview, DELIVERED));
        assertEquals("120 70 2 3", numbers(overview, "publish confirm return_unroutable drop_unroutable"));
        assertEquals(
                "12 24", numbers(admin.json("/api/exchanges/%2F/x").get("message_stats"), "publish_in publish_out"));
        JsonNode vhost = admin.json("/api/vhosts/%2F").get("message_stats");
        assertEquals("12 6 4 3 2 9 15 1 13", numbers(vhost, "publish " + DELIVERED));
    }

    private static final String DELIVERED = "deliver deliver_no_ack get get_no_ack get_empty deliver_get redeliver ack";

    private static String numbers(JsonNode of, String fields) {
        return Stream.of(fields.split(" ")).map(f -> of.path(f).asText("-")).collect(Collectors.joining(" "));
    }

    @Test
    void channelsTellTheirMessagesAndRates() {
        JsonNode first = admin.json("/api/channels").get(0).get("message_stats");
        assertEquals("31 27 1 12 13 14 15 16 54 17 18", numbers(first, OF_CHANNELS));
        assertFalse(first.has("publish_details"), "nobody has looked before");
        admin.server.sample();
        admin.nanos.addAndGet(TimeUnit.SECONDS.toNanos(5));
        admin.server.sample();
        JsonNode channels = admin.json("/api/channels");
        assertEquals(0.0, channels.at("/0/message_stats/publish_details/rate").asDouble(-1));
        assertFalse(channels.get(channels.size() - 1).has("message_stats"), "another node's");
    }

    private static final String OF_CHANNELS =
            "publish confirm return_unroutable deliver deliver_no_ack get get_no_ack get_empty"
                    + " deliver_get redeliver ack";

    @Test
    void exchangesAndVhostsHaveRates() {
        publishedIn(10);
        admin.json("/api/exchanges");
        admin.server.sample();
        admin.nanos.addAndGet(TimeUnit.SECONDS.toNanos(5));
        publishedIn(30);
        admin.server.sample();
        assertEquals(
                4.0,
                admin.json("/api/exchanges/%2F/x")
                        .at("/message_stats/publish_in_details/rate")
                        .asDouble());
        assertEquals(
                4.0,
                admin.json("/api/vhosts")
                        .at("/0/message_stats/publish_details/rate")
                        .asDouble());
        admin.nanos.addAndGet(TimeUnit.SECONDS.toNanos(5));
        publishedIn(5);
        admin.server.sample();
        assertFalse(
                admin.json("/api/exchanges/%2F/x").get("message_stats").has("publish_in_details"),
                "it was made anew, or the node");
    }

    private void publishedIn(long messages) {
        List<ExchangeView> one = List.of(new ExchangeView("/", "x", FakeView.DIRECT, null, messages, 0));
        admin.broker.view =
                new FakeView(List.of(), one, List.of(), List.of(), List.of(), new Counters(0, 0, 0, 0, 0, 0));
    }

    /** RabbitMQ's short histories: what was at even times, the newest first, while somebody looks. */
    @Test
    void theOverviewTellsWhatWasBefore() {
        String asked = "/api/overview?msg_rates_age=60&msg_rates_incr=10&lengths_age=60&lengths_incr=20";
        assertFalse(admin.json(asked).at("/message_stats").has("publish_details"));
        for (int i = 0; i <= 12; i++) {
            admin.broker.view = totals(100 + 10 * i);
            admin.server.sample();
            admin.nanos.addAndGet(TimeUnit.SECONDS.toNanos(5));
        }
        JsonNode o = admin.json(asked);
        JsonNode publishes = o.at("/message_stats/publish_details");
        assertEquals(2.0, publishes.get("rate").asDouble());
        assertEquals("220 210 190 170 150 130 110", samples(publishes), "of each ten seconds the last, up to a minute");
        long newest = publishes.at("/samples/0/timestamp").asLong();
        assertEquals(newest - 55_000, publishes.at("/samples/6/timestamp").asLong(), 2);
        assertEquals(2.0, publishes.get("avg_rate").asDouble());
        assertEquals(168.57, publishes.get("avg").asDouble());
        assertEquals("0 0 0 0", samples(o.at("/queue_totals/messages_details")));
        assertFalse(
                admin.json("/api/overview").at("/message_stats/publish_details").has("samples"), "nobody asked");
        assertEquals(
                400, admin.get("/api/overview?msg_rates_age=x&msg_rates_incr=1").statusCode());

        admin.nanos.addAndGet(TimeUnit.HOURS.toNanos(1));
        admin.server.sample(); // nobody has looked for long: none is taken
        admin.json(asked);
        admin.server.sample();
        admin.nanos.addAndGet(TimeUnit.SECONDS.toNanos(5));
        admin.server.sample();
        assertEquals(
                2,
                admin.json(asked.replace("60", "9999").replace("=10", "=5"))
                        .at("/message_stats/publish_details/samples")
                        .size());
    }

    private static FakeView totals(long published) {
        var counters = new Counters(published, 0, 0, 0, 0, 0);
        return new FakeView(List.of(), List.of(), List.of(), List.of(), List.of(), counters);
    }

    private static String samples(JsonNode details) {
        return String.join(" ", details.get("samples").findValuesAsText("sample"));
    }

    /** Clients of other nodes count, too: whichever node is asked. */
    @Test
    void whatOtherNodesTellIsAdded() throws IOException {
        var told = new Churn(100, 50, 200, 60, 1000);
        try (var cluster = new Admin(c -> c, telling(Map.of("n2", told, "n3", told)))) {
            JsonNode o = cluster.json("/api/overview");
            assertEquals(2070, o.at("/message_stats/confirm").asInt());
            assertEquals(
                    "205 104 409 126",
                    numbers(
                            o.get("churn_rates"),
                            "connection_created connection_closed channel_created channel_closed"));
        }
    }

    private static NodeStats telling(Map<String, Churn> others) {
        NodeStats own = Admin.stats();
        return new NodeStats() {
            @Override
            public Machine machine() {
                return own.machine();
            }

            @Override
            public List<Alarm> alarms() {
                return own.alarms();
            }

            @Override
            public List<Listener> listeners() {
                return own.listeners();
            }

            @Override
            public ClientTraffic traffic() {
                return own.traffic();
            }

            @Override
            public Map<String, Churn> othersClients() {
                return others;
            }

            @Override
            public int connectionLimit() {
                return 30;
            }
        };
    }

    /** RabbitMQ's way to ask for less of long lists. */
    @Test
    void aListOfQueuesWithoutNumbers() {
        JsonNode plain = admin.json("/api/queues?disable_stats=true").get(0);
        assertTrue(plain.has("arguments") && plain.has("policy"), plain.toString());
        assertFalse(plain.has("messages") || plain.has("message_stats"), plain.toString());
        JsonNode totals = admin.json("/api/queues?disable_stats=true&enable_queue_totals=true")
                .get(0);
        assertTrue(totals.has("messages") && totals.has("consumers"), totals.toString());
        assertFalse(totals.has("message_stats"), totals.toString());
    }

    /** An empty list would say that nobody did anything. */
    @Test
    void whatSingleClientsDidWithAnExchangeIsNotCountedAndNotTold() {
        JsonNode exchange = admin.json("/api/exchanges/%2F/amq.topic");
        assertFalse(exchange.has("incoming") || exchange.has("outgoing"), exchange.toString());
    }

    @Test
    void whatNobodyCountsIsNotTold() throws IOException {
        var watch = new JvmNodeStats.Watch("n1", Path.of("."), 0, 0);
        var stats = new JvmNodeStats(watch, List.of(), ClientTraffic.NONE);
        try (var quiet = new Admin(c -> c, stats)) {
            assertFalse(quiet.json("/api/overview").has("churn_rates"));
            assertFalse(quiet.json("/api/nodes/n1").has("recv_oct"));
            assertFalse(quiet.json("/api/connections").get(0).has("recv_oct"));
            assertEquals(0, quiet.json("/api/nodes/n1").get("disk_free_limit").asInt());
        }
    }

    @Test
    void noRateWithoutTwoSamples() {
        JsonNode first = admin.json("/api/overview");
        assertFalse(first.get("queue_totals").has("messages_details"));
        admin.server.sample();
        assertFalse(admin.json("/api/overview").get("queue_totals").has("messages_details"));
    }

    @Test
    void queueRates() {
        admin.broker.view = FakeView.withQueues(List.of(FakeView.queue("q", 10, 100)));
        admin.json("/api/queues");
        admin.server.sample();
        admin.nanos.addAndGet(TimeUnit.SECONDS.toNanos(5));
        admin.broker.view = FakeView.withQueues(List.of(FakeView.queue("q", 5, 200), FakeView.queue("new", 1, 1)));
        admin.server.sample();
        JsonNode q = admin.json("/api/queues/%2F/q");
        assertEquals(-1.0, q.at("/messages_details/rate").asDouble());
        assertEquals(20.0, q.at("/message_stats/publish_details/rate").asDouble());
        assertFalse(admin.json("/api/queues/%2F/new").has("messages_details"), "no rate for what was not there before");
        assertEquals(
                -0.8,
                admin.json("/api/overview")
                        .at("/queue_totals/messages_details/rate")
                        .asDouble());
    }

    @Test
    void consumersThatKeepUp() {
        assertFalse(admin.json("/api/queues/%2F/orders").has("consumer_utilisation"), "nobody has looked before");
        admin.server.sample();
        admin.nanos.addAndGet(TimeUnit.SECONDS.toNanos(5));
        admin.server.sample();
        JsonNode behind = admin.json("/api/queues/%2F/orders");
        assertEquals(0.0, behind.get("consumer_utilisation").asDouble(), "5 messages wait");
        assertEquals(0.0, behind.get("consumer_capacity").asDouble());
        QueueInfo orders = admin.broker.view.queues().stream()
                .filter(q -> q.name().equals("orders"))
                .findFirst()
                .orElseThrow();
        admin.broker.view = FakeView.withQueues(List.of(new QueueInfo(
                "/", "orders", orders.spec(), null, null, 0, 2, 0, 0, orders.consumers(), orders.counters(), null)));
        assertEquals(
                0.33,
                admin.json("/api/queues/%2F/orders").get("consumer_utilisation").asDouble(),
                "one look of three");
    }

    @Test
    void oldSamplesTellNothing() {
        admin.json("/api/overview");
        admin.server.sample();
        admin.nanos.addAndGet(TimeUnit.SECONDS.toNanos(5));
        admin.server.sample();
        assertTrue(admin.json("/api/overview").get("queue_totals").has("messages_details"));
        admin.nanos.addAndGet(TimeUnit.HOURS.toNanos(4));
        assertFalse(admin.json("/api/overview").get("queue_totals").has("messages_details"));
    }

    @Test
    void queueMadeAnewHasNoRate() {
        admin.broker.view = FakeView.withQueues(List.of(FakeView.queue("q", 10, 100)));
        admin.json("/api/queues");
        admin.server.sample();
        admin.nanos.addAndGet(TimeUnit.SECONDS.toNanos(5));
        admin.broker.view = FakeView.withQueues(List.of(FakeView.queue("q", 1, 1)));
        admin.server.sample();
        assertFalse(admin.json("/api/queues/%2F/q").at("/message_stats").has("publish_details"));
    }

    @Test
    void nodesTellWhatEachIs() {
        JsonNode nodes = admin.json("/api/nodes");
        assertEquals(3, nodes.size());
        assertTrue(nodes.at("/0/running").asBoolean());
        assertFalse(nodes.at("/2/running").asBoolean());
        assertTrue(nodes.at("/0/mem_used").asLong() > 0);
        assertTrue(nodes.at("/0/processors").asInt() > 0);
        assertEquals(
                Long.toString(ProcessHandle.current().pid()),
                nodes.at("/0/os_pid").asText());
        assertFalse(nodes.get(1).has("mem_used"), "another node's memory is not known here");
        assertEquals("n2", admin.json("/api/nodes/n2").get("name").asText());
        assertEquals(404, admin.get("/api/nodes/n9").statusCode());
    }

    @Test
    void aNodeThatWasRenamedIsShownByItsName() {
        ClusterStatus was = FakeBroker.healthy();
        List<ClusterStatus.Member> members = was.members().stream()
                .map(m -> new ClusterStatus.Member(
                        m.id(),
                        "new-" + m.name(),
                        m.host(),
                        m.role(),
                        m.reachable(),
                        m.term(),
                        m.commitIndex(),
                        m.appliedIndex(),
                        m.durableIndex(),
                        m.lag(),
                        m.rank(),
                        m.levels()))
                .toList();
        admin.broker.status = new ClusterStatus(was.cluster(), "new-n1", "new-n2", 7, true, 1, members);
        assertEquals("n1", admin.json("/api/cluster").at("/members/0/id").asText());
        assertEquals("new-n1", admin.json("/api/cluster").at("/members/0/name").asText());
        for (String list : List.of("/api/connections", "/api/channels")) {
            assertTrue(admin.json(list).at("/0/node").asText().startsWith("new-n"), list);
        }
        JsonNode consumer = admin.json("/api/consumers").get(0);
        assertTrue(consumer.at("/channel_details/node").asText().startsWith("new-n"), consumer.toString());
        assertEquals("up", consumer.at("/activity_status").asText());
    }

    @Test
    void queueTellsItsStateAndConsumers() {
        JsonNode q = admin.json("/api/queues/%2F/orders");
        assertEquals("orders", q.get("name").asText());
        assertEquals("/", q.get("vhost").asText());
        assertTrue(q.get("durable").asBoolean());
        assertEquals("running", q.get("state").asText());
        assertEquals("quorum", q.get("type").asText());
        assertEquals(10, q.at("/arguments/x-max-length").asInt());
        assertEquals(7, q.get("messages").asInt());
        assertEquals(5, q.get("messages_ready").asInt());
        assertEquals(2, q.get("messages_unacknowledged").asInt());
        assertEquals(20, q.at("/message_stats/publish").asInt());
        assertEquals("n2", q.get("leader").asText());
        assertEquals(3, q.get("members").size());
        assertEquals(2, q.get("online").size());
        assertEquals("c1", q.at("/consumer_details/0/consumer_tag").asText());
        assertEquals("c1", q.get("exclusive_consumer_tag").asText());
        JsonNode listed = admin.json("/api/queues?name=" + q.get("name").asText());
        assertEquals("c1", listed.get(0).get("exclusive_consumer_tag").asText());
        assertEquals(404, admin.get("/api/queues/%2F/nosuch").statusCode());
        assertEquals(404, admin.get("/api/queues/nosuch").statusCode());
    }

    @Test
    void exclusiveQueueNamesItsOwner() {
        JsonNode q = admin.json("/api/queues/%2F/amq.gen-1");
        assertEquals("classic", q.get("type").asText(), "declared without a type");
        assertTrue(q.get("exclusive").asBoolean());
        assertEquals(FakeView.ONE_NAME, q.at("/owner_pid_details/name").asText());
    }

    @Test
    void connectionTellsCountersOfOwnClientsOnly() {
        JsonNode all = admin.json("/api/connections");
        assertEquals(2, all.size());
        JsonNode own = admin.json("/api/connections/"
                + URLEncoder.encode(FakeView.ONE_NAME, StandardCharsets.UTF_8).replace("+", "%20"));
        assertEquals("billing", own.get("user_provided_name").asText());
        assertEquals("running", own.get("state").asText());
        assertEquals(1000, own.get("recv_oct").asInt());
        assertEquals(3, own.get("channels").asInt());
        assertEquals("AMQP 0-9-1", own.get("protocol").asText());
        assertEquals(60, own.get("timeout").asInt());
        assertEquals("test", own.at("/client_properties/product").asText());
        assertFalse(all.get(1).has("recv_oct"));
        assertEquals("n3", all.get(1).get("node").asText());
        assertEquals(404, admin.get("/api/connections/nosuch").statusCode());
    }

    @Test
    void channelsAndConsumers() {
        JsonNode channels = admin.json("/api/channels");
        assertEquals(FakeView.ONE_NAME + " (1)", channels.at("/0/name").asText());
        assertEquals(1, channels.at("/0/consumer_count").asInt());
        assertEquals(4, channels.size(), "those that only publish are listed too");
        assertEquals(FakeView.ONE_NAME + " (7)", channels.at("/2/name").asText());
        assertEquals(0, channels.at("/2/consumer_count").asInt());
        JsonNode first = channels.get(0);
        assertEquals(10, first.get("prefetch_count").asInt());
        assertEquals(20, first.get("global_prefetch_count").asInt());
        assertTrue(first.get("confirm").asBoolean());
        assertFalse(first.get("transactional").asBoolean());
        assertEquals(3, first.get("messages_unacknowledged").asInt());
        assertEquals(4, first.get("messages_unconfirmed").asInt());
        assertEquals(5, first.get("messages_uncommitted").asInt());
        assertEquals(6, first.get("acks_uncommitted").asInt());
        assertFalse(channels.get(3).has("message_stats"), "another node's");
        JsonNode consumers = admin.json("/api/consumers/%2F");
        assertEquals(2, consumers.size());
        assertTrue(consumers.at("/0/ack_required").asBoolean());
        assertEquals(10, consumers.at("/0/prefetch_count").asInt());
        assertEquals("up", consumers.at("/0/activity_status").asText());
        assertEquals("suspected_down", consumers.at("/1/activity_status").asText(), "its node is not reachable");
        assertEquals("orders", consumers.at("/0/queue/name").asText());
        assertEquals(
                FakeView.ONE_NAME,
                consumers.at("/0/channel_details/connection_name").asText());
    }

    @Test
    void exchangesAndBindings() {
        assertEquals(2, admin.json("/api/exchanges/%2F").size());
        assertEquals(
                "direct",
                admin.json("/api/exchanges/%2F/amq.default").get("type").asText());
        assertEquals(
                "topic", admin.json("/api/exchanges/%2F/amq.topic").get("type").asText());
        assertEquals(404, admin.get("/api/exchanges/%2F/nosuch").statusCode());
        JsonNode bound = admin.json("/api/exchanges/%2F/amq.topic/bindings/source");
        assertEquals(1, bound.size());
        assertEquals("a b.#", bound.at("/0/routing_key").asText());
        assertEquals("a%20b.%23", bound.at("/0/properties_key").asText());
        assertEquals("queue", bound.at("/0/destination_type").asText());
        JsonNode ofQueue = admin.json("/api/queues/%2F/orders/bindings");
        assertEquals(3, ofQueue.size());
        assertEquals("", ofQueue.at("/0/source").asText(), "each queue is bound to the default exchange");
        assertEquals("orders", ofQueue.at("/0/routing_key").asText());
        for (JsonNode own : admin.json("/api/exchanges/%2F/amq.default/bindings/source")) {
            assertEquals(own.get("destination"), own.get("routing_key"));
        }
    }

    @Test
    void propertiesKeyTellsBindingsApart() {
        var one = new Arguments(Map.of("x-match", "all", "a", 1L));
        var two = new Arguments(Map.of("x-match", "all", "a", 2L));
        assertEquals("~", TopologyApi.propertiesKey("", Arguments.NONE));
        assertEquals("a%7Eb", TopologyApi.propertiesKey("a~b", Arguments.NONE));
        assertTrue(TopologyApi.propertiesKey("k", one).startsWith("k~"));
        assertFalse(TopologyApi.propertiesKey("k", one).equals(TopologyApi.propertiesKey("k", two)));
    }

    @Test
    void vhosts() {
        JsonNode vhost = admin.json("/api/vhosts/%2F");
        assertEquals(7, vhost.get("messages").asInt());
        assertEquals("running", vhost.at("/cluster_state/n1").asText());
        assertFalse(vhost.get("cluster_state").has("n3"));
    }

    @Test
    void clusterTellsEveryNode() {
        JsonNode c = admin.json("/api/cluster");
        assertEquals("n2", c.get("leader").asText());
        assertEquals(7, c.get("term").asInt());
        assertTrue(c.get("serving").asBoolean());
        assertEquals(1, c.get("level").asInt());
        assertEquals(2, c.at("/members/0/levels/max").asInt());
        assertFalse(c.at("/members/2").has("levels"), "not heard of");
        assertEquals("FOLLOWER", c.at("/members/0/role").asText());
        assertEquals(100, c.at("/members/0/commit_index").asInt());
        assertEquals(99, c.at("/members/0/applied_index").asInt());
        assertEquals(90, c.at("/members/0/durable_index").asInt());
        assertEquals(1, c.at("/members/0/lag").asInt());
        assertEquals("SLOW", c.at("/members/0/rank").asText());
        assertEquals("FIT", c.at("/members/1/rank").asText());
        assertFalse(c.at("/members/2").has("rank"), "who is not reached has told nothing");
        assertFalse(c.at("/members/2/reachable").asBoolean());
        assertFalse(c.at("/members/2").has("lag"), "what is not known is not told");
    }

    @Test
    void pluggedRouteIsServed() {
        var response = admin.send("GET", "/metrics", null);
        assertEquals(200, response.statusCode());
        assertEquals("tallymq_up 1\n", response.body());
        assertEquals(
                "text/plain; version=0.0.4",
                response.headers().firstValue("content-type").orElse(""));
    }
}
