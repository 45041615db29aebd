package io.tallymq.broker.queue;

import io.tallymq.broker.command.VoidPublish;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.lane.Priorities;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.settings.ArgumentRow;
import io.tallymq.broker.settings.ArgumentRow.Owner;
import io.tallymq.broker.settings.ArgumentTable;
import io.tallymq.broker.settings.ArgumentText;
import io.tallymq.broker.settings.PolicyTable;
import io.tallymq.broker.settings.QueueSettings;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.PolicyInEffect;
import io.tallymq.broker.spec.QueueSpec;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * What may be declared as a queue, and which redeclares say the same. There is one kind of queue here, replicated and durable
 * like RabbitMQ's quorum queues and with all flags of its classic ones. The type that a client gives decides what it may ask for,
 * and whether deliveries tell how often they failed.
 */
public final class QueueArguments {
    private static final String QUORUM = "quorum";
    private static final String STREAM = "stream";
    private static final List<Owner> TYPES = List.of(Owner.CLASSIC_QUEUE, Owner.QUORUM_QUEUE, Owner.STREAM_QUEUE);
    /** From which level of the state on queues may want confirms by all. */
    private static final int CONFIRM_LEVEL = 5;

    private static final List<String> COMPARED = ArgumentTable.ofQueues();

    /** What came with that level of the state. */
    private static final List<String> LEVEL_3 = List.of(
            ArgumentTable.CONSUMER_TIMEOUT,
            ArgumentTable.MESSAGE_GROUPS,
            ArgumentTable.GROUP_BY,
            ArgumentTable.FAIR_BY,
            ArgumentTable.LAST_VALUE,
            ArgumentTable.DEDUPLICATION,
            ArgumentTable.CACHE_SIZE,
            ArgumentTable.CACHE_TTL,
            ArgumentTable.FILTER,
            ArgumentTable.ALTER);

    /** Clients that leave the name to the server have got one before. */
    private static final Reply.Rejected NAMELESS =
            Reply.precondition(Reply.Reason.INVALID_ARGUMENT, "invalid name of a queue: it has 1 to 255 bytes");

    private QueueArguments() {}

    /** A queue as error texts name it. */
    public static String resource(String vhost, String queue) {
        return "queue '" + queue + "' in vhost '" + vhost + "'";
    }

    public static String resource(Queue q) {
        return resource(q.vhost(), q.name());
    }

    /** Which priorities a queue tells apart that is made now. */
    static Priorities priorities(QueueSpec spec, int level) {
        return Priorities.of(isQuorum(spec), QueueSettings.of(spec.arguments()).maxPriority(), level);
    }

    /** Whether a queue was declared as a quorum queue: without a type it is a classic one. */
    public static boolean isQuorum(QueueSpec spec) {
        return QUORUM.equals(spec.arguments().get(ArgumentTable.QUEUE_TYPE));
    }

    /** Whether its messages stay, and are read and not taken. */
    public static boolean isStream(QueueSpec spec) {
        return STREAM.equals(spec.arguments().get(ArgumentTable.QUEUE_TYPE));
    }

    /** What has the arguments that it may be given. */
    public static Owner owner(QueueSpec spec) {
        return isQuorum(spec) ? Owner.QUORUM_QUEUE : isStream(spec) ? Owner.STREAM_QUEUE : Owner.CLASSIC_QUEUE;
    }

    private static String type(QueueSpec spec) {
        return isQuorum(spec) ? QUORUM : isStream(spec) ? STREAM : "classic";
    }

    /** What it goes by. */
    static Arguments effective(QueueSpec spec, PolicyInEffect policy) {
        return policy == null
                ? spec.arguments()
                : PolicyTable.effective(owner(spec), spec.arguments(), policy.definition());
    }

    /** What policies say that acts on it, for people; null for nothing. */
    static PolicyInEffect policyThatActs(Queue q) {
        return q.policy() == null || q.lanes().sortsByHeader()
                ? q.policy()
                : q.policy().without(PolicyTable.BY_HEADER);
    }

    /** Why a queue can not be declared like this, or null when it can. */
    public static Reply.Rejected check(QueueSpec spec, String queue, String vhost) {
        String resource = resource(vhost, queue);
        Reply.Rejected r = queue.isEmpty() ? NAMELESS : null;
        if (r == null) {
            r = isQuorum(spec) || isStream(spec) ? flagRefusal(spec, resource) : null;
        }
        if (r == null) {
            r = foreign(spec, resource);
        }
        if (r == null) {
            r = letterless(spec.arguments(), resource);
        }
        if (r == null) {
            r = ArgumentTable.check(owner(spec), spec.arguments(), resource);
        }
        return r != null ? r : contradictory(spec, resource);
    }

