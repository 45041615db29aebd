package io.tallymq.admin.topology;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.list.RowMaker;
import io.tallymq.admin.request.Json;
import io.tallymq.admin.request.Target;
import io.tallymq.admin.stats.QueueCounts;
import io.tallymq.admin.stats.Rates;
import io.tallymq.admin.stats.StateRows.HeadedQueue;
import io.tallymq.broker.ClusterStatus;
import io.tallymq.broker.ClusterStatus.Member;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.queue.QueueArguments;
import io.tallymq.broker.settings.ArgumentRow.Owner;
import io.tallymq.broker.settings.PolicyTable;
import io.tallymq.broker.settings.QueueSettings;
import io.tallymq.broker.spec.ConnectionInfo;
import io.tallymq.broker.spec.PolicyInEffect;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.broker.view.BrokerView.QueueInfo;
import io.tallymq.broker.view.QueueHead;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Queues as JSON. Every node holds every queue, and the leader is the cluster's: what all rows share is made once. One thread at a time. */
public final class QueueRows implements RowMaker<HeadedQueue> {
    /** What belongs together in a row, and takes more or less to make. */
    private enum Section {
        NAMES("name", "vhost", "type", "durable", "auto_delete", "exclusive", "state"),
        ARGUMENTS("arguments"),
        PLACE("node", "leader", "members", "online"),
        /** Whatever nobody else has. */
        OTHERS(),
        NUMBERS(
                "consumers",
                "message_bytes",
                "message_bytes_ready",
                "message_bytes_unacknowledged",
                "messages",
                "messages_details",
                "messages_ready",
                "messages_ready_details",
                "messages_unacknowledged",
                "messages_unacknowledged_details",
                "messages_persistent",
                "message_bytes_persistent",
                "messages_dlx",
                "message_bytes_dlx",
                "messages_delayed",
                "messages_deferred",
                "dead_letters_stuck",
                "dead_letters_reason",
                "consumer_utilisation",
                "consumer_capacity"),
        STATS("message_stats");

        private static final Set<String> ALL =
                Stream.of(values()).flatMap(section -> section.fields.stream()).collect(Collectors.toUnmodifiableSet());

        private final Set<String> fields;

        Section(String... fields) {
            this.fields = Set.of(fields);
        }

        /** Those that these fields are in. */
        static Set<Section> of(Set<String> wanted) {
            Set<Section> sections = EnumSet.noneOf(Section.class);
            for (Section section : values()) {
                Predicate<String> isIn = section == OTHERS ? field -> !ALL.contains(field) : section.fields::contains;
                if (wanted.stream().anyMatch(isIn)) {
                    sections.add(section);
                }
            }
            return sections;
        }
    }

    /** What a queue that was declared without a type is, in RabbitMQ's words. */
    private static final String DEFAULT_TYPE = "classic";

    private static final Set<Section> EVERY = EnumSet.allOf(Section.class);
    /** RabbitMQ's disable_stats, and with it enable_queue_totals. */
    private static final Set<Section> PLAIN = EnumSet.complementOf(EnumSet.of(Section.NUMBERS, Section.STATS));

    private static final Set<Section> TOTALS = EnumSet.complementOf(EnumSet.of(Section.STATS));

    private final ClusterStatus status;
    private final Rates rates;
    private final long now;
    private final ArrayNode members;
    private final ArrayNode online;
    /** A list asks for the same fields of each queue. */
    private Set<String> lastFields = Set.of();

    private Set<Section> lastSections = Set.of();
    private final Set<Section> shown;
    private final Supplier<ConsumerTags> look;
    /** Looked at for the first row that tells of them. */
    private ConsumerTags tags;

    /**
     * @param now milliseconds since the epoch
     * @param look at the consumers
     * @param target says whether only some of it is asked for
     */
    QueueRows(ClusterStatus status, Rates rates, long now, Supplier<ConsumerTags> look, Target target) {
        this.look = look;
        shown = !target.flag("disable_stats") ? EVERY : target.flag("enable_queue_totals") ? TOTALS : PLAIN;
        this.now = now;
        this.status = status;
        this.rates = rates;
        members = Json.strings(status.members().stream().map(Member::name).toList());
        online = Json.strings(status.members().stream()
                .filter(Member::reachable)
                .map(Member::name)
                .toList());
    }

    @Override
    public ObjectNode row(HeadedQueue headed) {
        return row(headed, shown);
    }

    @Override
    public ObjectNode part(HeadedQueue headed, Set<String> fields) {
        if (!fields.equals(lastFields)) {
            lastFields = fields;
            lastSections = Section.of(fields);
        }
        return row(headed, lastSections);
    }

    private ObjectNode row(HeadedQueue headed, Set<Section> wanted) {
        ObjectNode row = Json.object();
        wanted.forEach(section -> add(section, row, headed));
        return row;
    }

    private void add(Section section, ObjectNode row, HeadedQueue headed) {
        QueueInfo queue = headed.queue();
        switch (section) {
            case NAMES -> addNames(row, queue);
            case ARGUMENTS -> row.set("arguments", Json.arguments(queue.spec().arguments()));
            case PLACE -> addPlace(row);
            case OTHERS -> {
                addPolicy(row, queue.policy());
                addDeliveryLimit(row, queue);
                addOwner(row, queue);
                addHead(row, headed.head());
                addTags(row, queue);
            }
            case NUMBERS -> addNumbers(row, queue);
            case STATS -> addStats(row, queue);
        }
    }

