package io.tallymq.admin.topology;

import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.request.HttpRoute.Access;
import io.tallymq.admin.request.NamedExchange;
import io.tallymq.admin.request.RefusedException;
import io.tallymq.admin.request.RequestFields;
import io.tallymq.admin.request.RequestPermits;
import io.tallymq.admin.request.StateWrites;
import io.tallymq.broker.access.Rights.Act;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.DeleteExchange;
import io.tallymq.broker.spec.ExchangeSpec;
import java.util.concurrent.CompletionStage;

/**
 * Exchanges are declared and deleted by HTTP, by the rules of exchange.declare and exchange.delete: what these refuse is 400 with their text,
 * and who may is decided by the permissions of the user.
 */
public final class ExchangeWrites {
    private final AdminContext context;
    private final StateWrites writes;

    public ExchangeWrites(AdminContext context, StateWrites writes) {
        this.context = context;
        this.writes = writes;
    }

    /** Of an exchange's own path. */
    HttpRoute onExchange(HttpRoute route) {
        return route.with("PUT", Access.MANAGEMENT, this::put).with("DELETE", Access.MANAGEMENT, this::delete);
    }

    private static String name(ApiRequest request) {
        return NamedExchange.of(request.variable("name"));
    }

    private boolean isThere(ApiRequest request) {
        return context.broker().<Boolean>read(view -> view.exchange(request.variable("vhost"), name(request))
                .isPresent());
    }

    /** 201 for a new one, 204 for one that is there and is the same. */
    private CompletionStage<Answer> put(ApiRequest request) {
        context.requireVhost(request);
        RequestFields f = RequestFields.of(request);
        ExchangeSpec spec = new ExchangeSpec(
                f.text("type", "direct"),
                f.bool("durable", true),
                f.bool("auto_delete", false),
                f.bool("internal", false),
                f.arguments());
        String name = name(request);
        RequestPermits.of(context, request).declareExchange(name, spec.arguments());
        RequestFields.requireShort("the name of an exchange", request.variable("name"));
        boolean isNew = !isThere(request);
        return writes.submit(
                request,
                new DeclareExchange(request.variable("vhost"), name, spec, false),
                Answer.empty(isNew ? 201 : 204));
    }

    private CompletionStage<Answer> delete(ApiRequest request) {
        context.requireVhost(request);
        String name = name(request);
        RequestPermits.of(context, request).exchange(Act.CONFIGURE, name);
        boolean ifUnused =
                new DeleteConditions(request.target(), DeleteConditions.IF_UNUSED).has(DeleteConditions.IF_UNUSED);
        if (!name.isEmpty() && !isThere(request)) {
            throw RefusedException.notFound();
        }
        return writes.submit(request, new DeleteExchange(request.variable("vhost"), name, ifUnused));
    }
}
