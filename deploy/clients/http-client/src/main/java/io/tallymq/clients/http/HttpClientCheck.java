package io.tallymq.clients.http;

import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.http.client.Client;
import com.rabbitmq.http.client.ClientParameters;
import com.rabbitmq.http.client.GetAckMode;
import com.rabbitmq.http.client.GetEncoding;
import com.rabbitmq.http.client.HttpException;
import com.rabbitmq.http.client.domain.BindingInfo;
import com.rabbitmq.http.client.domain.ChannelInfo;
import com.rabbitmq.http.client.domain.ConnectionInfo;
import com.rabbitmq.http.client.domain.ConsumerDetails;
import com.rabbitmq.http.client.domain.Definitions;
import com.rabbitmq.http.client.domain.DeleteQueueParameters;
import com.rabbitmq.http.client.domain.DestinationType;
import com.rabbitmq.http.client.domain.DetailsParameters;
import com.rabbitmq.http.client.domain.ExchangeInfo;
import com.rabbitmq.http.client.domain.InboundMessage;
import com.rabbitmq.http.client.domain.NodeInfo;
import com.rabbitmq.http.client.domain.OutboundMessage;
import com.rabbitmq.http.client.domain.OverviewResponse;
import com.rabbitmq.http.client.domain.Page;
import com.rabbitmq.http.client.domain.PolicyInfo;
import com.rabbitmq.http.client.domain.QueryParameters;
import com.rabbitmq.http.client.domain.QueueInfo;
import com.rabbitmq.http.client.domain.ShovelDetails;
import com.rabbitmq.http.client.domain.ShovelInfo;
import com.rabbitmq.http.client.domain.TopicPermissions;
import com.rabbitmq.http.client.domain.UpstreamDetails;
import com.rabbitmq.http.client.domain.UpstreamSetDetails;
import com.rabbitmq.http.client.domain.UserPermissions;
import com.rabbitmq.http.client.domain.VhostInfo;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Each method of the blocking client at one node after the other, and what of its typed objects is filled. */
public final class HttpClientCheck {
    private static final String VHOST = "http-client check/1";
    private static final String USER = "http-client-check/ü";
    private static final String PASSWORD = "a tally stick";
    private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(30);

    private static boolean failed;

    private final Client client;
    private final String url;
    private final String uri;

    private HttpClientCheck(String url, String uri) throws Exception {
        this.url = url;
        this.uri = uri;
        this.client = login("guest", "guest");
    }

    private Client login(String user, String password) throws Exception {
        return new Client(new ClientParameters().url(url + "/api/").username(user).password(password));
    }

    /** Something that throws. */
    private interface Step {
        void run() throws Exception;
    }

    private static void check(String name, boolean ok, Object seen) {
        String text = Objects.toString(seen);
        System.out.println((ok ? "PASS " : "FAIL ") + name + ": " + text.substring(0, Math.min(400, text.length())));
        failed |= !ok;
    }

    private static void equal(String name, Object wanted, Object seen) {
        check(name, Objects.equals(wanted, seen), Objects.equals(wanted, seen) ? seen : seen + ", not " + wanted);
    }

    /** What is looked at comes to be what is wanted: figures, and what other nodes know, come a moment later. */
    private static void becomes(String name, Object wanted, Callable<?> look) throws Exception {
        long end = System.nanoTime() + WAIT_NANOS;
        Object seen = look.call();
        while (!Objects.equals(wanted, seen) && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(200);
            seen = look.call();
        }
        equal(name, wanted, seen);
    }

    /** It is refused with this status. */
    private static void refused(String name, int status, Step step) throws Exception {
        try {
            step.run();
            check(name, false, "was done");
        } catch (HttpException e) {
            int seen = e instanceof com.rabbitmq.http.client.HttpClientException c
                    ? c.status()
                    : ((com.rabbitmq.http.client.HttpServerException) e).status();
            equal(name, status, seen);
        }
    }

    private static <T> T one(List<T> all, java.util.function.Predicate<T> wanted) {
        List<T> found = all.stream().filter(wanted).toList();
        return found.size() == 1 ? found.get(0) : null;
    }

