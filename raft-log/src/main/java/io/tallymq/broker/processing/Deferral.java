package io.tallymq.broker.processing;

import io.tallymq.broker.access.KeptRights;
import io.tallymq.broker.access.Rights;
import io.tallymq.broker.aside.DeferredTokens.Place;
import io.tallymq.broker.chunk.PublishRun;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.SettleWith;
import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.life.Connections;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.moving.MovedMessages;
import io.tallymq.broker.moving.Placement;
import io.tallymq.broker.queue.Agenda;
import io.tallymq.broker.queue.Dirty;
import io.tallymq.broker.queue.Holder;
import io.tallymq.broker.queue.Queue;
import io.tallymq.broker.queue.QueueArguments;
import io.tallymq.broker.queues.Queues;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.DeferredName;
import io.tallymq.broker.spec.ReportQueue;
import io.tallymq.broker.spec.RoutingTarget;
import java.nio.charset.StandardCharsets;

/** Messages that are put aside under a token, and taken by it. */
public final class Deferral {
    /** The property flags of a message that has a correlation id and nothing else. */
    private static final int CORRELATION_ID = 1 << 10;

    /** What a look for a token, and at who may have its message, costs, whatever comes of it. */
    private static final int TAKE = 8;

    private final Queues queues;
    private final Connections connections;
    private final ConsumerCommands consumers;
    private final Placement placement;
    private final Dirty dirty;
    private final KeptRights rights;
    private final StateLimits limits;
    private long work;

    public Deferral(
            Queues queues,
            Connections connections,
            ConsumerCommands consumers,
            Placement placement,
            Dirty dirty,
            KeptRights rights,
            StateLimits limits) {
        this.rights = rights;
        this.queues = queues;
        this.connections = connections;
        this.consumers = consumers;
        this.placement = placement;
        this.dirty = dirty;
        this.limits = limits;
    }

    /** The work since it was asked last, in the units of publishes. */
    public long work() {
        long done = work;
        work = 0;
        return done;
    }

    /** Why a message can't be put aside; null when it can. */
    Reply.Rejected refusal(Queue q, SettleWith.Defer defer) {
        Place place = queues.aside().tokens().find(q.vhost(), defer.token());
        if (queueHaving(place, defer.token()) != null) {
            return new Reply.Rejected(
                    406,
                    Reply.Reason.IN_USE,
                    "another message of vhost '" + q.vhost() + "' is deferred with token '" + defer.token() + "'");
        }
        if (q.resting().aside() >= limits.ofOne(StateLimit.DEFERRED)) {
            return limit(QueueArguments.resource(q) + " has " + limits.ofOne(StateLimit.DEFERRED)
                    + " deferred messages, the most it takes");
        }
        if (queues.aside().deferred() >= limits.of(StateLimit.DEFERRED)) {
            return limit(limits.text(StateLimit.DEFERRED));
        }
        return defer.replyTo().isEmpty() ? null : untold(q.vhost(), defer);
    }

    private static Reply.Rejected limit(String text) {
        return new Reply.Rejected(506, Reply.Reason.LIMIT, text);
    }

    /** Why nobody would hear of the token. */
    private Reply.Rejected untold(String vhost, SettleWith.Defer defer) {
        String reserved = ReportQueue.reserved(defer.replyTo());
        if (reserved != null) { // a nack, as all that is refused here
            return new Reply.Rejected(403, Reply.Reason.UNROUTABLE, reserved);
        }
        Queue to = queues.find(vhost, defer.replyTo());
        if (to == null) {
            return new Reply.Rejected(
                    312,
                    Reply.Reason.UNROUTABLE,
                    "nobody would hear of the token: no " + QueueArguments.resource(vhost, defer.replyTo()));
        }
        return to.limit().refusal(0, 0, body(defer).length);
    }

    private static byte[] body(SettleWith.Defer defer) {
        return defer.token().getBytes(StandardCharsets.UTF_8);
    }

    /** Null when it is deleted, or purged since, and of null. */
    private Queue queueHaving(Place place, String token) {
        Queue q = place == null ? null : queues.byNumber(place.queue());
        return q != null && token.equals(q.aside().deferred().token(place.seq())) ? q : null;
    }

    /** There is no {@link #refusal}; {@link #tell} follows. */
    void defer(Holder h, SettleWith s, Stamp entry) {
        long until = s.delay() > 0 ? entry.time() + s.delay() : Agenda.NEVER;
        h.queue().holdings().defer(h, s.seq(), s.defer().token(), until, dirty);
    }

    /** Who is to hear of the token, if anybody. */
    void tell(String vhost, SettleWith.Defer defer, Stamp entry, Effects effects) {
        if (defer.replyTo().isEmpty()) {
            return;
        }
        MovedMessages told = new MovedMessages();
        byte[] id = defer.correlationId() == null ? null : defer.correlationId().getBytes(StandardCharsets.UTF_8);
        ByteWriter properties = new ByteWriter(32).uint16(id == null ? 0 : CORRELATION_ID);
        if (id != null) {
            properties.uint8(id.length).raw(id, 0, id.length);
        }
        byte[] body = body(defer);
        int route = told.number(new Route(vhost, "", defer.replyTo()));
        MessageRecord.writeHeader(told.records, 0, route, properties.size(), body.length);
        told.records.raw(properties.array(), 0, properties.size()).raw(body, 0, body.length);
        placement.begin(new PublishRun(told.publish(), entry.time()), 0, entry, effects, false);
        placement.add(0, new RoutingTarget[] {queues.find(vhost, defer.replyTo())});
        placement.finish(1);
        work += placement.work();
    }

    /** The token leads to a queue that the node of the client did not know of: whether its user may read that is looked at here. */
    private Reply.Rejected unreadable(Queue q, ConnectionId by) {
        String user = connections.infoOf(by).user();
        return rights.of(user, q.vhost()).may(Rights.Act.READ, q.name())
                ? null
                : Reply.accessRefused("read access to queue '" + q.name() + "' in vhost '" + q.vhost()
                        + "' refused for user '" + user + "'");
    }

    /**
     * basic.get from a message's name. Nothing to be had: it was taken, came back or is gone; or another consumer has its group. Names of
     * messages come and go by themselves, so none is the client's mistake.
     */
    public Reply take(Get g, long now) {
        Connections.Connection connection = connections.get(g.connection());
        if (connection == null) {
            return Fenced.REPLY;
        }
        work += TAKE;
        String token = DeferredName.token(g.queue());
        Place place = queues.aside().tokens().find(g.vhost(), token);
        Queue q = queueHaving(place, token);
        if (q == null) {
            return Reply.EMPTY;
        }
        Reply.Rejected refused = QueueArguments.locked(q, g.connection());
        refused = refused != null ? refused : unreadable(q, g.connection());
        if (refused != null) {
            return refused;
        }
        Holder h = connection.getter(g.channel(), q, g.noAck());
        if (q.aside().deferred().due(place.seq()) <= now || !q.lanes().mayHave(h, place.seq())) {
            return Reply.EMPTY;
        }
        q.disuse().used(dirty);
        if (h == null) {
            Reply.Rejected refusal = consumers.noRoom();
            if (refusal != null) {
                return refusal;
            }
            h = consumers.addGetter(q, g);
        }
        return new Reply.Got(h.number(), q.assignment().take(h, place.seq(), dirty), q.ready());
    }
}
