package io.tallymq.admin.http;

import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.Caller;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.request.HttpRoute.Access;
import io.tallymq.admin.request.HttpRoute.Endpoint;
import io.tallymq.admin.request.HttpRoute.Lane;
import io.tallymq.admin.request.HttpRoute.Write;
import io.tallymq.admin.request.RefusedException;
import io.tallymq.admin.request.Sight;
import io.tallymq.admin.request.Target;
import io.tallymq.admin.request.Wanted;
import io.tallymq.broker.view.AccessView;
import io.tallymq.login.LoginUser;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the route, asks who is there, and has the answer made on the route's own threads. */
public final class Dispatcher {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

    /**
     * A request.
     *
     * @param authorization the header, or null
     * @param crossSite whether a browser says that another site's page sent it
     * @param ofPage whether this server's page sent it, which other sites' pages can't pretend
     * @param reason the header X-Reason, or null
     * @param wanted what of an answer it wants
     * @param loggedIn told once it is known that a user sent it; any thread
     * @param client its body, and whether anybody waits for the answer
     */
    record Request(
            String method,
            String uri,
            String authorization,
            boolean crossSite,
            boolean ofPage,
            Caller caller,
            String reason,
            Wanted wanted,
            Runnable loggedIn,
            WaitingClient client) {
        @Override
        public String toString() {
            return method + " " + uri;
        }
    }

    private record Match(HttpRoute route, Map<String, String> variables) {}

    /** A request and where it leads; no match and no write when it leads nowhere. */
    private record Asking(Request request, Target target, Optional<Match> match, Write write) {
        Access access() {
            return match.map(m -> write == null ? m.route.access() : write.access())
                    .orElse(Access.USER);
        }

        Lane lane() {
            return match.map(m -> m.route.lane()).orElse(Lane.LOCAL);
        }
    }

    /** What is made of a request once it is known who sent it; the user is null where everybody may. */
    private interface Step extends BiFunction<Asking, LoginUser, CompletionStage<Answer>> {}

    private final List<HttpRoute> routes;
    private final AdminAuthenticator authenticator;
    private final Sessions sessions;
    private final Supplier<AccessView> users;
    private final Function<Lane, Executor> lanes;
    private final Supplier<CompletableFuture<Void>> latest;

    /**
     * @param users who may see what; never waits
     * @param latest completes when this node has applied all that was confirmed anywhere before; exceptionally if it can't
     */
    public Dispatcher(
            List<HttpRoute> routes,
            AdminAuthenticator authenticator,
            Sessions sessions,
            Supplier<AccessView> users,
            Function<Lane, Executor> lanes,
            Supplier<CompletableFuture<Void>> latest) {
        this.latest = latest;
        this.users = users;
        this.routes = List.copyOf(routes);
        this.authenticator = authenticator;
        this.sessions = sessions;
        this.lanes = lanes;
    }

    /** Never blocks; never completes exceptionally. */
    CompletableFuture<Answer> answer(Request request) {
        return judged(request, this::respond);
    }

    /**
     * What a request would be answered whoever is not allowed what it asks for, before its body is here; null when it is allowed. Never blocks; never
     * completes exceptionally.
     */
    CompletableFuture<Answer> refusal(Request request) {
        return judged(request, (asking, user) -> done(refusal(asking, user)));
    }

    private CompletableFuture<Answer> judged(Request request, Step next) {
        Asking asking;
        try {
            Target target = Target.parse(request.uri());
            Optional<Match> match = find(target.segments());
            requireName(request.method(), target);
            Write write = match.map(m -> m.route.of(request.method())).orElse(null);
            asking = new Asking(request, target, match, write);
        } catch (RefusedException e) {
            return CompletableFuture.completedFuture(e.answer());
        }
        try {
            return CompletableFuture.supplyAsync(() -> identified(asking, next), lanes.apply(asking.lane()))
                    .thenCompose(answer -> answer)
                    .exceptionally(error -> answerTo(request, error));
        } catch (RejectedExecutionException e) {
            return CompletableFuture.completedFuture(overloaded());
        }
    }

    private static Answer overloaded() {
        return Answer.error(
                503, "overloaded", "too many requests wait for an answer: ask less often, or for a page at a time");
    }

    private static Answer ended() {
        return Answer.error(503, "timeout", "nobody waits for this answer any more");
    }

    /** An empty name at the end deletes one thing, or nothing: never all that is beside it. */
    private void requireName(String method, Target target) {
        boolean isOfOne = target.endsEmpty()
                && method.equals("DELETE")
                && find(target.asWritten()).map(m -> m.route.of(method) != null).orElse(false);
        if (isOfOne) {
            throw RefusedException.badRequest("the path ends with / and a name is expected behind it: without the /"
                    + " all are deleted, and the default exchange is amq.default here");
        }
    }

    private Optional<Match> find(List<String> segments) {
        for (HttpRoute route : routes) {
            Map<String, String> variables = route.match(segments);
            if (variables != null) {
                return Optional.of(new Match(route, variables));
            }
        }
        return Optional.empty();
    }