    private void run() {
        Map<String, Step> parts = new LinkedHashMap<>();
        parts.put("access", this::access);
        parts.put("topology", this::topology);
        parts.put("policies and limits", this::policies);
        parts.put("messages", this::messages);
        parts.put("clients", this::clients);
        parts.put("cluster", this::cluster);
        parts.put("absent", this::absent);
        client.deleteVhost(VHOST);
        client.deleteUser(USER);
        client.createVhost(VHOST, false, "A check's", "one", "two");
        client.updatePermissions(VHOST, "guest", UserPermissions.FULL);
        parts.forEach((name, part) -> {
            try {
                part.run();
            } catch (Exception e) { // whatever it is: it is said, and the rest is tried
                e.printStackTrace(System.out);
                check(name, false, e);
            }
        });
        client.deleteVhost(VHOST);
        client.deleteUser(USER);
    }

    private void access() throws Exception {
        VhostInfo vhost = client.getVhost(VHOST);
        equal("getVhost", "A check's [one, two]", vhost.getDescription() + " " + vhost.getTags());
        check("its nodes run", !vhost.getClusterState().isEmpty() && vhost.getClusterState().values().stream().allMatch("running"::equals), vhost.getClusterState());
        check("getVhosts", one(client.getVhosts(), v -> v.getName().equals(VHOST)) != null, client.getVhosts().size());
        equal("getVhost of none", null, client.getVhost("no such"));
        client.createUser(USER, PASSWORD.toCharArray(), List.of("monitoring", "management"));
        equal("getUser", List.of("monitoring", "management"), client.getUser(USER).getTags());
        check("getUsers", one(client.getUsers(), u -> u.getName().equals(USER)) != null, client.getUsers().size());
        equal("whoAmI", USER, login(USER, PASSWORD).whoAmI().getName());
        client.updateUser(USER, "another".toCharArray(), List.of("policymaker"));
        becomes("updateUser", List.of("policymaker"), () -> login(USER, "another").whoAmI().getTags());
        refused("with the old password", 401, () -> login(USER, PASSWORD).whoAmI());
        client.createUserWithPasswordHash(USER, client.getUser(USER).getPasswordHash().toCharArray(), List.of("management"));
        equal("createUserWithPasswordHash", List.of("management"), login(USER, "another").whoAmI().getTags());
        client.updatePermissions(VHOST, USER, new UserPermissions(".*", "", "^c"));
        UserPermissions permissions = client.getPermissions(VHOST, USER);
        equal("getPermissions", "^c||.*", permissions.getConfigure() + "|" + permissions.getWrite() + "|" + permissions.getRead());
        equal("getPermissionsIn", 2, client.getPermissionsIn(VHOST).size());
        equal("getPermissionsOf", 1, client.getPermissionsOf(USER).size());
        check("getPermissions of all", client.getPermissions().size() >= 3, client.getPermissions().size());
        client.clearPermissions(VHOST, USER);
        equal("clearPermissions", null, client.getPermissions(VHOST, USER));
        client.updateTopicPermissions(VHOST, USER, new TopicPermissions("amq.topic", "^read", "^write"));
        TopicPermissions topic = client.getTopicPermissions(VHOST, USER).get(0);
        equal("getTopicPermissions", "amq.topic ^read ^write", topic.getExchange() + " " + topic.getRead() + " " + topic.getWrite());
        equal("getTopicPermissionsIn", 1, client.getTopicPermissionsIn(VHOST).size());
        equal("getTopicPermissionsOf", 1, client.getTopicPermissionsOf(USER).size());
        check("getTopicPermissions of all", !client.getTopicPermissions().isEmpty(), client.getTopicPermissions().size());
        client.clearTopicPermissions(VHOST, USER);
        check("clearTopicPermissions", client.getTopicPermissionsOf(USER).isEmpty(), client.getTopicPermissionsOf(USER));
    }

