package io.tallymq.admin.messages;

import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.request.HttpRoute.Access;
import io.tallymq.admin.request.HttpRoute.Lane;
import io.tallymq.admin.request.RefusedException;
import io.tallymq.admin.request.RequestPermits;
import io.tallymq.broker.access.Rights.Act;
import io.tallymq.broker.browse.Browse;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.view.BrokerView.QueueInfo;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;

/** Messages of a queue are looked at where they are, as this node has applied them: nobody gets them, and nothing about them changes. */
public final class PeekApi {
    /** Looks under way, and answers that are being sent: each may have 8 MiB of messages in memory. */
    static final int MOST_PEEKS = 2;

    private final AdminContext context;
    private final LongSupplier clock;
    private final Slots peeks = new Slots(MOST_PEEKS, "others look at messages by HTTP already: try again");

    /** @param clock milliseconds since the epoch, for ages */
    public PeekApi(AdminContext context, LongSupplier clock) {
        this.context = context;
        this.clock = clock;
    }

    public List<HttpRoute> routes() {
        return List.of(HttpRoute.async("/api/queues/{vhost}/{name}/peek", Lane.STATE, this::peek)
                .openTo(Access.MANAGEMENT));
    }

    private CompletionStage<Answer> peek(ApiRequest request) {
        context.requireVhost(request);
        String vhost = request.variable("vhost");
        String name = request.variable("name");
        RequestPermits.of(context, request).queue(Act.READ, name);
        PeekQuery wanted = PeekQuery.of(request.target(), clock.getAsLong());
        long queue = context.broker().read(view -> {
            QueueInfo q = view.queue(vhost, name).orElseThrow(RefusedException::notFound);
            requireShared(q);
            if (wanted.since() >= 0 && !"stream".equals(q.spec().arguments().get("x-queue-type"))) {
                throw RefusedException.badRequest("from: only streams are looked at from a time on;"
                        + " in other queues younger_than and older_than choose messages by their age");
            }
            return view.queueNumber(vhost, name);
        });
        Slots.Slot slot = peeks.take();
        CompletableFuture<Long> from = wanted.since() < 0
                ? CompletableFuture.completedFuture(wanted.from())
                : context.broker().offsetAt(queue, wanted.since());
        var run = new PeekRun(wanted);
        return from.thenCompose(at ->
                        context.broker().browse(new Browse.Where(queue, at, wanted.newest(), Browse.MOST_LOOKED), run))
                .thenApply(done -> run.answer(done, slot))
                .whenComplete((answer, error) -> slot.leave());
    }

    /** An exclusive queue's messages are its connection's, as with every method of AMQP. */
    static void requireShared(QueueInfo q) {
        if (q.exclusiveOwner() != null) {
            throw RefusedException.of(Reply.lockedQueue("queue '" + q.name() + "' in vhost '" + q.vhost() + "'"));
        }
    }
}
