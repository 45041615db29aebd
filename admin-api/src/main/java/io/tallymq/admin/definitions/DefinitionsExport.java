package io.tallymq.admin.definitions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.access.GlobalParametersApi;
import io.tallymq.admin.access.PermissionsApi;
import io.tallymq.admin.access.PoliciesApi;
import io.tallymq.admin.access.TopicPermissionsApi;
import io.tallymq.admin.access.UsersApi;
import io.tallymq.admin.definitions.DefinitionPieces.Section;
import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.Json;
import io.tallymq.admin.request.Rows;
import io.tallymq.admin.stats.StateRows;
import io.tallymq.admin.topology.QueueRows;
import io.tallymq.admin.topology.TopologyApi;
import io.tallymq.broker.view.BrokerView.BindingView;
import io.tallymq.broker.view.BrokerView.ExchangeView;
import io.tallymq.broker.view.BrokerView.PolicyView;
import io.tallymq.broker.view.BrokerView.QueueInfo;
import io.tallymq.broker.view.User;
import io.tallymq.broker.view.Vhost;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What a cluster consists of but for its messages, as RabbitMQ's definitions have it: all of it, or what is in one virtual host, of which the
 * rows don't tell the name then. Exclusive queues and what every virtual host has from the start are not in it.
 */
final class DefinitionsExport {
    private static final String RESERVED = "amq.";

    private final AdminContext context;
    /** Null for all. */
    private final String vhost;
    /** Those that there are when it begins, by name: of others nothing is in it, whatever comes and goes meanwhile. */
    private final SortedMap<String, Vhost> vhosts = new TreeMap<>();

    private final List<User> users;
    /** Queues and exchanges that are in it: bindings of others are not. */
    private final Set<String> queues = new HashSet<>();

    private final Set<String> exchanges = new HashSet<>();

    /** For one reading. */
    DefinitionsExport(AdminContext context, String vhost) {
        this.context = context;
        this.vhost = vhost;
        this.users = List.copyOf(context.access().users());
        for (Vhost v : context.access().vhosts()) {
            if (!v.isGoing() && (vhost == null || vhost.equals(v.name()))) {
                vhosts.put(v.name(), v);
            }
        }
    }

    /** In the order in which they can be made. */
    DefinitionPieces pieces() {
        ObjectNode head = Json.object()
                .put("rabbit_version", context.config().rabbitVersion())
                .put("rabbitmq_version", context.config().rabbitVersion())
                .put("product_name", "TallyMQ")
                .put("product_version", context.config().version())
                .put("rabbitmq_definition_format", vhost == null ? "cluster" : "single_virtual_host")
                .put("original_cluster_name", GlobalParametersApi.clusterName(context))
                .put(
                        "explanation",
                        vhost == null
                                ? "Definitions of a cluster"
                                : "Definitions of virtual host '" + vhost + "'; import them into any");
        if (vhost != null) {
            head.put("original_vhost_name", vhost);
        }
        List<Section> sections = new ArrayList<>();
        if (vhost == null) {
            sections.add(new Section("users", () -> rows(users.iterator(), UsersApi::row)));
            sections.add(new Section("vhosts", () -> rows(vhosts.values().iterator(), DefinitionsExport::row)));
            sections.add(new Section("permissions", () -> rows(permissions(), r -> r)));
            sections.add(new Section("topic_permissions", () -> rows(topicPermissions(), r -> r)));
        }
        sections.add(new Section("parameters", this::parameters));
        if (vhost == null) {
            sections.add(new Section(
                    "global_parameters",
                    () -> rows(
                            context.access().globalParameters().entrySet().iterator(),
                            e -> GlobalParametersApi.row(e.getKey(), e.getValue()))));
        }
        sections.add(new Section("policies", () -> rows(policies(false), PoliciesApi::row)));
        sections.add(new Section("queues", () -> rows(queues(), DefinitionsExport::row)));
        sections.add(new Section("exchanges", () -> rows(exchanges(), DefinitionsExport::row)));
        sections.add(new Section("bindings", () -> rows(bindings(), DefinitionsExport::row)));
        return new DefinitionPieces(head, sections);
    }

