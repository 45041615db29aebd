package io.tallymq.admin;

import io.tallymq.admin.HttpRoute.Access;
import io.tallymq.broker.access.Rights.Act;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.PurgeQueue;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.broker.view.BrokerView;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.CompletionStage;

/**
 * Queues are declared, altered (x-alter among the arguments), emptied and deleted by HTTP, by the rules of queue.declare, queue.purge and
 * queue.delete: what these refuse is 400 with their text, and who may is decided by the permissions of the user.
 */
final class QueueWrites {
    private final AdminContext context;
    private final StateWrites writes;

    QueueWrites(AdminContext context, StateWrites writes) {
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

    /** As of a client: the tag administrator does not say what somebody may do with queues. */
    private void require(ApiRequest request, Act act, String kind, String name) {
        if (!request.rights(context.broker()::access).may(act, name)) {
            throw RefusedException.notAuthorised(act.name().toLowerCase(Locale.ROOT) + " access to " + kind + " '"
                    + name + "' in vhost '" + request.variable("vhost") + "' refused for user '"
                    + request.user().name() + "'");
        }
    }

    private void requireOnQueue(ApiRequest request, Act act) {
        context.requireVhost(request);
        require(request, act, "queue", request.variable("name"));
    }

    /** Who has messages go on to an exchange reads them and writes there. */
    private void requireDeclare(ApiRequest request, QueueSpec spec) {
        Object deadLetters = spec.arguments().get("x-dead-letter-exchange");
        if (deadLetters != null) {
            require(request, Act.READ, "queue", request.variable("name"));
            require(request, Act.WRITE, "exchange", deadLetters.toString());
        }
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
        requireOnQueue(request, Act.CONFIGURE);
        if (context.broker().read(BrokerView::level) < 3) {
            throw RefusedException.badRequest("queues are declared by HTTP in clusters of level 3:"
                    + " try again when all nodes are up and run this version");
        }
        RequestFields f = RequestFields.of(request);
        QueueSpec spec =
                new QueueSpec(f.bool("durable", true), false, f.bool("auto_delete", false), f.table("arguments"));
        requireDeclare(request, spec);
        String name = request.variable("name");
        if (name.isEmpty() || name.getBytes(StandardCharsets.UTF_8).length > 255) {
            throw RefusedException.badRequest("the name of a queue has 1 to 255 bytes");
        }
        boolean isNew = !isThere(request);
        return writes.submit(
                new DeclareQueue(operator(), request.variable("vhost"), name, spec, false),
                Answer.empty(isNew ? 201 : 204));
    }

    private CompletionStage<Answer> delete(ApiRequest request) {
        requireOnQueue(request, Act.CONFIGURE);
        if (!isThere(request)) {
            throw RefusedException.notFound();
        }
        return writes.submit(new DeleteQueue(
                operator(),
                request.variable("vhost"),
                request.variable("name"),
                isTrue(request, "if-unused"),
                isTrue(request, "if-empty")));
    }

    private static boolean isTrue(ApiRequest request, String parameter) {
        return request.target().flag(parameter);
    }

    private CompletionStage<Answer> purge(ApiRequest request) {
        requireOnQueue(request, Act.READ);
        return writes.submit(new PurgeQueue(operator(), request.variable("vhost"), request.variable("name")));
    }
}