    private void topology() throws Exception {
        client.declareExchange(VHOST, "x/one", new ExchangeInfo("topic", true, false, false, Map.of("alternate-exchange", "amq.fanout")));
        ExchangeInfo exchange = client.getExchange(VHOST, "x/one");
        equal("getExchange", "topic true false false {alternate-exchange=amq.fanout}", exchange.getType() + " " + exchange.isDurable() + " "
                + exchange.isAutoDelete() + " " + exchange.isInternal() + " " + exchange.getArguments());
        check("getExchanges", client.getExchanges(VHOST).size() >= 7 && client.getExchanges().size() >= 13, client.getExchanges(VHOST).size());
        equal("getExchange of none", null, client.getExchange(VHOST, "none"));
        QueryParameters named = new QueryParameters().name("^x/", true);
        named.pagination().pageSize(10);
        equal("getExchanges, a page", 1, client.getExchanges(VHOST, named).getItemsAsList().size());
        client.declareQueue(VHOST, "q one", new QueueInfo(true, false, false, Map.of("x-queue-type", "quorum", "x-max-length", 1000)));
        client.declareQueue(VHOST, "q two", new QueueInfo(true, false, false));
        QueueInfo queue = client.getQueue(VHOST, "q one");
        equal("getQueue", "quorum true false false running", queue.getType() + " " + queue.isDurable() + " " + queue.isExclusive() + " "
                + queue.isAutoDelete() + " " + queue.getState());
        check("its nodes", queue.getLeaderNode() != null && queue.getMemberNodes().contains(queue.getLeaderNode()) && queue.getNode() != null,
                queue.getLeaderNode() + " of " + queue.getMemberNodes());
        refused("declareQueue, otherwise", 400, () -> client.declareQueue(VHOST, "q one", new QueueInfo(true, false, false)));
        equal("getQueues of a virtual host", 2, client.getQueues(VHOST).size());
        check("getQueues", client.getQueues().size() >= 2, client.getQueues().size());
        DetailsParameters details = new DetailsParameters().messageRates(60, 5).lengths(60, 5);
        equal("getQueues with details", 2, client.getQueues(VHOST, details).size());
        equal("getQueue with details", "q one", client.getQueue(VHOST, "q one", details).getName());
        QueryParameters page = new QueryParameters().name("q", false);
        page.pagination().pageSize(1);
        Page<QueueInfo> first = client.getQueues(VHOST, page);
        equal("getQueues, a page", "1 of 2, page 1 of 2", first.getItemCount() + " of " + first.getFilteredCount() + ", page " + first.getPage() + " of "
                + first.getPageCount());
        QueryParameters columns = new QueryParameters();
        columns.columns().add("name");
        check("getQueues, columns", client.getQueues(columns).getItemsAsList().stream().allMatch(q -> q.getVhost() == null), "name");
        client.bindQueue(VHOST, "q one", "x/one", "orders.#/ü");
        client.bindQueue(VHOST, "q one", "amq.headers", "", Map.of("x-match", "all", "kind", "one"));
        client.bindExchange(VHOST, "amq.fanout", "x/one", "events");
        BindingInfo bound = client.getQueueBindingsBetween(VHOST, "x/one", "q one").get(0);
        equal("getQueueBindingsBetween", "orders.#/ü " + DestinationType.QUEUE, bound.getRoutingKey() + " " + bound.getDestinationType());
        equal("getExchangeBindingsBetween", 1, client.getExchangeBindingsBetween(VHOST, "x/one", "amq.fanout").size());
        equal("getQueueBindings, with the default exchange's", 3, client.getQueueBindings(VHOST, "q one").size());
        equal("getBindingsBySource", 2, client.getBindingsBySource(VHOST, "x/one").size());
        equal("getBindingsBySource of the default exchange", 2, client.getBindingsBySource(VHOST, "").size());
        equal("getExchangeBindingsByDestination", 1, client.getExchangeBindingsByDestination(VHOST, "amq.fanout").size());
        equal("getBindings of a virtual host", 5, client.getBindings(VHOST).size());
        check("getBindings", client.getBindings().size() >= 5, client.getBindings().size());
        client.unbindQueue(VHOST, "q one", "x/one", "orders.#/ü");
        equal("unbindQueue", 0, client.getQueueBindingsBetween(VHOST, "x/one", "q one").size());
        client.unbindExchange(VHOST, "amq.fanout", "x/one", "events");
        equal("unbindExchange", 0, client.getExchangeBindingsBetween(VHOST, "x/one", "amq.fanout").size());
        Definitions all = client.getDefinitions();
        QueueInfo exported = one(all.getQueues(), q -> q.getVhost().equals(VHOST) && q.getName().equals("q one"));
        equal("getDefinitions", 1000, exported == null ? null : exported.getArguments().get("x-max-length"));
        check("getDefinitions, users and permissions", one(all.getUsers(), u -> u.getName().equals(USER)) != null && !all.getPermissions().isEmpty()
                && all.getServerVersion() != null, all.getServerVersion());
    }

