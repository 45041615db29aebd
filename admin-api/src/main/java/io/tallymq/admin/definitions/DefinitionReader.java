package io.tallymq.admin.definitions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.access.PoliciesApi;
import io.tallymq.admin.access.UserBody;
import io.tallymq.admin.access.VhostsApi;
import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.Json;
import io.tallymq.admin.request.NamedExchange;
import io.tallymq.admin.request.RefusedException;
import io.tallymq.admin.request.RequestFields;
import io.tallymq.admin.request.StateWrites;
import io.tallymq.broker.access.AccessChecks;
import io.tallymq.broker.access.Policies;
import io.tallymq.broker.change.Change;
import io.tallymq.broker.change.SetGlobalParameter;
import io.tallymq.broker.change.SetLimit;
import io.tallymq.broker.change.SetPermission;
import io.tallymq.broker.change.SetTopicPermission;
import io.tallymq.broker.change.SetUser;
import io.tallymq.broker.change.SetVhost;
import io.tallymq.broker.command.Administer;
import io.tallymq.broker.command.BindExchange;
import io.tallymq.broker.command.BindQueue;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.SetPolicy;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.queue.QueueArguments;
import io.tallymq.broker.routing.Topology;
import io.tallymq.broker.spec.BindingKey;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.broker.spec.Permission;
import io.tallymq.broker.spec.PolicySpec;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.broker.spec.TopicPermission;
import io.tallymq.broker.spec.VhostChange;
import io.tallymq.broker.spec.VhostSpec;
import io.tallymq.broker.view.Vhost;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Makes commands of the rows of definitions, and refuses what the rows alone show that can't be had. What depends on what there is already is
 * seen when they are carried out.
 */
public final class DefinitionReader {
    /** Passwords that are no hashes yet, in one file: to hash one takes 40 ms. */
    public static final int MOST_PASSWORDS = 50;

    /** Parts of a file that are lists of what is made; whatever else is in it says where it comes from. */
    static final Set<String> SECTIONS = Set.of(
            "parameters",
            "policies",
            "queues",
            "exchanges",
            "bindings",
            "vhosts",
            "users",
            "permissions",
            "topic_permissions",
            "global_parameters");

    private final AdminContext context;
    private final ApiRequest by;
    /** Where all of it goes; null if each row tells its own. */
    private final String vhost;
    /** In the order in which they are made. */
    private final Map<Stage, List<DefinitionElement>> stages = new TreeMap<>();

    private final QueueTypes types;

    private int passwords;

    /** What has to be there before the next. Limits come last: they are for those who come later. */
    enum Stage {
        VHOSTS,
        USERS,
        ACCESS,
        POLICIES,
        ENDS,
        BINDINGS,
        LIMITS
    }

    public DefinitionReader(AdminContext context, ApiRequest by) {
        this.context = context;
        this.by = by;
        this.vhost = by.variable("vhost");
        this.types = new QueueTypes(context);
    }

    /**
     * What was read, stage by stage. Asked once, when all is.
     *
     * @throws RefusedException 400 for a queue that can't be had
     */
    List<List<DefinitionElement>> stages() {
        types.queues().forEach(queue -> {
            String label = label("queue", queue.name(), queue.vhost());
            require(QueueArguments.check(types.whole(queue), queue.name(), queue.vhost()), label);
            add(Stage.ENDS, "queues", label, queue.declare(operator()));
        });
        return List.copyOf(stages.values());
    }

    /**
     * Takes a row.
     *
     * @return false for a section that means nothing here, which is passed over
     * @throws RefusedException 400 for a row that is none
     */
    boolean read(String section, JsonNode row) {
        if (!row.isObject()) {
            throw RefusedException.badRequest("an object is expected");
        }
        RequestFields f = new RequestFields(row);
        switch (section) {
            case "parameters" -> parameter(f);
            case "policies" -> policy(f, f.text("name"), row, false);
            case "queues" -> queue(f);
            case "exchanges" -> exchange(f);
            case "bindings" -> binding(f);
            default -> {
                return vhost == null && readOfCluster(section, f);
            }
        }
        return true;
    }

