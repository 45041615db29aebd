package io.tallymq.raft.session;

import io.tallymq.broker.SessionListener.Reason;
import io.tallymq.broker.SessionListener.ReturnedMessage;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.effect.Backlog;
import io.tallymq.broker.effect.Consumer;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.ProducedBy;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ReplyConsumer;
import io.tallymq.broker.store.Chunk;
import io.tallymq.raft.pace.Pacer;
import java.util.Arrays;

/** What entries set off at this node: its sessions hear of what concerns them, and of what becomes of what they published. The applying thread. */
final class SessionEffects implements Effects {
    private final String node;
    private final Outbox outbox;
    private final Pacer pacer;
    private final Tracing tracing;
    private final RuntimeMetrics metrics;
    private final TouchedSessions sessions;
    /** This node's registration is applied: effects for its connections concern sessions of now. */
    private boolean serving;

    // While an own batch is applied: the batch, and the message that effects were last asked about.
    private Batch own;
    private Publish run;
    private int cursorOrdinal;
    private int cursor;
    /** Of the batch, the messages whose publishers were told last that all members have to have them. */
    private int awaitedFirst;

    private int awaitedEnd;

    SessionEffects(
            String node,
            Outbox outbox,
            Pacer pacer,
            Tracing tracing,
            RuntimeMetrics metrics,
            TouchedSessions sessions) {
        this.node = node;
        this.outbox = outbox;
        this.pacer = pacer;
        this.tracing = tracing;
        this.metrics = metrics;
        this.sessions = sessions;
    }

    /** This node's registration is applied, or has ended. */
    void serve(boolean does) {
        serving = does;
    }

    boolean isServing() {
        return serving;
    }

    /** A batch is applied from now on; null if it is another node's, or of an earlier start. */
    void begin(Batch batch) {
        own = batch;
        awaitedFirst = 0;
        awaitedEnd = 0;
    }

    /** The one that is applied, if it is this node's; null. */
    Batch own() {
        return own;
    }

    void end() {
        own = null;
        run = null;
    }

    /** Its effects are of these publishes from now on. */
    void publishes(Publish p) {
        run = p;
        cursor = p.offset();
        cursorOrdinal = p.first();
    }

    @Override
    public void deliver(Consumer consumer, Delivery delivery) {
        ClientSession s = session(consumer.connection());
        if (s != null) {
            sessions.tell(
                    s,
                    new SessionEvent.Delivered(
                            consumer.channel(), consumer.spec().tag(), delivery));
        }
    }

    @Override
    public void consumerCancelled(Consumer consumer) {
        ClientSession s = session(consumer.connection());
        if (s != null) {
            sessions.tell(
                    s,
                    new SessionEvent.Cancelled(
                            consumer.channel(), consumer.spec().tag(), consumer.number()));
        }
    }

    @Override
    public void grew(Consumer reader, Chunk chunk) {
        ClientSession s = session(reader.connection());
        if (s != null) {
            sessions.tell(s, new SessionEvent.Grew(reader.channel(), reader.number(), chunk));
        }
    }

    @Override
    public void ready(Consumer filtering, long[] ranges) {
        ClientSession s = session(filtering.connection());
        if (s != null) {
            sessions.tell(s, new SessionEvent.Ready(filtering.channel(), filtering.number(), ranges));
        }
    }

    @Override
    public void timedOut(Consumer consumer, long timeout, long messages) {
        ClientSession s = session(consumer.connection());
        if (s != null) {
            sessions.tell(s, new SessionEvent.TimedOut(consumer.channel(), consumer.number(), timeout, messages));
        }
    }

    @Override
    public void giveBack(Consumer consumer) {
        ClientSession s = session(consumer.connection());
        if (s != null) {
            sessions.tell(s, new SessionEvent.GiveBack(consumer.channel(), consumer.number()));
        }
    }

    @Override
    public void connectionForced(ConnectionId connection, String reason) {
        ClientSession s = session(connection);
        if (s != null) {
            sessions.tell(s, new SessionEvent.Forced(reason));
        }
    }

    @Override
    public void connectionClosed(ConnectionId connection, String reason) {
        ClientSession s = session(connection);
        if (s != null) {
            s.end();
            outbox.forget(s);
            sessions.tell(s, new SessionEvent.Closed(reason));
        }
    }

    /** The session of a connection of this node; null if it is another's, or of an earlier start. */
    ClientSession session(ConnectionId id) {
        return serving && id.node().equals(node) ? outbox.session(id.number()) : null;
    }

    @Override
    public void unroutable(int ordinal) {
        if (own == null) {
            return;
        }
        tracing.outcome(own, ordinal, "returned: no route");
        giveBack(ordinal, Reason.NO_ROUTE);
    }

