package io.tallymq.broker.processing;

import io.tallymq.broker.command.BindQueue;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.PauseQueue;
import io.tallymq.broker.command.PurgeQueue;
import io.tallymq.broker.command.VoidPublish;
import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.life.Connections;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.limits.WorkLimits;
import io.tallymq.broker.queue.ChannelState;
import io.tallymq.broker.queue.Departure;
import io.tallymq.broker.queue.Dirty;
import io.tallymq.broker.queue.Holder;
import io.tallymq.broker.queue.Queue;
import io.tallymq.broker.queue.QueueArguments;
import io.tallymq.broker.queues.Handouts;
import io.tallymq.broker.queues.Leaving;
import io.tallymq.broker.queues.Queues;
import io.tallymq.broker.routing.Topology;
import io.tallymq.broker.settings.ArgumentTable;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.DeferredName;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.broker.spec.ReceiptName;
import io.tallymq.broker.spec.ReportQueue;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/** The queue class of AMQP (1.7): declare, bind, purge, delete. */
public final class QueueCommands {
    /** The level of the state from which on operators declare queues. */
    private static final int OPERATORS = 3;

    private static final String RESERVED = "amq.";
    /** How names begin that the server makes, without a prefix of the client's. */
    private static final String SERVERS = "amq.gen-";
    /** The level of the state from which on clients may choose another one. */
    private static final int PREFIX_LEVEL = 5;

    /** What is noted of a queue's messages goes with it if it is no more than so many units: of the queues that one entry deletes there may be thousands. */
    private static final int FEW = 8;
    /** The level of the state from which on that is so. */
    private static final int FEW_LEVEL = 5;

    private final Queues queues;
    private final Topology topology;
    private final Connections connections;
    private final Dirty dirty;
    private final Handouts handouts;
    private final Leaving leaving;
    private final WorkLimits work;
    private final LongSupplier newNumber;
    private final IntSupplier level;
    private final PolicyCommands policies;
    private final VhostRules vhosts;
    private final StateLimits limits;
    private final Purging purging;

    /**
     * Made once.
     *
     * @param level of the state
     */
    public QueueCommands(
            Queues queues,
            Topology topology,
            Connections connections,
            Dirty dirty,
            Handouts handouts,
            Leaving leaving,
            LongSupplier newNumber,
            IntSupplier level,
            PolicyCommands policies,
            VhostRules vhosts,
            MachineLimits limits) {
        this.vhosts = vhosts;
        this.level = level;
        this.policies = policies;
        this.leaving = leaving;
        this.work = limits.work();
        this.limits = limits.state();
        this.queues = queues;
        this.topology = topology;
        this.connections = connections;
        this.dirty = dirty;
        this.handouts = handouts;
        this.newNumber = newNumber;
        this.purging = new Purging(queues, dirty, leaving, newNumber, level, work.atOnce());
    }

    /** queue.declare, and an operator's, see {@link ConnectionId#isOperator}. */
    public Reply declare(DeclareQueue asked, Effects effects) {
        Reply reply = declareIfMay(asked, effects);
        if (!asked.passive() && reply instanceof Reply.QueueDeclared) {
            queues.churn.declared();
        }
        return reply;
    }

    private Reply declareIfMay(DeclareQueue asked, Effects effects) {
        DeclareQueue d = asked.with(vhosts.withType(asked.vhost(), asked.spec()));
        boolean operator = d.connection().isOperator() && level.getAsInt() >= OPERATORS;
        if (!operator && connections.get(d.connection()) == null) {
            return Fenced.REPLY;
        }
        if (operator && d.spec().exclusive()) {
            return Reply.precondition(
                    Reply.Reason.INVALID_ARGUMENT,
                    "exclusive queues are a connection's own: an operator can't declare one");
        }
        Queue q = queues.find(d.vhost(), d.name());
        if (d.passive()) {
            return q == null ? missing(d.vhost(), d.name()) : declared(q, d.connection());
        }
        Reply.Rejected bad = refusal(d);
        QueueSpec spec = QueueArguments.withoutAlter(d.spec());
        if (q != null) {
            Reply.Rejected locked = QueueArguments.locked(q, d.connection());
            if (locked != null || bad != null) {
                return locked != null ? locked : bad;
            }
            if (Boolean.TRUE.equals(d.spec().arguments().get(ArgumentTable.ALTER))) {
                return alter(q, spec, d.connection(), effects);
            }
            Reply.Rejected other = QueueArguments.inequivalent(q.spec(), spec, d.name(), d.vhost());
            return other != null ? other : declared(q, d.connection());
        }
        if (d.name().startsWith(RESERVED) && !isServers(d) && !isFeed(d)) {
            return Reply.accessRefused("queue name '" + d.name() + "' contains reserved prefix 'amq.*'");
        }
        if (bad != null) {
            return bad;
        }
        Reply.Rejected none = noneMore(d);
        if (none != null) {
            return none;
        }
        q = queues.create(newNumber.getAsLong(), d.with(spec), level.getAsInt());
        policies.declared(q);
        if (q.owner() != null) {
            connections.get(d.connection()).exclusiveQueues.add(q.number());
        }
        return declared(q, d.connection());
    }