    private boolean readOfCluster(String section, RequestFields f) {
        switch (section) {
            case "vhosts" -> vhost(f);
            case "users" -> user(f);
            case "permissions" -> permission(f);
            case "topic_permissions" -> topicPermission(f);
            case "global_parameters" -> globalParameter(f);
            default -> {
                return false;
            }
        }
        return true;
    }

    private void add(Stage stage, String section, String label, Command command) {
        stages.computeIfAbsent(stage, s -> new ArrayList<>()).add(new DefinitionElement(section, label, command));
    }

    private void add(Stage stage, String section, String label, Change change) {
        add(stage, section, label, new Administer(by.by(), by.from(), change));
    }

    private String vhostOf(RequestFields f) {
        if (vhost == null) {
            return f.text("vhost");
        }
        if (!f.text("vhost", vhost).equals(vhost)) {
            throw RefusedException.badRequest("vhost: the path names '" + vhost + "', where all of it goes");
        }
        return vhost;
    }

    /** Null where nothing is wrong. */
    private static void require(Reply.Rejected bad) {
        if (bad != null) {
            throw RefusedException.badRequest(bad.text());
        }
    }

    private static void require(Reply.Rejected bad, String label) {
        if (bad != null) {
            ObjectNode refusal = Json.object().put("error", "bad_request").put("reason", label + ": " + bad.text());
            refusal.putObject("done");
            throw RefusedException.of(400, refusal);
        }
    }

    private static String label(String kind, String name) {
        return kind + " '" + name + "'";
    }

    private static String label(String kind, String name, String in) {
        return label(kind, name) + " in vhost '" + in + "'";
    }

    /** RabbitMQ tells twice what is known of it. */
    private void vhost(RequestFields f) {
        String name = f.text("name");
        RequestFields metadata = new RequestFields(
                f.body().path("metadata").isObject() ? f.body().get("metadata") : Json.object());
        String type = f.text("default_queue_type", metadata.text("default_queue_type", null));
        List<String> tags = metadata.has("tags") ? metadata.strings("tags") : null;
        var said = new VhostChange(
                f.text("description", metadata.text("description", null)),
                f.has("tags") ? f.strings("tags") : tags,
                "undefined".equals(type) ? "" : type,
                f.has("protected_from_deletion") ? (Boolean) f.bool("protected_from_deletion", false) : null);
        Vhost before = context.access().vhost(name);
        VhostSpec comes = said.of(before == null ? VhostSpec.PLAIN : before.spec());
        require(AccessChecks.vhost(new SetVhost(name, comes)));
        types.vhost(name, comes.defaultQueueType());
        add(Stage.VHOSTS, "vhosts", label("vhost", name), VhostsApi.change(context, name, true, said));
    }

    private void user(RequestFields f) {
        String name = f.text("name");
        if (!f.text("password", "").isEmpty() && ++passwords > MOST_PASSWORDS) {
            throw RefusedException.badRequest("password: " + MOST_PASSWORDS
                    + " at most are taken in one file; give password_hash, see /api/auth/hash_password");
        }
        var set = new SetUser(name, new UserBody(f).spec());
        require(AccessChecks.user(set));
        add(Stage.USERS, "users", label("user", name), set);
        if (f.body().path("limits").isObject()) {
            limits(true, "users", name, f.body().get("limits"));
        }
    }

    private void limits(boolean ofUser, String section, String owner, JsonNode limits) {
        limits.properties().forEach(limit -> {
            if (!limit.getValue().isIntegralNumber() || !limit.getValue().canConvertToLong()) {
                throw RequestFields.expected(limit.getKey(), "an integer");
            }
            var set =
                    new SetLimit(ofUser, owner, limit.getKey(), limit.getValue().longValue());
            require(AccessChecks.limit(set));
            String label = label("limit", limit.getKey()) + " of " + label(ofUser ? "user" : "vhost", owner);
            add(Stage.LIMITS, section, label, set);
        });
    }