    private void policies() throws Exception {
        PolicyInfo policy = new PolicyInfo("^q", 5, "queues", Map.of("max-length", 500));
        client.declarePolicy(VHOST, "p", policy);
        PolicyInfo seen = client.getPolicies(VHOST).get(0);
        equal("getPolicies", "^q 5 queues {max-length=500}", seen.getPattern() + " " + seen.getPriority() + " " + seen.getApplyTo() + " " + seen.getDefinition());
        check("getPolicies of all", !client.getPolicies().isEmpty(), client.getPolicies().size());
        client.declareOperatorPolicy(VHOST, "o", new PolicyInfo("^q", 0, "queues", Map.of("max-length", 400)));
        equal("getOperatorPolicies", 1, client.getOperatorPolicies(VHOST).size());
        check("getOperatorPolicies of all", !client.getOperatorPolicies().isEmpty(), client.getOperatorPolicies().size());
        becomes("both act", "p {max-length=400}", () -> {
            QueueInfo queue = client.getQueue(VHOST, "q two");
            return queue.getPolicy() + " " + queue.getEffectivePolicyDefinition();
        });
        client.deletePolicy(VHOST, "p");
        client.deleteOperatorPolicy(VHOST, "o");
        equal("deletePolicy, deleteOperatorPolicy", 0, client.getPolicies(VHOST).size() + client.getOperatorPolicies(VHOST).size());
        client.limitMaxNumberOfQueues(VHOST, 100);
        client.limitMaxNumberOfConnections(VHOST, 50);
        equal("getVhostLimits", "100 50", client.getVhostLimits(VHOST).getMaxQueues() + " " + client.getVhostLimits(VHOST).getMaxConnections());
        check("getVhostLimits of all", one(client.getVhostLimits(), l -> VHOST.equals(l.getVhost())) != null, client.getVhostLimits().size());
        client.clearMaxQueuesLimit(VHOST);
        client.clearMaxConnectionsLimit(VHOST);
        equal("cleared", "-1 -1", client.getVhostLimits(VHOST).getMaxQueues() + " " + client.getVhostLimits(VHOST).getMaxConnections());
    }