    /** On the route's threads: who comes without a password that is known already is looked at elsewhere, and comes back to them. */
    private CompletionStage<Answer> identified(Asking asking, Step step) {
        Request request = asking.request;
        if (request.client().isOver()) {
            return done(ended());
        }
        if (asking.access() == Access.EVERYBODY) {
            return step.apply(asking, null);
        }
        Optional<CompletableFuture<Optional<LoginUser>>> asked = whoAsks(request);
        if (asked.isEmpty()) {
            return done(unauthorized(request));
        }
        CompletableFuture<Optional<LoginUser>> user = asked.get();
        Function<Optional<LoginUser>, CompletionStage<Answer>> next = found -> {
            if (found.isEmpty()) {
                return done(unauthorized(request));
            }
            request.loggedIn.run();
            return step.apply(asking, found.get());
        };
        if (user.isDone()) {
            return next.apply(user.join());
        }
        request.client().awaits(user);
        return user.thenComposeAsync(next, lanes.apply(asking.lane()));
    }

    /** Who sent it, by name and password or else by a session; empty when it shows neither. */
    private Optional<CompletableFuture<Optional<LoginUser>>> whoAsks(Request request) {
        if (request.authorization() == null && request.caller().session() != null) {
            if (!request.ofPage() && !isLook(request.method())) {
                throw RefusedException.of(
                        403,
                        "not_authorised",
                        "with a session's cookie, what changes something has the header " + SessionCookie.PAGE_HEADER
                                + ": " + SessionCookie.PAGE + ", or an Origin");
            }
            return Optional.of(sessions.user(request.caller()));
        }
        return BasicAuth.parse(request.authorization())
                .map(login -> authenticator.authenticate(login.user(), login.password(), request.caller()));
    }

    /** Null when the user may. */
    private Answer refusal(Asking asking, LoginUser user) {
        Request request = asking.request;
        if (asking.match.isEmpty()) {
            return Answer.error(404, "Object Not Found", "there is no such resource");
        }
        Match match = asking.match.get();
        if (asking.write == null) {
            String methods = match.route.methods();
            return Answer.error(405, "Method Not Allowed", "this resource answers to " + methods + " only")
                    .with("Allow", methods);
        }
        if (request.crossSite()) {
            return Answer.error(403, "not_authorised", "pages of other sites may not use this server");
        }
        if (user == null) {
            return null;
        }
        if (!asking.access().isFor(user)) {
            return Answer.error(
                    403,
                    "not_authorised",
                    "the user needs the tag " + asking.access().tags() + " for this");
        }
        if (!user.isCertain() && !isLook(request.method())) {
            return Answer.error(
                    503,
                    "service_unavailable",
                    "this node does not know yet whether the cluster has users, so its configured one may only look:"
                            + " try again when it follows a leader");
        }
        String vhost = match.variables.get("vhost");
        return vhost != null && !Sight.of(user, users).sees(vhost) // whether there is one or not
                ? Answer.error(403, "not_authorised", "User not authorised to access virtual host")
                : null;
    }

    private CompletionStage<Answer> respond(Asking asking, LoginUser user) {
        Answer refusal = refusal(asking, user);
        if (refusal != null) {
            return done(refusal);
        }
        Request request = asking.request;
        byte[] body = request.client().body();
        if (body == null) {
            return done(ended());
        }
        var asked = new ApiRequest(
                asking.target,
                asking.match.orElseThrow().variables,
                user,
                request.caller(),
                Sight.of(user, users),
                request.reason(),
                request.wanted(),
                body);
        if (isLook(request.method())) {
            return asking.write.endpoint().answer(asked);
        }
        CompletionStage<Answer> answer = written(asking, asked);
        if (user == null) {
            request.client().awaits(answer.toCompletableFuture()); // it may hang on a password
        }
        return answer;
    }

    /**
     * What a write lacks may be on its way to this node, confirmed by another one: who makes a queue there and deletes it here is told that it is
     * not there only once this node has heard of all that was confirmed before. Without a majority it is told when that was waited for in vain.
     * Nothing is written any more once the client was told that it is late, or has gone.
     */
    private CompletionStage<Answer> written(Asking asking, ApiRequest asked) {
        Endpoint endpoint = asking.write.endpoint();
        WaitingClient client = asking.request.client();
        try {
            return endpoint.answer(asked);
        } catch (RefusedException first) {
            int status = first.answer().status();
            if (status != 404 && status != 403) {
                throw first;
            }
            return latest.get()
                    .handleAsync(
                            (done, error) ->
                                    error == null && !client.isOver() ? endpoint.answer(asked) : done(first.answer()),
                            lanes.apply(asking.lane()))
                    .thenCompose(answer -> answer);
        }
    }

    static boolean isLook(String method) {
        return method.equals("GET") || method.equals("HEAD");
    }

    /** The page asks for name and password itself: a browser that is challenged would, too. */
    private static Answer unauthorized(Request request) {
        boolean bySession = request.authorization() == null && request.caller().session() != null;
        boolean tried = request.authorization() != null;
        String reason = tried
                ? "Login failed"
                : bySession ? "the session has ended: log in again" : "log in with HTTP basic authentication";
        Answer answer = Answer.error(401, "not_authorized", reason);
        return request.ofPage() ? answer : answer.with("WWW-Authenticate", BasicAuth.CHALLENGE);
    }

    private static CompletionStage<Answer> done(Answer answer) {
        return CompletableFuture.completedFuture(answer);
    }

    private static Answer answerTo(Request request, Throwable error) {
        Throwable cause = error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
        if (cause instanceof RefusedException refused) {
            return refused.answer();
        } else if (cause instanceof RejectedExecutionException) {
            return overloaded();
        } else if (cause instanceof CancellationException && request.client.isOver()) {
            return ended();
        }
        LOG.error("{} met a bug", request, cause);
        return Answer.error(500, "internal_error", "a bug of this server: its log tells more");
    }
}