    private void permission(RequestFields f) {
        String user = f.text("user");
        String in = vhostOf(f);
        var permission = new Permission(f.text("configure"), f.text("write"), f.text("read"));
        require(AccessChecks.permission(permission));
        add(
                Stage.ACCESS,
                "permissions",
                label("permissions of user", user, in),
                new SetPermission(in, user, permission));
    }

    private void topicPermission(RequestFields f) {
        String user = f.text("user");
        String in = vhostOf(f);
        String exchange = NamedExchange.of(f.text("exchange"));
        var permission = new TopicPermission(f.text("write"), f.text("read"));
        require(AccessChecks.topicPermission(exchange, permission));
        add(
                Stage.ACCESS,
                "topic_permissions",
                label("topic permissions of user", user, in),
                new SetTopicPermission(in, user, exchange, permission));
    }

    private void globalParameter(RequestFields f) {
        String name = f.text("name");
        var set = new SetGlobalParameter(name, f.any("value").toString());
        require(AccessChecks.globalParameter(set));
        add(Stage.ACCESS, "global_parameters", label("global parameter", name), set);
    }

    private void parameter(RequestFields f) {
        String component = f.text("component");
        String name = f.text("name");
        String in = vhostOf(f);
        JsonNode value = f.any("value");
        if (!value.isObject()) {
            throw RequestFields.expected("value", "an object");
        }
        switch (component) {
            case "operator_policy" -> policy(f, name, value, true);
            case "vhost-limits" -> limits(false, "parameters", in, value);
            default ->
                throw RefusedException.badRequest("component '" + component
                        + "' is of a plugin that TallyMQ does not have: take it out of the file");
        }
    }

    private void policy(RequestFields f, String name, JsonNode spec, boolean operator) {
        String in = vhostOf(f);
        PolicySpec policy = PoliciesApi.spec(spec);
        require(Policies.check(name, operator, policy));
        add(
                Stage.POLICIES,
                operator ? "parameters" : "policies",
                label(operator ? "operator policy" : "policy", name, in),
                StateWrites.named(context.broker(), by, new SetPolicy(in, name, operator, policy)));
    }

    private ConnectionId operator() {
        return ConnectionId.operator(context.broker().node());
    }

    private void queue(RequestFields f) {
        String name = name(f, "name");
        var spec = new QueueSpec(f.bool("durable", true), false, f.bool("auto_delete", false), f.arguments());
        types.add(new QueueTypes.Read(vhostOf(f), name, spec, f.text("type", "")));
    }

    private static String name(RequestFields f, String field) {
        String name = f.text(field);
        if (name.isEmpty()) {
            throw RequestFields.expected(field, "a name");
        }
        return f.shortText(field, "");
    }

    private void exchange(RequestFields f) {
        String name = name(f, "name");
        String in = vhostOf(f);
        var spec = new ExchangeSpec(
                f.text("type"),
                f.bool("durable", true),
                f.bool("auto_delete", false),
                f.bool("internal", false),
                f.arguments());
        require(Topology.refusal(in, name, spec));
        add(Stage.ENDS, "exchanges", label("exchange", name, in), new DeclareExchange(in, name, spec, false));
    }

    private void binding(RequestFields f) {
        String in = vhostOf(f);
        var key = new BindingKey(
                name(f, "source"), name(f, "destination"), f.shortText("routing_key", ""), f.arguments());
        String type = f.text("destination_type");
        if (!type.equals("queue") && !type.equals("exchange")) {
            throw RequestFields.expected("destination_type", "queue or exchange");
        }
        String label = "binding of " + label(type, key.destination()) + " to " + label("exchange", key.source(), in);
        Command bind =
                type.equals("queue") ? new BindQueue(operator(), in, key, true) : new BindExchange(in, key, true);
        add(Stage.BINDINGS, "bindings", label, bind);
    }

    /** How a row is told of that is wrong. */
    static String name(String section, int number, JsonNode row) {
        String name = row instanceof ObjectNode
                ? row.path("name").asText(row.path("user").asText(""))
                : "";
        return section + "[" + number + "]" + (name.isEmpty() ? "" : " '" + name + "'");
    }
}