    private void messages() throws Exception {
        Map<String, Object> properties = Map.of("delivery_mode", 2, "message_id", "m-1", "headers", Map.of("kind", "one"));
        check("publish", client.publish(VHOST, "amq.default", "q two", new OutboundMessage().payload("one").utf8Encoded().properties(properties)), true);
        check("publish, base64", client.publish(VHOST, "amq.default", "q two", new OutboundMessage().payload("dHdv").base64Encoded()), true);
        check("publish to nobody", !client.publish(VHOST, "amq.direct", "nobody", new OutboundMessage().payload("x")), false);
        InboundMessage got = client.get(VHOST, "q two");
        equal("get", "one 3 string q two 1", got.getPayload() + " " + got.getPayloadBytes() + " " + got.getPayloadEncoding() + " " + got.getRoutingKey() + " "
                + got.getMessageCount());
        equal("its properties", "m-1", got.getProperties().get("message_id"));
        becomes("get of several, which stay", List.of("one", "two"),
                () -> client.get(VHOST, "q two", 5, GetAckMode.NACK_REQUEUE_TRUE, GetEncoding.AUTO).stream().map(InboundMessage::getPayload).toList());
        becomes("get, truncated", List.of("on", "tw"),
                () -> client.get(VHOST, "q two", 5, GetAckMode.REJECT_REQUEUE_TRUE, GetEncoding.AUTO, 2).stream().map(InboundMessage::getPayload).toList());
        equal("get, taken", "one", client.get(VHOST, "q two", 1, GetAckMode.ACK_REQUEUE_FALSE, GetEncoding.AUTO).get(0).getPayload());
        equal("get, rejected", "dHdv", client.get(VHOST, "q two", 1, GetAckMode.REJECT_REQUEUE_FALSE, GetEncoding.BASE64).get(0).getPayload());
        equal("get of none", null, client.get(VHOST, "q two"));
        client.publish(VHOST, "amq.default", "q two", new OutboundMessage().payload("x"));
        client.purgeQueue(VHOST, "q two");
        equal("purgeQueue", null, client.get(VHOST, "q two"));
        client.publish(VHOST, "amq.default", "q two", new OutboundMessage().payload("x"));
        refused("deleteQueue if it is empty", 400, () -> client.deleteQueue(VHOST, "q two", new DeleteQueueParameters(true, false)));
        client.deleteQueue(VHOST, "q two");
        equal("deleteQueue", null, client.getQueue(VHOST, "q two"));
        client.deleteExchange(VHOST, "x/one");
        equal("deleteExchange", null, client.getExchange(VHOST, "x/one"));
    }

