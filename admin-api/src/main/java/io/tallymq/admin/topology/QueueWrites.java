package io.tallymq.admin.topology;

import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.request.HttpRoute.Access;
import io.tallymq.admin.request.RefusedException;
import io.tallymq.admin.request.RequestFields;
import io.tallymq.admin.request.RequestPermits;
import io.tallymq.admin.request.StateWrites;
import io.tallymq.broker.access.Rights.Act;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.PauseQueue;
import io.tallymq.broker.command.PurgeQueue;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.QueueSpec;
import java.util.concurrent.CompletionStage;

/**
 * Queues are declared, altered (x-alter among the arguments), emptied, paused and deleted by HTTP, by the rules of queue.declare, queue.purge and
 * queue.delete: what these refuse is 400 with their text, and who may is decided by the permissions of the user.
 */
public final class QueueWrites {
    private final AdminContext context;
    private final StateWrites writes;

    public QueueWrites(AdminContext context, StateWrites writes) {
        this.context = context;
        this.writes = writes;
    }

    /** Of a queue's own path. */
    HttpRoute onQueue(HttpRoute route) {
        return route.with("PUT", Access.MANAGEMENT, this::put).with("DELETE", Access.MANAGEMENT, this::delete);
    }

    /** Of the path of its messages. */
    HttpRoute onContents(HttpRoute route) {
        return route.with("DELETE", Access.MANAGEMENT, this::purge);
    }

    /** Of the path that pauses it. */
    HttpRoute onPause(HttpRoute route) {
        return route.with("PUT", Access.MANAGEMENT, request -> pause(request, true));
    }

    /** Of the path that lets it go on. */
    HttpRoute onResume(HttpRoute route) {
        return route.with("PUT", Access.MANAGEMENT, request -> pause(request, false));
    }

    private RequestPermits permits(ApiRequest request) {
        context.requireVhost(request);
        return RequestPermits.of(context, request);
    }

    private ConnectionId operator() {
        return ConnectionId.operator(context.broker().node());
    }

    private boolean isThere(ApiRequest request) {
        return context.broker().<Boolean>read(view -> view.queue(request.variable("vhost"), request.variable("name"))
                .isPresent());
    }

    /** 201 for a new one, 204 for one that is there, altered or not. */
    private CompletionStage<Answer> put(ApiRequest request) {
        permits(request).queue(Act.CONFIGURE, request.variable("name"));
        context.requireLevel(3, "queues are declared by HTTP");
        RequestFields f = RequestFields.of(request);
        QueueSpec spec = new QueueSpec(f.bool("durable", true), false, f.bool("auto_delete", false), f.arguments());
        permits(request).declareQueue(request.variable("name"), spec.arguments());
        String name = request.variable("name");
        RequestFields.requireShort("the name of a queue", name);
        boolean isNew = !isThere(request);
        return writes.submit(
                request,
                new DeclareQueue(operator(), request.variable("vhost"), name, spec, false),
                Answer.empty(isNew ? 201 : 204));
    }

    private CompletionStage<Answer> delete(ApiRequest request) {
        permits(request).queue(Act.CONFIGURE, request.variable("name"));
        var conditions = new DeleteConditions(request.target(), DeleteConditions.IF_UNUSED, DeleteConditions.IF_EMPTY);
        boolean ifUnused = conditions.has(DeleteConditions.IF_UNUSED);
        boolean ifEmpty = conditions.has(DeleteConditions.IF_EMPTY);
        if (!isThere(request)) {
            throw RefusedException.notFound();
        }
        return writes.submit(
                request,
                new DeleteQueue(operator(), request.variable("vhost"), request.variable("name"), ifUnused, ifEmpty));
    }

    private CompletionStage<Answer> purge(ApiRequest request) {
        permits(request).queue(Act.READ, request.variable("name"));
        return writes.submit(request, new PurgeQueue(operator(), request.variable("vhost"), request.variable("name")));
    }

    private CompletionStage<Answer> pause(ApiRequest request, boolean pause) {
        permits(request).queue(Act.CONFIGURE, request.variable("name"));
        context.requireLevel(PauseQueue.LEVEL, "queues are paused");
        if (!isThere(request)) {
            throw RefusedException.notFound();
        }
        return writes.submit(request, new PauseQueue(request.variable("vhost"), request.variable("name"), pause));
    }
}