    /** The server made the name, and its client did not ask for the broker's own names by a prefix. */
    private static boolean isServers(DeclareQueue d) {
        return d.serverNamed()
                && !(d.spec().arguments().get(ArgumentTable.NAME_PREFIX) instanceof String prefix
                        && (isReserved(prefix) || isReserved(d.name())));
    }

    private static boolean isReserved(String name) {
        return name.startsWith(RESERVED) && !name.startsWith(SERVERS);
    }

    /** The one name of the broker's that clients declare. */
    private boolean isFeed(DeclareQueue d) {
        return d.name().equals(ReportQueue.FEED)
                && QueueArguments.isStream(d.spec())
                && level.getAsInt() >= VoidPublish.LEVEL;
    }

    /** Null if there may be one more. */
    private Reply.Rejected noneMore(DeclareQueue d) {
        Reply.Rejected r = vhosts.missing(d.vhost());
        if (r == null && queues.all().size() >= limits.of(StateLimit.QUEUES)) {
            return Reply.limit(limits, StateLimit.QUEUES);
        }
        r = r != null ? r : queues.refusal(d.spec().arguments());
        return r != null ? r : vhosts.tooMany(d.vhost(), d.name());
    }

    private Reply.Rejected refusal(DeclareQueue d) {
        Reply.Rejected bad = d.serverNamed() ? QueueArguments.serverNamedRefusal(d.spec()) : null;
        if (bad == null) {
            bad = QueueArguments.check(d.spec(), d.name(), d.vhost());
        }
        String resource = QueueArguments.resource(d.vhost(), d.name());
        if (bad == null) {
            bad = QueueArguments.unknownAt(level.getAsInt(), d.spec().arguments(), resource);
        }
        return bad != null
                ? bad
                : QueueArguments.unknownAt(
                        level.getAsInt(),
                        PREFIX_LEVEL,
                        ArgumentTable.NAME_PREFIX,
                        d.spec().arguments(),
                        resource);
    }

    /** The queue becomes what the redeclare says, and keeps its messages and consumers. */
    private Reply alter(Queue q, QueueSpec to, ConnectionId by, Effects effects) {
        Reply.Rejected fixed = QueueArguments.unalterable(q, to);
        fixed = fixed != null ? fixed : queues.refusal(to.arguments(), q.spec().arguments());
        if (fixed != null) {
            return fixed;
        }
        queues.alter(q, to, policies.inEffect(to, q));
        handouts.dispatch(q, effects); // a limit may be lower
        return declared(q, by);
    }

    private Reply declared(Queue q, ConnectionId by) {
        Reply.Rejected locked = QueueArguments.locked(q, by);
        if (locked == null) {
            q.disuse().used(dirty);
        }
        return locked != null ? locked : new Reply.QueueDeclared(q.name(), q.ready(), q.consumerCount());
    }

    public Reply delete(DeleteQueue d, Effects effects) {
        Queue q = queues.find(d.vhost(), d.name());
        if (q == null) {
            return new Reply.Removed(0);
        }
        Reply.Rejected locked = QueueArguments.locked(q, d.connection());
        if (locked != null) {
            return locked;
        }
        if (d.ifUnused() && q.consumerCount() > 0) {
            return Reply.precondition(Reply.Reason.IN_USE, QueueArguments.resource(q) + " in use");
        }
        if (d.ifEmpty()
                && q.ready()
                                + q.resting().count()
                                + q.resting().aside()
                                + q.dying().left()
                        > 0) {
            return Reply.precondition(Reply.Reason.NOT_EMPTY, QueueArguments.resource(q) + " not empty");
        }
        final long ready = q.ready();
        remove(q, effects);
        return new Reply.Removed(ready);
    }

    /** Whether its end is too much for one entry. Resting messages and what is aside have others that take them out. */
    private boolean isMuch(Queue q) {
        return Leaving.remains(q) > (level.getAsInt() < FEW_LEVEL ? work.atOnce() : FEW);
    }

    /** Deletes a queue with all that hangs on it, but for dead letters that are on their way; its consumers are told. */
    void remove(Queue q, Effects effects) {
        if (!q.dying().isOnItsWay() && !isMuch(q)) {
            removeAtOnce(q, effects);
            return;
        }
        removeByAndBy(q, effects);
    }

    private void removeByAndBy(Queue q, Effects effects) {
        Departure d = Departure.of(newNumber.getAsLong(), Departure.Whose.nobody(), List.of(), List.of(q.number()));
        leaving.begin(d);
        remove(q, d, effects);
        leaving.added(d);
    }

    /**
     * The same when its virtual host goes, with all its dead letters: nothing waits for those, on their way or stuck.
     *
     * @return units of what was noted of its messages, as far as that is taken out
     */
    int removeWithVhost(Queue q, Effects effects) {
        if (isMuch(q)) {
            q.dying().giveUp();
            dirty.touched(q);
            removeByAndBy(q, effects);
            return 0;
        }
        int remains = Leaving.remains(q);
        removeAtOnce(q, effects);
        return remains;
    }