    private Connection connect(String name) throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(uri);
        factory.setVirtualHost(VHOST);
        factory.setAutomaticRecoveryEnabled(false);
        return factory.newConnection(name);
    }

    private void clients() throws Exception {
        Connection connection = connect("http-client-check");
        try {
            Channel channel = connection.createChannel();
            channel.confirmSelect();
            channel.basicQos(7);
            channel.queueDeclare("busy", true, false, false, Map.of("x-single-active-consumer", true));
            channel.basicConsume("busy", false, "tag-1", false, false, Map.of("x-priority", 3), (tag, message) -> {}, tag -> {});
            for (int i = 0; i < 3; i++) {
                channel.basicPublish("", "busy", null, new byte[100]);
            }
            channel.waitForConfirmsOrDie(30_000);
            lookAtConnection();
            lookAtQueue(channel);
            CompletableFuture<String> told = new CompletableFuture<>();
            connection.addShutdownListener(cause -> told.complete(cause.getMessage()));
            client.closeConnection(one(client.getConnections(), c -> VHOST.equals(c.getVhost())).getName(), "because");
            String cause = told.get(30, TimeUnit.SECONDS);
            check("closeConnection with a reason", cause.contains("because"), cause);
        } finally {
            connection.abort();
        }
        Connection second = connect("http-client-check-2");
        try {
            becomes("getConnectionsOfUser", true, () -> client.getConnectionsOfUser("guest").stream().anyMatch(c -> VHOST.equals(c.getVhost())));
            client.closeAllConnectionsOfUser("guest");
            becomes("closeAllConnectionsOfUser", false, second::isOpen);
        } finally {
            second.abort();
        }
    }

    private void lookAtConnection() throws Exception {
        becomes("getConnections", 1L, () -> client.getConnections().stream().filter(c -> VHOST.equals(c.getVhost())).count());
        String name = one(client.getConnections(), c -> VHOST.equals(c.getVhost())).getName();
        becomes("getConnection", "guest running AMQP 0-9-1 1 PLAIN network", () -> {
            ConnectionInfo c = client.getConnection(name);
            return c.getUser() + " " + c.getState() + " " + c.getProtocol() + " " + c.getChannels() + " " + c.getAuthMechanism() + " " + c.getType();
        });
        ConnectionInfo connection = client.getConnection(name);
        check("its figures", connection.getOctetsReceived() > 0 && connection.getOctetsSent() > 0 && connection.getFrameMax() > 0 && connection.getPeerPort() > 0
                && connection.getConnectedAt() > 0 && connection.getNode() != null && !connection.isUsesTLS(), connection);
        equal("its client", "RabbitMQ", connection.getClientProperties().getProduct());
        becomes("its rates", true, () -> client.getConnection(name).getOctetsReceivedDetails() != null);
        QueryParameters page = new QueryParameters();
        page.pagination().pageSize(5);
        check("getConnections, a page", client.getConnections(page).getTotalCount() >= 1, client.getConnections(page).getTotalCount());
        becomes("getChannels of a connection", "1 7 true false 3 1", () -> {
            ChannelInfo c = client.getChannels(name).get(0);
            return c.getNumber() + " " + c.getPrefetchCount() + " " + c.usesPublisherConfirms() + " " + c.isTransactional() + " " + c.getMessagesUnacknowledged()
                    + " " + c.getConsumerCount();
        });
        ChannelInfo channel = client.getChannel(name + " (1)");
        equal("getChannel", name + " running 0 0 0", channel.getConnectionDetails().getName() + " " + channel.getState() + " " + channel.getMessagesUnconfirmed() + " "
                + channel.getMessagesUncommitted() + " " + channel.getAcksUncommitted());
        equal("its consumers", "tag-1", channel.getConsumerDetails().get(0).getConsumerTag());
        check("getChannels", !client.getChannels().isEmpty(), client.getChannels().size());
        check("getChannels, a page", client.getChannels(page).getTotalCount() >= 1, client.getChannels(page).getTotalCount());
    }

    private void lookAtQueue(Channel channel) throws Exception {
        equal("getConsumers of a virtual host", 1, client.getConsumers(VHOST).size());
        check("getConsumers", !client.getConsumers().isEmpty(), client.getConsumers().size());
        QueueInfo queue = client.getQueue(VHOST, "busy");
        ConsumerDetails consumer = queue.getConsumerDetails().get(0);
        equal("consumer details", "tag-1 7 true false true single_active {x-priority=3}", consumer.getConsumerTag() + " " + consumer.getPrefetchCount() + " "
                + consumer.isAckRequired() + " " + consumer.isExclusive() + " " + consumer.isActive() + " " + consumer.getActivityStatus() + " " + consumer.getArguments());
        equal("its queue and channel", "busy 1", consumer.getQueueDetails().getName() + " " + consumer.getChannelDetails().getNumber());
        equal("single active consumer", "tag-1", queue.getSingleActiveConsumerTag());
        equal("messages", "3 0 3 300", queue.getTotalMessages() + " " + queue.getMessagesReady() + " " + queue.getMessagesUnacknowledged() + " " + queue.getMessageBytes());
        equal("consumers", 1L, queue.getConsumerCount());
        becomes("message stats", "3 publishes", () -> client.getQueue(VHOST, "busy").getMessageStats().getBasicPublish() + " publishes");
        becomes("rates", true, () -> {
            channel.basicPublish("", "busy", null, new byte[1]);
            QueueInfo now = client.getQueue(VHOST, "busy");
            return now.getMessageStats().getBasicPublishDetails() != null && now.getMessageStats().getBasicPublishDetails().getRate() > 0
                    && now.getMessagesDetails() != null;
        });
    }

    private void cluster() throws Exception {
        OverviewResponse overview = client.getOverview();
        check("getOverview", overview.getNode() != null && overview.getRabbitMQVersion() != null && overview.getClusterName() != null
                && overview.getManagementPluginVersion() != null && "basic".equals(overview.getRatesMode()), overview.getNode() + " " + overview.getRabbitMQVersion());
        check("its totals", overview.getObjectTotals().getQueues() >= 1 && overview.getObjectTotals().getExchanges() >= 7
                && overview.getQueueTotals() != null && overview.getMessageStats().getBasicPublish() >= 3, overview.getObjectTotals());
        check("its exchange types", overview.getExchangeTypes().stream().anyMatch(t -> t.getName().equals(BuiltinExchangeType.TOPIC.getType())), overview.getExchangeTypes().size());
        check("its listeners", overview.getListeners().stream().anyMatch(l -> l.getProtocol().equals("amqp") && l.getPort() > 0), overview.getListeners());
        List<NodeInfo> nodes = client.getNodes();
        check("getNodes", nodes.stream().anyMatch(n -> n.getName().equals(overview.getNode())) && nodes.stream().allMatch(NodeInfo::isRunning), nodes.size());
        NodeInfo node = client.getNode(overview.getNode());
        check("getNode", node.isDiskNode() && node.getUptime() > 0 && node.getMemoryUsed() > 0 && node.getMemoryLimit() > 0 && node.getFileDescriptorsUsed() > 0
                && node.getFileDescriptorsTotal() > 0 && node.getDiskFree() > 0 && node.getNumberOfProcessors() > 0 && node.getOsPid() != null
                && !node.isMemoryAlarmActive() && !node.isDiskAlarmActive(), node);
        check("alivenessTest", client.alivenessTest(VHOST), true);
        String before = client.getClusterName().getName();
        client.setClusterName("http-client-check");
        equal("setClusterName", "http-client-check", client.getClusterName().getName());
        client.setClusterName(before);
        check("getExtensions", client.getExtensions() != null, client.getExtensions());
    }

    /** What this broker does not have says so: lists are empty or not there, and what is declared is refused with a reason. */
    private void absent() throws Exception {
        ShovelDetails shovel = new ShovelDetails("amqp://", "amqp://", 30, true, null);
        shovel.setSourceQueue("a");
        shovel.setDestinationQueue("b");
        refused("declareShovel", 400, () -> client.declareShovel(VHOST, new ShovelInfo("s", shovel)));
        equal("getShovels", List.of(), client.getShovels());
        equal("getShovels of a virtual host", List.of(), client.getShovels(VHOST));
        equal("getShovelsStatus of a virtual host", null, client.getShovelsStatus(VHOST));
        client.deleteShovel(VHOST, "s"); // 404 is none to this client
        refused("declareUpstream", 400, () -> client.declareUpstream(VHOST, "u", new UpstreamDetails().setUri("amqp://")));
        equal("getUpstreams", List.of(), client.getUpstreams());
        equal("getUpstreams of a virtual host", List.of(), client.getUpstreams(VHOST));
        client.deleteUpstream(VHOST, "u");
        UpstreamSetDetails set = new UpstreamSetDetails();
        set.setUpstream("u");
        refused("declareUpstreamSet", 400, () -> client.declareUpstreamSet(VHOST, "us", List.of(set)));
        equal("getUpstreamSets", List.of(), client.getUpstreamSets());
        equal("getUpstreamSets of a virtual host", List.of(), client.getUpstreamSets(VHOST));
        client.deleteUpstreamSet(VHOST, "us");
        // A global parameter like any other: nobody here goes by it.
        client.setMqttPortToVhostMapping(Map.of(1883, VHOST));
        equal("getMqttPortToVhostMapping", Map.of(1883, VHOST), client.getMqttPortToVhostMapping().getValue());
        client.deleteMqttPortToVhostMapping();
    }

    public static void main(String[] args) throws Exception {
        List<String> urls = new ArrayList<>();
        List<String> uris = new ArrayList<>();
        for (int i = 0; i < args.length; i += 2) {
            List<String> values = args[i].equals("--url") ? urls : args[i].equals("--uri") ? uris : null;
            if (values == null || i + 1 == args.length) {
                System.err.println("check: '" + args[i] + "' is not an option with a value: --url URL, --uri URI");
                System.exit(2);
            }
            values.add(args[i + 1]);
        }
        if (urls.isEmpty()) {
            for (int node = 0; node < 3; node++) {
                urls.add("http://127.0.0.1:" + (15672 + node));
                uris.add("amqp://guest:guest@127.0.0.1:" + (5672 + node) + "/%2F");
            }
        }
        for (int node = 0; node < urls.size(); node++) {
            System.out.println("== node " + (node + 1));
            URI given = URI.create(urls.get(node));
            new HttpClientCheck(given.getScheme() + "://" + given.getHost() + ":" + given.getPort(), uris.get(node)).run();
        }
        System.exit(failed ? 1 : 0);
    }
}
