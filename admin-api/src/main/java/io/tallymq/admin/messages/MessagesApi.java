package io.tallymq.admin.messages;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.request.ActionNotes;
import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.request.HttpRoute.Access;
import io.tallymq.admin.request.HttpRoute.Lane;
import io.tallymq.admin.request.Json;
import io.tallymq.admin.request.NamedExchange;
import io.tallymq.admin.request.RefusedException;
import io.tallymq.admin.request.RequestFields;
import io.tallymq.admin.request.RequestPermits;
import io.tallymq.broker.Broker;
import io.tallymq.broker.Session;
import io.tallymq.broker.access.Rights.Act;
import io.tallymq.broker.command.NoteAction;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.VoidPublish;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.DeferredName;
import io.tallymq.broker.spec.ReceiptName;
import io.tallymq.broker.spec.ReportQueue;
import io.tallymq.broker.spec.ScheduleName;
import io.tallymq.broker.view.Foreseen;
import io.tallymq.timer.Timers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * Messages are published and got by HTTP, over a connection of the broker that lives as long as the request. For tries and for repairs: it costs
 * more than AMQP, and so many are under way at a time at most.
 */
public final class MessagesApi {
    /** Publishes on their way. */
    static final int MOST_PUBLISHES = 16;
    /** Gets under way, and answers that are being sent: each may have 8 MiB of messages in memory. */
    static final int MOST_GETS = 2;

    private static final String OVERLOADED = "too many messages are published or got by HTTP: try again, or use AMQP";

    /** What is needed to wait, and where sessions are told. */
    public record Threads(Timers timers, ScheduledExecutorService timer, Executor loop, LongSupplier clock) {}

    private final AdminContext context;
    private final Threads threads;
    private final Slots publishes = new Slots(MOST_PUBLISHES, OVERLOADED);
    private final Slots gets = new Slots(MOST_GETS, OVERLOADED);

    public MessagesApi(AdminContext context, Threads threads) {
        this.context = context;
        this.threads = threads;
    }

    public List<HttpRoute> routes() {
        return List.of(
                HttpRoute.forWrites("/api/exchanges/{vhost}/{name}/publish", Lane.STATE)
                        .with("POST", Access.MANAGEMENT, this::publish),
                HttpRoute.forWrites("/api/queues/{vhost}/{name}/get", Lane.STATE)
                        .with("POST", Access.MANAGEMENT, this::get));
    }

    private CompletionStage<Answer> publish(ApiRequest request) {
        context.requireVhost(request);
        RequestPermits permits = RequestPermits.of(context, request);
        String exchange = NamedExchange.of(request.variable("name"));
        permits.exchange(Act.WRITE, exchange);
        PublishBody message = PublishBody.of(
                RequestFields.of(request), context.config().limits().messageBytes(), permits);
        permits.topic(Act.WRITE, exchange, message.routingKey());
        message.keys().forEach(key -> permits.topic(Act.WRITE, exchange, key));
        requireTaken(exchange, message.routingKey());
        message.keys().forEach(key -> requireTaken(exchange, key));
        if (message.reportsTo() != null) { // to publish it is to publish there
            permits.exchange(Act.WRITE, "");
            permits.topic(Act.WRITE, "", message.reportsTo());
            requireTaken("", message.reportsTo());
        }
        if (message.hasTime() && exchange.equals(ScheduleName.EXCHANGE)) {
            throw RefusedException.badRequest(ScheduleName.noTime());
        }
        if (message.hasTerms()) {
            context.requireLevel(VoidPublish.LEVEL, "publishes have names, conditions and reports");
        }
        if (isDry(request)) {
            Slots.Slot slot = publishes.take();
            try {
                return CompletableFuture.completedFuture(
                        foreseen(new Route(request.variable("vhost"), exchange, message.routingKey()), message));
            } finally {
                slot.leave();
            }
        }
        var target = new Session.PublishTarget(request.variable("vhost"), exchange, message.routingKey(), true);
        return over(
                request, publishes.take(), context.config().timeouts().confirmPath(), c -> c.publish(target, message));
    }

    /** That the broker takes messages by this name, if it is a queue's. */
    static void requireTaken(String exchange, String key) {
        if (exchange.isEmpty() && DeferredName.isName(key)) {
            throw RefusedException.badRequest(DeferredName.reserved(key));
        }
        if (exchange.isEmpty() && ReceiptName.isName(key)) {
            throw RefusedException.badRequest(ReceiptName.reserved(key));
        }
        String reserved = exchange.isEmpty() ? ReportQueue.reserved(key) : null;
        if (reserved != null) {
            throw RefusedException.of(403, "not_authorised", reserved);
        }
    }