    /** The same with its dead letters. */
    private void removeAtOnce(Queue q, Effects effects) {
        boolean later =
                q.holdings().holders().size() > work.atOnce() || q.holdings().haveMany();
        Set<Channel> limited = abandon(q, later, effects);
        queues.remove(q);
        limited.forEach(ch -> dispatchChannel(connections.get(ch.connection), ch.number, 0, null, effects));
    }

    /** The same, and what memory and store have of its messages is taken out by later entries. */
    void remove(Queue q, Departure with, Effects effects) {
        Set<Channel> limited = abandon(q, true, effects);
        q.valuesDeleted();
        queues.removeLater(q);
        leaving.add(q, with);
        limited.forEach(ch -> dispatchChannel(connections.get(ch.connection), ch.number, 0, null, effects));
    }

    private record Channel(ConnectionId connection, int number) {}

    /**
     * Nothing leads to the queue any more, and nobody has its messages. Returns the channels where that makes room for others.
     *
     * @param later its holders' records are taken out by later entries
     */
    private Set<Channel> abandon(Queue q, boolean later, Effects effects) {
        Set<Channel> limited = new LinkedHashSet<>();
        for (Holder h : q.holdings().holders()) {
            if (!h.isGetter() && !h.isCancelled()) {
                effects.consumerCancelled(h);
            }
            Connections.Connection c = h.departure() == null ? connections.get(h.connection()) : null;
            if (c != null) {
                c.remove(h);
            }
            if (c != null && c.isLimited(h.channel())) {
                limited.add(new Channel(h.connection(), h.channel()));
            }
            if (later) {
                queues.orphan(h);
            } else {
                leaving.forget(h);
                queues.forget(h);
            }
        }
        topology.queueDeleted(q);
        Connections.Connection owner = q.owner() == null ? null : connections.get(q.owner());
        if (owner != null) {
            owner.exclusiveQueues.remove(q.number());
        }
        return limited;
    }

    /**
     * Hands out what the consumers of a channel may have, now that others of the channel hold less; in turn, and only as many are looked
     * at as there is room for. Queues that wait for the next entries anyway are left to those.
     *
     * @param behind the number of the holder behind which it begins, so that room goes round
     * @param later a queue that the caller hands out from afterwards, or null: what came back to it in this command is not in the turn yet
     */
    void dispatchChannel(Connections.Connection c, int channel, long behind, Queue later, Effects effects) {
        ChannelState state = c == null ? null : c.state(channel);
        if (state == null) {
            return;
        }
        Holder h = state.nextParked(behind);
        while (h != null) {
            Queue q = h.queue();
            q.turns().unpark(h);
            if (q != later && !q.assignment().isWaiting()) {
                handouts.roomCame(q, effects);
            }
            h = state.nextParked(h.number());
        }
    }

    public Reply purge(PurgeQueue p, Effects effects) {
        Queue q = queues.find(p.vhost(), p.name());
        if (q == null) {
            return notFound(p.vhost(), p.name());
        }
        Reply.Rejected locked = QueueArguments.locked(q, p.connection());
        if (locked != null) {
            return locked;
        }
        if (q.isStream()) {
            return Reply.notImplemented("queue.purge not supported by stream " + QueueArguments.resource(q)
                    + ": a limit or x-max-age takes its oldest messages out");
        }
        return new Reply.Removed(purging.purge(q, effects));
    }

    public Reply pause(PauseQueue p, Effects effects) {
        Queue q = queues.find(p.vhost(), p.name());
        if (q == null) {
            return notFound(p.vhost(), p.name());
        }
        if (q.isStream()) {
            return Reply.notImplemented("a pause is not supported by stream " + QueueArguments.resource(q)
                    + ": its readers read by themselves");
        }
        if (q.assignment().isPaused() != p.pause()) {
            q.assignment().pause(p.pause(), effects);
            dirty.touched(q);
            handouts.dispatch(q, effects);
        }
        return Reply.OK;
    }

    public Reply bind(BindQueue b) {
        Queue q = queues.find(b.vhost(), b.binding().destination());
        if (q == null) {
            return b.add() ? notFound(b.vhost(), b.binding().destination()) : Reply.OK;
        }
        if (!b.add() && !topology.isBound(b.vhost(), b.binding(), q)) {
            return Reply.OK;
        }
        Reply.Rejected locked = QueueArguments.locked(q, b.connection());
        return locked != null ? locked : topology.bindQueue(b.vhost(), b.binding(), q, b.add());
    }

    /** The same for what can be done with queues alone, and not with a deferred message. */
    static Reply.Rejected missing(String vhost, String name) {
        return DeferredName.isName(name)
                ? Reply.accessRefused(DeferredName.reserved(name))
                : ReceiptName.isName(name) ? Reply.accessRefused(ReceiptName.reserved(name)) : notFound(vhost, name);
    }

    static Reply.Rejected notFound(String vhost, String name) {
        return Reply.notFound("no " + QueueArguments.resource(vhost, name));
    }
}
