package io.tallymq.admin.messages;

import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.ApiRequest;
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
import io.tallymq.broker.command.VoidId;
import io.tallymq.broker.command.VoidPublish;
import io.tallymq.broker.spec.ReceiptName;
import io.tallymq.broker.view.IdReceipt;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** Receipts by exchange and id (policy dedup-id), as those by name: see {@link ReceiptsApi}. */
final class IdReceiptsApi {
    private static final int MOST_BYTES = 255;
    private final AdminContext context;
    private final StateWrites writes;
    private final ReceiptWait waits;
    private final Executor readers;

    /** What is asked for. */
    private record Asked(String vhost, String exchange, String id) {}

    IdReceiptsApi(AdminContext context, StateWrites writes, ReceiptWait waits, Executor readers) {
        this.context = context;
        this.writes = writes;
        this.waits = waits;
        this.readers = readers;
    }

    List<HttpRoute> routes() {
        return List.of(
                HttpRoute.async("/api/receipts/{vhost}", Lane.STATE, this::receipt)
                        .openTo(Access.MANAGEMENT),
                HttpRoute.async("/api/receipts/{vhost}/void", Lane.STATE, this::receipt)
                        .openTo(Access.MANAGEMENT)
                        .with("PUT", Access.MANAGEMENT, this::makeVoid));
    }

    private Asked asked(ApiRequest request) {
        context.requireVhost(request);
        return new Asked(request.variable("vhost"), text(request, "exchange"), text(request, "id"));
    }

    private static String text(ApiRequest request, String name) {
        String value = request.target().parameter(name).orElse("");
        if (value.isEmpty() || value.getBytes(StandardCharsets.UTF_8).length > MOST_BYTES) {
            throw RequestFields.expected(name, "a parameter of 1 to " + MOST_BYTES + " bytes");
        }
        return value;
    }

    private CompletionStage<Answer> receipt(ApiRequest request) {
        Asked of = asked(request);
        RequestPermits.of(context, request).queue(Act.READ, ReceiptName.ofId(of.exchange, of.id));
        return waits.ask(request, () -> look(of), IdReceipt::isFinal).thenApply(this::answer);
    }

    private IdReceipt look(Asked of) {
        IdReceipt r = context.broker().read(v -> v.ids().receipt(of.vhost, of.exchange, of.id));
        if (r == null) {
            throw RefusedException.of(
                    404,
                    "not_found",
                    "no exchange '" + of.exchange + "' that remembers ids (policy dedup-id) in vhost '" + of.vhost
                            + "'");
        }
        return r;
    }

    private Answer answer(IdReceipt r) {
        return Answer.ok(Json.of(ReceiptFields.of(r, context.broker()::durableOn)));
    }

    private CompletionStage<Answer> makeVoid(ApiRequest request) {
        Asked of = asked(request);
        RequestPermits.of(context, request).exchange(Act.WRITE, ReceiptName.EXCHANGE);
        context.requireLevel(VoidPublish.LEVEL, "ids are known");
        return writes.submit(new VoidId(of.vhost, of.exchange, of.id, request.by(), request.from()))
                .thenApplyAsync(done -> voided(of, done), readers);
    }

    /** What came before is not refused: its receipt is the answer. */
    private Answer voided(Asked of, Answer done) {
        if (done.status() >= 500) {
            return done;
        }
        IdReceipt r = look(of);
        return done.status() == 204 || r.isFinal() ? answer(r) : done;
    }
}
