package io.tallymq.admin.messages;

import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.request.HttpRoute.Access;
import io.tallymq.admin.request.HttpRoute.Lane;
import io.tallymq.admin.request.RefusedException;
import io.tallymq.admin.request.RequestFields;
import io.tallymq.admin.request.RequestPermits;
import io.tallymq.broker.access.Rights.Act;
import io.tallymq.broker.command.Redrive;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Messages are moved from one queue to another, or back to where they died: each is in one of the two at every moment. */
public final class RedriveApi {
    /** Under way. */
    static final int MOST_REDRIVES = 2;

    private final AdminContext context;
    private final MessagesApi.Threads threads;
    private final AtomicInteger redrives = new AtomicInteger();

    public RedriveApi(AdminContext context, MessagesApi.Threads threads) {
        this.context = context;
        this.threads = threads;
    }

    public List<HttpRoute> routes() {
        return List.of(HttpRoute.forWrites("/api/queues/{vhost}/{name}/redrive", Lane.STATE)
                .with("POST", Access.MANAGEMENT, this::redrive));
    }

    /** Reads from the queue, and publishes to the default exchange. */
    private CompletionStage<Answer> redrive(ApiRequest request) {
        context.requireVhost(request);
        String name = request.variable("name");
        RequestPermits permits = RequestPermits.of(context, request);
        permits.queue(Act.READ, name);
        permits.exchange(Act.WRITE, "");
        RedriveBody wanted = RedriveBody.of(
                RequestFields.of(request), request.reason(), threads.clock().getAsLong());
        if (!wanted.to().isEmpty()) {
            MessagesApi.requireTaken("", wanted.to());
            permits.topic(Act.WRITE, "", wanted.to());
        } else {
            permits.everyTopic("", "say with to which queue gets them");
        }
        context.requireLevel(Redrive.LEVEL, "messages are moved");
        long queue = context.broker().read(view -> {
            PeekApi.requireShared(view.queue(request.variable("vhost"), name).orElseThrow(RefusedException::notFound));
            return view.queueNumber(request.variable("vhost"), name);
        });
        if (redrives.incrementAndGet() > MOST_REDRIVES) {
            redrives.decrementAndGet();
            throw RefusedException.of(503, "overloaded", "others move messages by HTTP already: try again");
        }
        return run(request, queue, wanted);
    }

    /** Answers in time; what goes on behind that counts as under way. */
    private CompletableFuture<Answer> run(ApiRequest request, long queue, RedriveBody wanted) {
        // Half of what the client waits: then it hears how far it came.
        Duration patience = context.config().timeouts().answer().dividedBy(2);
        long began = System.nanoTime();
        var run = new RedriveRun(
                context.broker(),
                threads.loop(),
                queue,
                wanted,
                context.broker().read(view -> view.ends(queue)),
                request.by(),
                request.from(),
                () -> System.nanoTime() - began > patience.toNanos() / 2);
        var answer = new CompletableFuture<Answer>();
        var alarm = threads.timers()
                .after(threads.timer(), patience.toNanos(), TimeUnit.NANOSECONDS, "giving a redrive up", () -> {
                    run.stop();
                    answer.completeExceptionally(late(patience, run));
                });
        run.run().whenComplete((done, error) -> {
            redrives.decrementAndGet();
            alarm.cancel(false);
            if (error == null) {
                answer.complete(done);
            } else {
                answer.completeExceptionally(error);
            }
        });
        return answer;
    }

    private static RefusedException late(Duration patience, RedriveRun run) {
        return RefusedException.of(
                503,
                "timeout",
                "the move was not confirmed within " + patience.toMillis()
                        + " ms, and may still take effect: no majority of the nodes answers, or they are overloaded."
                        + " /api/cluster tells which nodes are reachable" + run.told());
    }
}
