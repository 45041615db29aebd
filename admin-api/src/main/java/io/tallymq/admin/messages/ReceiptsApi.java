package io.tallymq.admin.messages;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.Freshness;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.request.HttpRoute.Access;
import io.tallymq.admin.request.HttpRoute.Lane;
import io.tallymq.admin.request.Json;
import io.tallymq.admin.request.RefusedException;
import io.tallymq.admin.request.RequestFields;
import io.tallymq.admin.request.RequestPermits;
import io.tallymq.admin.request.StateWrites;
import io.tallymq.broker.ReceiptFields;
import io.tallymq.broker.access.Rights.Act;
import io.tallymq.broker.command.FenceProducer;
import io.tallymq.broker.command.VoidPublish;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Terms;
import io.tallymq.broker.spec.ReceiptName;
import io.tallymq.broker.view.Receipt;
import io.tallymq.timer.Timers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Receipts: what became of publishes that have names (x-producer-id and x-publish-seq), and the producers. What is told of one publish or producer
 * knows of all that was confirmed before it was asked for, on whatever node; without a majority it is not told. The list of producers is this node's.
 */
public final class ReceiptsApi {
    /** Told of one virtual host at once; {@code after} goes on. */
    private static final int PRODUCERS = 500;

    private final AdminContext context;
    private final StateWrites writes;
    private final ReceiptWait waits;
    private final Executor readers;

    public ReceiptsApi(
            AdminContext context,
            StateWrites writes,
            Freshness freshness,
            Timers timers,
            ScheduledExecutorService timer,
            Executor readers) {
        this.context = context;
        this.writes = writes;
        this.waits = new ReceiptWait(freshness, timers, timer, readers);
        this.readers = readers;
    }

    public List<HttpRoute> routes() {
        List<HttpRoute> all = new ArrayList<>(byName());
        all.addAll(new IdReceiptsApi(context, writes, waits, readers).routes());
        return all;
    }

    private List<HttpRoute> byName() {
        return List.of(
                HttpRoute.of("/api/producers/{vhost}", Lane.STATE, this::producers)
                        .openTo(Access.MANAGEMENT),
                HttpRoute.async("/api/producers/{vhost}/{producer}", Lane.STATE, this::producer)
                        .openTo(Access.MANAGEMENT),
                HttpRoute.async("/api/producers/{vhost}/{producer}/fence", Lane.STATE, this::producer)
                        .openTo(Access.MANAGEMENT)
                        .with("POST", Access.MANAGEMENT, this::fence),
                HttpRoute.async("/api/receipts/{vhost}/{producer}/{seq}", Lane.STATE, this::receipt)
                        .openTo(Access.MANAGEMENT),
                HttpRoute.async("/api/receipts/{vhost}/{producer}/{seq}/void", Lane.STATE, this::receipt)
                        .openTo(Access.MANAGEMENT)
                        .with("PUT", Access.MANAGEMENT, this::makeVoid));
    }

    private Answer producers(ApiRequest request) {
        context.requireVhost(request);
        String vhost = request.variable("vhost");
        RequestPermits.of(context, request).queue(Act.READ, ReceiptName.EXCHANGE);
        String after = request.target().parameter("after").orElse("");
        ArrayNode all = Json.array();
        context.broker()
                .read(v -> v.receipts().producers(vhost, after, PRODUCERS))
                .forEach(p -> all.add(Json.of(ReceiptFields.of(p))));
        return Answer.ok(all);
    }

    private CompletionStage<Answer> producer(ApiRequest request) {
        context.requireVhost(request);
        String id = id(request);
        RequestPermits.of(context, request).queue(Act.READ, ReceiptName.of(id));
        return waits.ask(() -> look(request.variable("vhost"), id));
    }

    private Answer look(String vhost, String id) {
        Receipt.ProducerView p = context.broker().read(v -> v.receipts().producer(vhost, id));
        if (p == null) {
            throw notKnown(id, context.broker().read(v -> v.receipts().lostUntil(vhost)));
        }
        return Answer.ok(Json.of(ReceiptFields.of(p)));
    }