    /** Quorum queues and streams are durable and everybody's, and nobody's going deletes them. */
    private static Reply.Rejected flagRefusal(QueueSpec spec, String resource) {
        String property = spec.exclusive()
                ? "exclusive-owner"
                : !spec.durable() ? "non-durable" : spec.autoDelete() ? "auto-delete" : null;
        return property == null
                ? null
                : Reply.precondition(
                        Reply.Reason.INVALID_ARGUMENT,
                        "invalid property '" + property + "' for " + resource + ": a " + type(spec)
                                + " queue is durable, not exclusive and not auto-delete");
    }

    /** 540 for what comes with a level that the cluster does not have yet. */
    public static Reply.Rejected unknownAt(int level, Arguments arguments, String resource) {
        Reply.Rejected r = unknownAt(level, Priorities.LEVEL, ArgumentTable.MAX_PRIORITY, arguments, resource);
        if (r == null && level < AckTimeouts.LEVEL && STREAM.equals(arguments.get(ArgumentTable.QUEUE_TYPE))) {
            r = unknownAt(level, AckTimeouts.LEVEL, ArgumentTable.QUEUE_TYPE, arguments, resource);
        }
        for (String name : LEVEL_3) {
            r = r != null ? r : unknownAt(level, AckTimeouts.LEVEL, name, arguments, resource);
        }
        r = r != null ? r : unknownAt(level, VoidPublish.LEVEL, ArgumentTable.RECEIPTS, arguments, resource);
        r = r != null ? r : unknownAt(level, CONFIRM_LEVEL, ArgumentTable.CONFIRM, arguments, resource);
        return r != null || level >= ArgumentTable.LONG_TIMES ? r : longAt(level, arguments, resource);
    }

    private static Reply.Rejected longAt(int level, Arguments arguments, String resource) {
        for (Map.Entry<String, Object> e : arguments.values().entrySet()) {
            if (ArgumentTable.isLongTime(e.getKey(), e.getValue())) {
                String what = "argument '" + e.getKey() + "' of " + resource + " may be " + e.getValue();
                return Reply.belowLevel(what, ArgumentTable.LONG_TIMES, level);
            }
        }
        return null;
    }

    /** 540 for one that is given and comes with a level that the cluster does not have yet. */
    public static Reply.Rejected unknownAt(int level, int needed, String name, Arguments arguments, String resource) {
        return level >= needed || arguments.get(name) == null
                ? null
                : Reply.belowLevel("argument '" + name + "' of " + resource + " is known", needed, level);
    }

    /** 406 for a routing key of dead letters that go nowhere. */
    public static Reply.Rejected letterless(Arguments arguments, String resource) {
        Map<String, Object> values = arguments.values();
        boolean keyOnly = values.containsKey(ArgumentTable.DEAD_LETTER_ROUTING_KEY)
                && !values.containsKey(ArgumentTable.DEAD_LETTER_EXCHANGE);
        return keyOnly
                ? Reply.precondition(
                        Reply.Reason.INVALID_ARGUMENT,
                        "invalid arg '" + ArgumentTable.DEAD_LETTER_ROUTING_KEY + "' for " + resource
                                + ": there is no '" + ArgumentTable.DEAD_LETTER_EXCHANGE + "' for it")
                : null;
    }

    /** 406 for arguments that do not go together. */
    private static Reply.Rejected contradictory(QueueSpec spec, String resource) {
        QueueSettings s = QueueSettings.of(spec.arguments());
        if (s.lastValue() != null && (s.sortsByHeader() || s.maxPriority() > 0 || s.isToRefuse())) {
            return contradiction(
                    ArgumentTable.LAST_VALUE,
                    resource,
                    "its messages have no priorities, groups or turns, and drop-head");
        }
        return s.sortsByHeader() && s.maxPriority() >= KeyedLanes.GROUPS
                ? contradiction(
                        ArgumentTable.MAX_PRIORITY,
                        resource,
                        "with message groups or turns priorities go up to " + (KeyedLanes.GROUPS - 1))
                : null;
    }

    private static Reply.Rejected contradiction(String argument, String resource, String why) {
        return Reply.precondition(
                Reply.Reason.INVALID_ARGUMENT, "invalid arg '" + argument + "' for " + resource + ": " + why);
    }

    /** 406 for an argument that only other types of queues have. */
    private static Reply.Rejected foreign(QueueSpec spec, String resource) {
        for (Map.Entry<String, Object> e : spec.arguments().values().entrySet()) {
            if (ArgumentTable.find(owner(spec), e.getKey()) == null && isOthers(e.getKey(), e.getValue())) {
                return Reply.precondition(
                        Reply.Reason.INVALID_ARGUMENT,
                        "invalid arg '" + e.getKey() + "' for " + resource + " of queue type " + type(spec)
                                + ": declare the queue without it");
            }
        }
        return null;
    }

