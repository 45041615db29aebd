package io.tallymq.admin.request;

import io.tallymq.broker.Broker;
import io.tallymq.broker.command.ByUser;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.timer.Timers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * Changes of the replicated state that somebody asked for by HTTP: answered once a majority has them and this node has applied them, so
 * that who looks at this node next sees them. So many wait at a time at most. Any thread.
 */
public final class StateWrites {
    /** Changes on their way. */
    public static final int MOST = 64;

    private final Broker broker;
    private final Duration timeout;
    private final Timers timers;
    private final ScheduledExecutorService timer;
    private final AtomicInteger inFlight = new AtomicInteger();

    /** @param timer also completes the answers, so that nothing of ours runs on the broker's applying thread */
    public StateWrites(Broker broker, Duration timeout, Timers timers, ScheduledExecutorService timer) {
        this.broker = broker;
        this.timeout = timeout;
        this.timers = timers;
        this.timer = timer;
    }

    /** 201 for what is new, 204 for what is changed or gone, 404 and 400 for what is refused. Never completes exceptionally. */
    public CompletableFuture<Answer> submit(Command command) {
        return submit(command, Answer.empty(204));
    }

    /** The same of what the list of changes is to tell of, with the name of who asks for it. */
    public CompletableFuture<Answer> submit(ApiRequest by, Command command) {
        return submit(named(broker, by, command));
    }

    /**
     * The same of a command whose reply does not tell whether it made something new.
     *
     * @param done the answer if it is not refused
     */
    public CompletableFuture<Answer> submit(ApiRequest by, Command command, Answer done) {
        return submit(named(broker, by, command), done);
    }

    /** The command with the name of who asks for it, where the cluster's level knows that. */
    public static Command named(Broker broker, ApiRequest by, Command command) {
        return broker.read(BrokerView::level) < ByUser.LEVEL ? command : new ByUser(by.by(), by.from(), command);
    }

    /**
     * The same of a command whose reply does not tell whether it made something new.
     *
     * @param done the answer if it is not refused
     */
    public CompletableFuture<Answer> submit(Command command, Answer done) {
        return submit(command, (Reply reply) -> done);
    }

    /**
     * The same of a command whose reply tells more.
     *
     * @param done makes the answer if it is not refused; does not block
     */
    public CompletableFuture<Answer> submit(Command command, Function<Reply, Answer> done) {
        return submit(command, RefusedException::of, done);
    }

    /** As {@link #submit(ApiRequest, Command)} of what the broker looks at the user's rights for: 403 when he lacks them. */
    public CompletableFuture<Answer> submitByRights(ApiRequest by, Command command) {
        return submit(named(broker, by, command), RefusedException::ofRights, reply -> Answer.empty(204));
    }

    private CompletableFuture<Answer> submit(
            Command command, Function<Reply.Rejected, RefusedException> refused, Function<Reply, Answer> done) {
        if (inFlight.incrementAndGet() > MOST) {
            inFlight.decrementAndGet();
            return CompletableFuture.completedFuture(Answer.error(
                    503, "overloaded", "too many changes wait to be replicated: try again, fewer at a time"));
        }
        var answer = new CompletableFuture<Answer>();
        var alarm = timers.after(
                timer, timeout.toNanos(), TimeUnit.NANOSECONDS, "giving a change up", () -> answer.complete(late()));
        reply(command)
                .whenCompleteAsync(
                        (reply, error) -> {
                            inFlight.decrementAndGet();
                            alarm.cancel(false);
                            answer.complete(error == null ? answerTo(reply, refused, done) : failed(error));
                        },
                        timer);
        return answer;
    }

    private CompletableFuture<Reply> reply(Command command) {
        try {
            return broker.submit(command);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private Answer late() {
        return Answer.error(
                503,
                "timeout",
                "the change was not confirmed within " + timeout.toMillis()
                        + " ms, and may still take effect: no majority of the nodes answers, or they are overloaded."
                        + " /api/cluster tells which nodes are reachable");
    }

    private static Answer failed(Throwable error) {
        return Answer.error(503, "unavailable", "the node did not take the change: " + error.getMessage());
    }

    private static Answer answerTo(
            Reply reply, Function<Reply.Rejected, RefusedException> refused, Function<Reply, Answer> done) {
        if (reply instanceof Reply.PolicySet set) {
            return Answer.empty(set.isNew() ? 201 : 204);
        } else if (reply instanceof Reply.Scheduled scheduled) {
            return Answer.empty(scheduled.isNew() ? 201 : 204);
        } else if (reply instanceof Reply.Changed changed) {
            return Answer.empty(changed.isNew() ? 201 : 204);
        } else if (reply instanceof Reply.Rejected no) {
            return refused.apply(no).answer();
        }
        return done.apply(reply);
    }
}