    /** The message comes back to its publisher. */
    private void giveBack(int ordinal, Reason why) {
        byte[] b = run.bytes();
        int at = record(ordinal);
        Route route = run.routes().get(MessageRecord.route(b, at));
        Mark m = own.runs.mark(ordinal);
        if (MessageRecord.isExternal(b, at)) {
            returnUpload(m, own.runs.seq(ordinal), why, route, at);
            return;
        }
        ReturnedMessage message = new ReturnedMessage(
                why,
                route,
                b,
                MessageRecord.propertiesOffset(b, at),
                MessageRecord.propertiesLength(b, at),
                MessageRecord.bodyOffset(b, at),
                MessageRecord.inlineLength(b, at));
        if (hasName(b, at)) {
            message = message.alone(); // what is applied stays as it is
            ProducedBy.toPublished(message.bytes(), 0, message.propertiesLength());
        }
        sessions.tell(m.session, new SessionEvent.Returned(m.channel, own.runs.seq(ordinal), message));
    }

    /** Then its headers are those of copies. */
    private static boolean hasName(byte[] b, int at) {
        return Extension.of(b, at).terms().hasName();
    }

    private void returnUpload(Mark m, long seq, Reason why, Route route, int at) {
        byte[] b = run.bytes();
        int properties = MessageRecord.propertiesOffset(b, at);
        long upload = MessageRecord.externalId(b, at);
        Long shared = m.session.endUpload(upload);
        if (shared == null) {
            return; // the session has ended, and its uploads with it
        }
        byte[] copied = Arrays.copyOfRange(b, properties, properties + MessageRecord.propertiesLength(b, at));
        if (hasName(b, at)) {
            ProducedBy.toPublished(copied, 0, copied.length);
        }
        ReturnedUpload.StoredBody body = new ReturnedUpload.StoredBody(upload, shared, MessageRecord.bodyLength(b, at));
        sessions.tell(m.session, ReturnedUpload.of(m, seq, why, route, copied, body));
    }

    @Override
    public void directReply(int ordinal, ReplyConsumer to, long upload, long shared) {
        ClientSession s = session(to.connection());
        if (s == null) {
            return;
        }
        AddressedReply reply = AddressedReply.of(s, to, run.bytes(), record(ordinal), upload, shared);
        if (reply.isTaken()) {
            sessions.tell(s, reply);
        } else {
            metrics.droppedReplies.increment();
            reply.drop();
        }
    }

    @Override
    public void publishing(int first, int end, Backlog queue) {
        if (own == null) {
            return;
        }
        if (!own.traced.isEmpty()) {
            tracing.reaches(own, first, end, queue.name());
        }
        if (queue.confirmsByAll()) {
            awaitAll(first, end);
        }
        if (pacer.isFull() && pacer.isBehind(queue)) {
            own.runs.forEach(first, end, (mark, seq, messages) -> {
                mark.waitsFor = queue.number();
                mark.waiting += messages;
            });
        }
    }

    /** The same messages come once for each of their queues, one after the other: with many channels in turn that is much to be told, and to be kept until it is. */
    private void awaitAll(int first, int end) {
        if (first >= awaitedFirst && end <= awaitedEnd) {
            return;
        }
        awaitedFirst = first;
        awaitedEnd = end;
        own.runs.forEach(
                first,
                end,
                (mark, seq, messages) ->
                        sessions.tell(mark.session, new SessionEvent.AwaitsAll(mark.channel, seq, seq + messages - 1)));
    }

    @Override
    public void awaitsAll(int ordinal) {
        if (own != null) {
            Mark m = own.runs.mark(ordinal);
            long seq = own.runs.seq(ordinal);
            sessions.tell(m.session, new SessionEvent.AwaitsAll(m.channel, seq, seq));
        }
    }

    @Override
    public void publishRefused(int ordinal, Reply.Rejected why) {
        if (own == null) {
            return;
        }
        tracing.outcome(own, ordinal, "refused: " + why.text());
        if (!why.reason().endsPublisher() && MessageRecord.comesBack(run.bytes(), record(ordinal))) {
            giveBack(ordinal, Reason.of(why));
        }
        Mark m = own.runs.mark(ordinal);
        sessions.tell(m.session, new SessionEvent.Refused(m.channel, own.runs.seq(ordinal), why));
    }

    /** Where the message's record begins. Ordinals mostly ascend, so the way from the last one is short. */
    private int record(int ordinal) {
        if (ordinal < cursorOrdinal) {
            cursorOrdinal = run.first();
            cursor = run.offset();
        }
        while (cursorOrdinal < ordinal) {
            cursor += MessageRecord.length(run.bytes(), cursor);
            cursorOrdinal++;
        }
        return cursor;
    }
}