    /** Whether it is an argument of some type of queue, and asks for something. */
    private static boolean isOthers(String name, Object value) {
        for (Owner type : TYPES) {
            ArgumentRow row = ArgumentTable.find(type, name);
            if (row != null && (row.asWithout() == null || !row.asWithout().equals(value))) {
                return true;
            }
        }
        return false;
    }

    /** 406 for a name that the server was to make, for a type of queue that has to be found again. */
    public static Reply.Rejected serverNamedRefusal(QueueSpec spec) {
        return isQuorum(spec) || isStream(spec)
                ? Reply.precondition(
                        Reply.Reason.INVALID_ARGUMENT,
                        "Cannot declare a server-named queue for type " + type(spec) + ": give it a name")
                : null;
    }

    /**
     * Why a redeclare is not the same as the queue that is there, or null when it is. Compared are the flags and the
     * arguments of the {@link ArgumentTable}. An exclusive queue is never durable, so its durable flag does not count.
     */
    public static Reply.Rejected inequivalent(QueueSpec current, QueueSpec received, String queue, String vhost) {
        String resource = resource(vhost, queue);
        if (current.exclusive() != received.exclusive()) {
            return locked(queue, vhost);
        }
        Reply.Rejected r = ArgumentText.inequivalentField(
                "durable",
                resource,
                current.durable() && !current.exclusive(),
                received.durable() && !received.exclusive());
        if (r == null) {
            r = ArgumentText.inequivalentField("auto_delete", resource, current.autoDelete(), received.autoDelete());
        }
        for (String name : COMPARED) {
            boolean same = name.equals(ArgumentTable.QUEUE_TYPE) && owner(current) == owner(received);
            if (r == null && !same) {
                r = ArgumentText.inequivalent(name, resource, current.arguments(), received.arguments());
            }
        }
        return r;
    }

    /** What is asked for, without the word that it is to be changed. */
    public static QueueSpec withoutAlter(QueueSpec spec) {
        if (!spec.arguments().values().containsKey(ArgumentTable.ALTER)) {
            return spec;
        }
        TreeMap<String, Object> rest = new TreeMap<>(spec.arguments().values());
        rest.remove(ArgumentTable.ALTER);
        return new QueueSpec(spec.durable(), spec.exclusive(), spec.autoDelete(), new Arguments(rest));
    }

    /** Why a queue can't become this, with its messages; null when it can. */
    public static Reply.Rejected unalterable(Queue q, QueueSpec to) {
        String resource = resource(q);
        if (q.spec().exclusive() != to.exclusive()) {
            return locked(q.name(), q.vhost());
        }
        if (q.spec().durable() != to.durable() || q.spec().autoDelete() != to.autoDelete()) {
            return fixed(resource, "durable and auto_delete stay what they are");
        }
        if (q.isStream() != isStream(to)) {
            String what = q.isStream() ? "a stream stays a stream" : "a queue does not become a stream";
            return fixed(resource, what + ": declare another one and publish to that");
        }
        QueueSettings before = QueueSettings.of(q.spec().arguments());
        QueueSettings after = QueueSettings.of(to.arguments());
        if (Math.max(0, before.maxPriority()) != Math.max(0, after.maxPriority())) {
            return fixed(resource, ArgumentTable.MAX_PRIORITY + " stays what it is: its messages stand in that order");
        }
        if (!Objects.equals(before.lastValue(), after.lastValue())) {
            return fixed(resource, ArgumentTable.LAST_VALUE + " stays what it is");
        }
        if (q.filters().areThere() && after.sortsByHeader() && !before.sortsByHeader()) {
            return fixed(
                    resource,
                    "message groups and turns need all consumers to take what comes: cancel those with "
                            + ArgumentTable.FILTER + " first");
        }
        return before.singleActiveConsumer() != after.singleActiveConsumer()
                        && (q.consumerCount() > 0 || !q.holdings().holders().isEmpty())
                ? fixed(
                        resource,
                        ArgumentTable.SINGLE_ACTIVE_CONSUMER
                                + " changes only while nobody consumes and nothing is unacked: cancel the consumers first")
                : null;
    }

    private static Reply.Rejected fixed(String resource, String why) {
        return Reply.precondition(Reply.Reason.INEQUIVALENT, resource + " can't be altered so: " + why);
    }

    /** Whether the queue belongs to another connection alone. */
    public static Reply.Rejected locked(Queue q, ConnectionId by) {
        return q.owner() == null || q.owner().equals(by) ? null : locked(q.name(), q.vhost());
    }

    /** 405: the queue is another connection's own, or is not anybody's own while the client asked for that. */
    private static Reply.Rejected locked(String queue, String vhost) {
        return Reply.lockedQueue(resource(vhost, queue));
    }
}