    /** @param lostUntil of those that were not used since nothing is known; 0: of none */
    private static RefusedException notKnown(String id, long lostUntil) {
        String why = lostUntil == 0
                ? "nothing has come from producer '" + id + "'"
                : "nothing is known of producer '" + id
                        + "': it is new, or was not used since producers_forgotten_until " + lostUntil
                        + " (milliseconds since the epoch) and was forgotten";
        return RefusedException.of(404, "Object Not Found", why);
    }

    private CompletionStage<Answer> fence(ApiRequest request) {
        context.requireVhost(request);
        String id = id(request);
        RequestPermits.of(context, request).queue(Act.CONFIGURE, ReceiptName.of(id));
        context.requireLevel(VoidPublish.LEVEL, "producers are known");
        String vhost = request.variable("vhost");
        AtomicLong epoch = new AtomicLong();
        return writes.submit(new FenceProducer(vhost, id, request.by(), request.from()), reply -> {
                    epoch.set(reply instanceof Reply.Fenced f ? f.epoch() : 0);
                    return Answer.empty(204);
                })
                .thenApplyAsync(a -> a.status() == 204 ? fenced(vhost, id, epoch.get()) : a, readers);
    }

    /** The producer as it is by now, and the epoch that was taken: another one may have come since. */
    private Answer fenced(String vhost, String id, long epoch) {
        Receipt.ProducerView p = context.broker().read(v -> v.receipts().producer(vhost, id));
        Map<String, Object> fields = p == null ? new LinkedHashMap<>() : ReceiptFields.of(p);
        fields.put("epoch", epoch);
        return Answer.ok(Json.of(fields));
    }

    private CompletionStage<Answer> receipt(ApiRequest request) {
        context.requireVhost(request);
        String id = id(request);
        long seq = seq(request);
        RequestPermits.of(context, request).queue(Act.READ, ReceiptName.of(id, seq));
        return waits.ask(request, () -> look(request, id, seq), ReceiptsApi::isOver)
                .thenApply(this::answer);
    }

    /** Whether it stays what it is: that is never told of what is not known any more, and was decided or is too old. */
    private static boolean isOver(Receipt r) {
        return r.isFinal() || r.outcome().equals("forgotten") && r.seq() <= r.last();
    }

    private Receipt look(ApiRequest request, String id, long seq) {
        return context.broker().read(v -> v.receipts().receipt(request.variable("vhost"), id, seq));
    }

    private Answer answer(Receipt r) {
        return Answer.ok(Json.of(ReceiptFields.of(r, context.broker()::durableOn)));
    }

    private CompletionStage<Answer> makeVoid(ApiRequest request) {
        context.requireVhost(request);
        String id = id(request);
        long seq = seq(request);
        RequestPermits.of(context, request).exchange(Act.WRITE, ReceiptName.EXCHANGE);
        context.requireLevel(VoidPublish.LEVEL, "producers are known");
        return writes.submit(new VoidPublish(request.variable("vhost"), id, seq, request.by(), request.from()))
                .thenApplyAsync(done -> voided(request, id, seq, done), readers);
    }

    /** What came before is not refused: its receipt is the answer. */
    private Answer voided(ApiRequest request, String id, long seq, Answer done) {
        if (done.status() >= 500) {
            return done;
        }
        Receipt r = look(request, id, seq);
        return done.status() == 204 || r.isFinal() || r.outcome().equals("forgotten") ? answer(r) : done;
    }

    private static String id(ApiRequest request) {
        String id = request.variable("producer");
        if (id.isEmpty() || id.getBytes(StandardCharsets.UTF_8).length > Terms.MOST_PRODUCER_BYTES) {
            throw RequestFields.expected("producer", "an id of 1 to " + Terms.MOST_PRODUCER_BYTES + " bytes");
        }
        return id;
    }

    private static long seq(ApiRequest request) {
        try {
            long seq = Long.parseLong(request.variable("seq"));
            if (seq >= 0 && seq <= Terms.MOST_SEQ) {
                return seq;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw RequestFields.expected("seq", "an integer from 0 to 2^62");
    }
}