    /** Tells apart what is exported at different times: a hash of all of it, which is read through for that. */
    String tag() {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            DefinitionPieces all = pieces();
            while (all.hasNext()) {
                sha.update(all.next());
            }
            return "\"" + HexFormat.of().formatHex(sha.digest(), 0, 16) + "\"";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    private <T> Iterator<JsonNode> rows(Iterator<T> items, Function<T, ObjectNode> rowOf) {
        return Rows.flat(items, item -> {
            ObjectNode row = rowOf.apply(item);
            if (vhost != null) {
                row.remove("vhost");
            }
            return List.<JsonNode>of(row).iterator();
        });
    }

    private boolean isIn(String name) {
        return vhosts.containsKey(name);
    }

    private static ObjectNode row(Vhost v) {
        ObjectNode row = described(Json.object().put("name", v.name()), v);
        row.set("limits", Json.numbers(v.limits())); // RabbitMQ tells of them twice: they are parameters, too
        described(row.putObject("metadata"), v);
        return row.put("protected_from_deletion", v.spec().isProtected());
    }

    private static ObjectNode described(ObjectNode row, Vhost v) {
        String type = v.spec().defaultQueueType();
        row.put("description", v.spec().description());
        row.set("tags", Json.strings(v.spec().tags()));
        return row.put("default_queue_type", type.isEmpty() ? "undefined" : type);
    }

    private Iterator<ObjectNode> permissions() {
        return inVhosts(Rows.flat(users.iterator(), user -> PermissionsApi.rows(context, user)));
    }

    private Iterator<ObjectNode> topicPermissions() {
        return inVhosts(Rows.flat(users.iterator(), user -> TopicPermissionsApi.rows(context, user)));
    }

    private Iterator<ObjectNode> inVhosts(Iterator<ObjectNode> rows) {
        return Rows.filtered(rows, row -> isIn(row.get("vhost").asText()));
    }

    private Iterator<JsonNode> parameters() {
        Iterator<JsonNode> limits = rows(
                Rows.filtered(vhosts.values().iterator(), v -> !v.limits().isEmpty()),
                v -> parameter(v.name(), "vhost-limits", "limits", Json.numbers(v.limits())));
        Iterator<JsonNode> operators = rows(policies(true), p -> {
            ObjectNode value = PoliciesApi.row(p);
            value.remove(List.of("vhost", "name"));
            return parameter(p.vhost(), "operator_policy", p.name(), value);
        });
        return Rows.flat(List.of(limits, operators).iterator(), some -> some);
    }

    private static ObjectNode parameter(String vhost, String component, String name, ObjectNode value) {
        ObjectNode row =
                Json.object().put("vhost", vhost).put("component", component).put("name", name);
        row.set("value", value);
        return row;
    }

    private Iterator<PolicyView> policies(boolean operator) {
        List<PolicyView> all = context.broker().read(view -> view.policies(operator));
        return Rows.filtered(all.iterator(), p -> isIn(p.vhost()));
    }

    private static String key(String vhost, String name) {
        return vhost.length() + ":" + vhost + name;
    }

    private Iterator<QueueInfo> queues() {
        return Rows.filtered(
                StateRows.queues(context.broker()),
                q -> isIn(q.vhost())
                        && !q.spec().exclusive()
                        && !q.name().isEmpty() // of an earlier version: none can be made any more
                        && queues.add(key(q.vhost(), q.name())));
    }

    private static ObjectNode row(QueueInfo q) {
        ObjectNode row = Json.object()
                .put("name", q.name())
                .put("vhost", q.vhost())
                .put("type", QueueRows.type(q.spec()))
                .put("durable", q.spec().durable())
                .put("auto_delete", q.spec().autoDelete());
        row.set("arguments", Json.arguments(q.spec().arguments()));
        return row;
    }

    private Iterator<ExchangeView> exchanges() {
        return Rows.filtered(
                StateRows.exchanges(context.broker()),
                x -> isIn(x.vhost()) && !isOfTheBroker(x.name()) && exchanges.add(key(x.vhost(), x.name())));
    }

    private static boolean isOfTheBroker(String exchange) {
        return exchange.isEmpty() || exchange.startsWith(RESERVED);
    }

    private static ObjectNode row(ExchangeView x) {
        ObjectNode row = Json.object()
                .put("name", x.name())
                .put("vhost", x.vhost())
                .put("type", x.spec().type())
                .put("durable", x.spec().durable())
                .put("auto_delete", x.spec().autoDelete())
                .put("internal", x.spec().internal());
        row.set("arguments", Json.arguments(x.spec().arguments()));
        return row;
    }

    private Iterator<BindingView> bindings() {
        return Rows.filtered(
                StateRows.bindings(context.broker()),
                b -> isIn(b.vhost())
                        && isThere(b.vhost(), b.binding().source())
                        && (b.toQueue()
                                ? queues.contains(key(b.vhost(), b.binding().destination()))
                                : isThere(b.vhost(), b.binding().destination())));
    }

    private boolean isThere(String in, String exchange) {
        return isOfTheBroker(exchange) || exchanges.contains(key(in, exchange));
    }

    private static ObjectNode row(BindingView b) {
        ObjectNode row = TopologyApi.row(b);
        row.remove("properties_key");
        return row;
    }
}
