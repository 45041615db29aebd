package io.tallymq.admin.messages;

import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.Json;
import io.tallymq.admin.request.RefusedException;
import io.tallymq.broker.Broker;
import io.tallymq.broker.Session;
import io.tallymq.broker.SessionListener;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.spec.ConnectionInfo;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * A connection of the broker for the time of one request, as a client of AMQP has one: limits count it, lists show it, operators may close
 * it. Its loop's, but for {@link #open}.
 */
final class BriefConnection implements SessionListener {
    /** The only one. */
    static final int CHANNEL = 1;

    private final Broker broker;
    private final Executor loop;
    private final ConnectionInfo info;
    /** Fails when nothing can be had of the connection any more. */
    private final CompletableFuture<Answer> ended = new CompletableFuture<>();

    private Session session;
    private String blocked;
    private boolean unrouted;
    private boolean awaitsAll;
    /** Takes back what is waited for. */
    private Runnable giveUp = () -> {};

    private Reply.Rejected refused;
    private CompletableFuture<Answer> published;

    private BriefConnection(Broker broker, Executor loop, ConnectionInfo info) {
        this.broker = broker;
        this.loop = loop;
        this.info = info;
    }

    /**
     * Opens one for the user of the request in the virtual host of its path.
     *
     * @param loop one thread, which may wait for nothing
     * @param now milliseconds since the epoch
     */
    static CompletableFuture<BriefConnection> open(Broker broker, Executor loop, ApiRequest request, long now) {
        String from = request.from();
        var info = new ConnectionInfo(
                from + " -> HTTP API of " + broker.node(),
                request.variable("vhost"),
                request.user().name(),
                new ConnectionInfo.Endpoint(from, 0),
                new ConnectionInfo.Endpoint("", 0),
                new ConnectionInfo.Negotiated(1, 0, 0, "HTTP", now),
                new Arguments(new TreeMap<>(Map.of("product", "TallyMQ HTTP API"))));
        var opened = new CompletableFuture<BriefConnection>();
        loop.execute(() -> {
            try {
                new BriefConnection(broker, loop, info).open(opened);
            } catch (RuntimeException | Error e) { // who waits must hear of it
                opened.completeExceptionally(e);
            }
        });
        return opened;
    }

    private void open(CompletableFuture<BriefConnection> opened) {
        session = broker.connect(info.vhost(), this, loop);
        ended.exceptionally(why -> {
            opened.completeExceptionally(why);
            return null;
        });
        call(new OpenConnection(session.id(), info)).thenAccept(reply -> {
            if (reply instanceof Reply.Rejected why) {
                end(RefusedException.of(why));
            } else {
                opened.complete(this);
            }
        });
    }

    Session session() {
        return session;
    }

    Executor loop() {
        return loop;
    }

    /** Fails, with an answer, when the connection is closed by others. */
    CompletableFuture<Answer> ended() {
        return ended;
    }

    CompletableFuture<Reply> call(Command command) {
        var reply = new CompletableFuture<Reply>();
        session.submit(command, reply::complete);
        return reply;
    }

    /** Once. The answer comes when the message is confirmed, or will not be. */
    CompletableFuture<Answer> publish(Session.PublishTarget target, PublishBody content) {
        published = new CompletableFuture<>();
        awaitsAll = content.confirmsByAll();
        if (blocked != null) {
            return CompletableFuture.failedFuture(blockedBy(blocked));
        } else if (!session.isWritable(true)) {
            return CompletableFuture.failedFuture(RefusedException.of(
                    503, "overloaded", "too much waits to be replicated: try again, fewer at a time"));
        }
        session.publish(CHANNEL, 1, target, content);
        return published;
    }

    static RefusedException blockedBy(String reason) {
        return RefusedException.of(503, "blocked", "publishers are blocked at the moment: " + reason);
    }

    /** What it holds goes back. Nothing is heard of it any more. */
    void close() {
        giveUp.run();
        session.close(List.of());
    }

    private void end(RefusedException why) {
        close();
        ended.completeExceptionally(why);
    }

    @Override
    public void confirmed(int channel, long seq) {
        if (refused != null) {
            published.completeExceptionally(RefusedException.of(refused));
        } else if (awaitsAll) {
            giveUp = broker.onceOnAll(this::complete);
        } else {
            complete();
        }
    }

    private void complete() {
        published.complete(Answer.ok(Json.object().put("routed", !unrouted)));
    }

    @Override
    public void awaitsAll(int channel, long first, long last) {
        awaitsAll = true;
    }

    @Override
    public void returned(int channel, long seq, ReturnedMessage message) {
        unrouted = true; // why it is refused, if it is, comes next
    }

    @Override
    public void returnedInParts(int channel, long seq, ReturnedParts message, Runnable written) {
        unrouted = true;
        written.run();
    }

    @Override
    public void refused(int channel, long seq, Reply.Rejected why) {
        refused = why;
    }

    @Override
    public void closed(String reason) {
        end(RefusedException.of(503, "connection_closed", reason));
    }

    @Override
    public void blocked(String reason) {
        blocked = reason;
    }

    @Override
    public void unblocked() {
        blocked = null;
    }

    // Of no interest to who consumes nothing and publishes once.

    @Override
    public void deliver(int channel, String consumerTag, Delivery delivery) {}

    @Override
    public void cancelled(int channel, String consumerTag, long consumer) {}

    @Override
    public void giveBack(int channel, long consumer) {}

    @Override
    public void writable() {}

    @Override
    public void deliverable() {}

    /** What it got may be others' soon, so nothing of it is told. */
    @Override
    public void leftBehind() {
        end(RefusedException.of(503, "unavailable", "this node may have been left behind by the cluster"));
    }

    @Override
    public void eventsEnd() {}
}