    private static boolean isDry(ApiRequest request) {
        String dry = request.target().parameter("dry_run").orElse("0");
        if (!dry.matches("0|1|true|false")) {
            throw RequestFields.expected("dry_run", "1, true, 0 or false");
        }
        return dry.matches("1|true");
    }

    /** What would become of it: nothing is published. */
    private Answer foreseen(Route route, PublishBody message) {
        Foreseen f = context.broker().read(view -> view.foresee(route, message.record()));
        ArrayNode queues = Json.array();
        ArrayNode others = Json.array();
        f.queues().forEach(w -> (w.why() == null ? queues : others).add(row(w)));
        f.others().forEach(w -> others.add(row(w)));
        ObjectNode answer = Json.object()
                .put("dry_run", true)
                .put("applied_index", f.index())
                .put("routed", f.inAll() > 0)
                .put("queue_count", f.inAll())
                .put("queues_left_out", f.leftOut())
                .put("confirmed", f.refusal() == null)
                .put("refused", f.refusal())
                .put("duplicate", f.duplicate())
                .put("by_chance", f.byChance())
                .put("delayed_until", f.due() == 0 ? null : (Long) f.due());
        answer.set("queues", queues);
        answer.set("others", others);
        return Answer.ok(answer);
    }

    private static ObjectNode row(Foreseen.Way way) {
        ObjectNode row = Json.object().put("name", way.queue());
        return way.why() == null ? row : row.put("reason", way.why());
    }

    private CompletionStage<Answer> get(ApiRequest request) {
        context.requireVhost(request);
        String queue = request.variable("name");
        RequestPermits.of(context, request).queue(Act.READ, queue);
        GetBody wanted = GetBody.of(RequestFields.of(request));
        // Half of what the client waits: what is not consumed by then goes back, and he is told.
        Duration patience = context.config().timeouts().answer().dividedBy(2);
        Slots.Slot slot = gets.take();
        return over(request, slot, patience, c -> new GetRun(
                        context.broker(),
                        c,
                        request.variable("vhost"),
                        queue,
                        wanted,
                        count -> noteTaken(request, wanted, count),
                        slot)
                .run());
    }

    private CompletableFuture<Boolean> noteTaken(ApiRequest request, GetBody wanted, int count) {
        String of = "queue '" + request.variable("name") + "' in vhost '" + request.variable("vhost") + "'";
        String what = ": " + count + (wanted.outcome() == Settle.Outcome.ACK ? " messages" : " messages rejected");
        return ActionNotes.note(context.broker(), request, new NoteAction("queue.get", of, what, true));
    }

    /**
     * Does something over a connection, which is closed then.
     *
     * @param slot left when all is done
     */
    private CompletionStage<Answer> over(
            ApiRequest request,
            Slots.Slot slot,
            Duration patience,
            Function<BriefConnection, CompletableFuture<Answer>> what) {
        Broker broker = context.broker();
        var answer = new CompletableFuture<Answer>();
        var alarm = threads.timers()
                .after(
                        threads.timer(),
                        patience.toNanos(),
                        TimeUnit.NANOSECONDS,
                        "giving up messages",
                        () -> answer.completeExceptionally(late(patience)));
        var opening = BriefConnection.open(
                broker, threads.loop(), request, threads.clock().getAsLong());
        opening.whenCompleteAsync(
                (connection, error) -> {
                    if (error != null) {
                        answer.completeExceptionally(error);
                        return;
                    }
                    answer.whenCompleteAsync((a, e) -> connection.close(), threads.loop());
                    pass(connection.ended(), answer);
                    if (!answer.isDone()) { // nobody waits any more: then nothing is begun
                        pass(what.apply(connection), answer);
                    }
                },
                threads.loop()); // it may be open by now, and this is the thread of the request
        return answer.whenComplete((a, e) -> {
            alarm.cancel(false);
            // Where nobody waits any more it is there until a majority has opened it: they would be more and more.
            opening.whenComplete((connection, refused) -> slot.leave());
        });
    }

    private static void pass(CompletableFuture<Answer> from, CompletableFuture<Answer> to) {
        from.whenComplete((answer, error) -> {
            if (error != null) {
                to.completeExceptionally(error);
            } else if (!to.complete(answer)) {
                answer.end();
            }
        });
    }

    private static RefusedException late(Duration patience) {
        return RefusedException.of(
                503,
                "timeout",
                "nothing was confirmed within " + patience.toMillis()
                        + " ms, and it may still take effect: no majority of the nodes answers, or they are overloaded."
                        + " /api/cluster tells which nodes are reachable");
    }
}