    private void addNames(ObjectNode row, QueueInfo queue) {
        row.put("name", queue.name())
                .put("vhost", queue.vhost())
                .put("type", type(queue.spec()))
                .put("durable", queue.spec().durable())
                .put("auto_delete", queue.spec().autoDelete())
                .put("exclusive", queue.spec().exclusive())
                // RabbitMQ's word for a replicated queue whose node finds no majority, and LavinMQ's for one that gives
                // nobody anything.
                .put("state", !status.serving() ? "minority" : queue.paused() ? "paused" : "running");
    }

    /** Of a queue, as RabbitMQ names it. */
    public static String type(QueueSpec spec) {
        return spec.arguments().get("x-queue-type") instanceof String type ? type : DEFAULT_TYPE;
    }

    private void addPlace(ObjectNode row) {
        if (status.leader() != null) {
            row.put("node", status.leader()).put("leader", status.leader());
        }
        row.set("members", members);
        row.set("online", online);
    }

    /** As RabbitMQ: null for none. */
    private static void addPolicy(ObjectNode row, PolicyInEffect policy) {
        row.put("policy", policy == null ? null : policy.policy());
        row.put("operator_policy", policy == null ? null : policy.operatorPolicy());
        row.set("effective_policy_definition", policy == null ? Json.object() : Json.arguments(policy.definition()));
    }

    /** What acts of its arguments and policies; -1 for none, as x-delivery-limit says it. Others than quorum queues have none to RabbitMQ. */
    private static void addDeliveryLimit(ObjectNode row, QueueInfo queue) {
        if (QueueArguments.isQuorum(queue.spec())) {
            Arguments declared = queue.spec().arguments();
            Arguments effective = queue.policy() == null
                    ? declared
                    : PolicyTable.effective(
                            Owner.QUORUM_QUEUE, declared, queue.policy().definition());
            row.put("delivery_limit", QueueSettings.of(effective).deliveryLimit());
        }
    }

    /** Null where there is nothing to tell, or memory does not tell it. */
    private void addHead(ObjectNode row, QueueHead head) {
        boolean says = head != null && head.timestamp() >= 0;
        row.put("head_message_timestamp", says ? (Long) head.timestamp() : null)
                .put("head_message_age", head == null ? null : (Long) Math.max(0, now - head.publishedAt()));
    }

    private void addTags(ObjectNode row, QueueInfo queue) {
        if (queue.consumers() > 0) {
            tags = tags == null ? look.get() : tags;
            tags.addTo(row, queue);
        }
    }

    private void addNumbers(ObjectNode row, QueueInfo queue) {
        Rates.QueuePair pair = rates.of(queue);
        row.put("consumers", queue.consumers())
                .put("message_bytes", queue.readyBytes() + queue.unackedBytes())
                .put("message_bytes_ready", queue.readyBytes())
                .put("message_bytes_unacknowledged", queue.unackedBytes());
        Rates.put(row, "messages", queue.ready() + queue.unacked(), rates.of(pair, q -> q.ready() + q.unacked()));
        Rates.put(row, "messages_ready", queue.ready(), rates.of(pair, QueueCounts::ready));
        Rates.put(row, "messages_unacknowledged", queue.unacked(), rates.of(pair, QueueCounts::unacked));
        // RabbitMQ's words for dead letters that are still in their queue; messages that rest before they come again,
        // or until
        // somebody names their token.
        row.put("messages_dlx", queue.deadLetters().messages())
                .put("message_bytes_dlx", queue.deadLetters().bytes())
                .put("dead_letters_stuck", queue.deadLetters().stuck())
                .put("dead_letters_reason", queue.deadLetters().reason())
                .put("messages_delayed", queue.resting())
                .put("messages_deferred", queue.deferred());
        if (QueueArguments.isQuorum(queue.spec()) || QueueArguments.isStream(queue.spec())) {
            // Whatever their publishers say of them; of classic queues nobody counts what is said.
            row.put("messages_persistent", queue.ready() + queue.unacked())
                    .put("message_bytes_persistent", queue.readyBytes() + queue.unackedBytes());
        }
        if (pair != null) {
            double capacity = capacity(pair, queue);
            row.put("consumer_utilisation", capacity).put("consumer_capacity", capacity);
        }
    }

    private void addStats(ObjectNode row, QueueInfo queue) {
        Rates.QueuePair pair = rates.of(queue);
        row.set(
                "message_stats",
                Rates.messageStats(
                        queue.counters(), counter -> rates.of(pair, q -> counter.applyAsLong(q.counters()))));
    }

    /** The share of the last looks at a queue at which its consumers had left nothing waiting; 0 without consumers. */
    private static double capacity(Rates.QueuePair pair, QueueInfo now) {
        long kept = Stream.of(pair.was(), pair.is())
                .filter(q -> q.consumers() > 0 && q.ready() == 0)
                .count();
        kept += now.consumers() > 0 && now.ready() == 0 ? 1 : 0;
        return Math.round(kept * 100 / 3.0) / 100.0;
    }

    private void addOwner(ObjectNode row, QueueInfo queue) {
        ConnectionInfo owner = queue.owner();
        if (owner != null) {
            row.putObject("owner_pid_details")
                    .put("name", owner.name())
                    .put("node", status.nameOf(queue.exclusiveOwner().node()))
                    .put("peer_host", owner.peer().host())
                    .put("peer_port", owner.peer().port());
        }
    }
}
