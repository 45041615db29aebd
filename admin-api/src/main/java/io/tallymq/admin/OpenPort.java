package io.tallymq.admin;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.tallymq.admin.http.AdminAuthenticator;
import io.tallymq.admin.http.AnswerRoom;
import io.tallymq.admin.http.BodyLimit;
import io.tallymq.admin.http.Dispatcher;
import io.tallymq.admin.http.HttpPipeline;
import io.tallymq.admin.http.Sessions;
import io.tallymq.admin.request.AdminConfig;
import io.tallymq.admin.request.AdminRoute;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.request.HttpRoute.Access;
import io.tallymq.admin.request.HttpRoute.Lane;
import io.tallymq.broker.view.AccessView;
import io.tallymq.net.Newcomers;
import io.tallymq.net.ProxyRule;
import io.tallymq.timer.SparseLog;
import io.tallymq.timer.Timers;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where the node's own routes are served without a login: a port of its own, with threads and connections of its own. */
final class OpenPort {
    private static final Logger LOG = LoggerFactory.getLogger(OpenPort.class);
    /** Connections at a time. */
    private static final int CONNECTIONS = 16;

    private final String host;
    private final int port;
    private final AdminConfig config;
    private final List<AdminRoute> own;
    private final Supplier<AccessView> users;
    private final Timers timers;
    private final SparseLog refusals;
    private final BodyLimit.Room largeBodies;
    private final AnswerRoom answers;
    private final ExecutorService threads = AdminServer.pool("admin-open", 1, AdminServer.MOST_SURPLUS);
    /** Makes the next pieces of answers: each connection has one at most to be made, so that no place can be missing. */
    private final ExecutorService pieces = AdminServer.pool("admin-open-pieces", 1, CONNECTIONS);

    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private volatile Channel listening;

    /** @param own of which those are served that are for it */
    OpenPort(
            String host,
            int port,
            AdminConfig config,
            List<AdminRoute> own,
            Supplier<AccessView> users,
            Timers timers,
            SparseLog refusals,
            BodyLimit.Room largeBodies,
            AnswerRoom answers) {
        this.answers = answers;
        this.host = host;
        this.port = port;
        this.config = config.withLimits(config.limits().withConnections(CONNECTIONS, CONNECTIONS));
        this.own = own;
        this.users = users;
        this.timers = timers;
        this.refusals = refusals;
        this.largeBodies = largeBodies;
    }

    /** A port that can't be had is told of in the log. */
    void start(HttpPorts ports) {
        ChannelFuture bound = ports.listen("metrics", config, pipeline(), host, port);
        if (bound.isSuccess()) {
            listening = bound.channel();
        } else {
            LOG.warn(
                    "Metrics can't be served on {}:{}: {}. They are at /metrics of the HTTP API; free the port, or choose"
                            + " another one or none with metrics.port",
                    host,
                    port,
                    bound.cause().getMessage());
        }
    }

    private HttpPipeline pipeline() {
        var strangers = new Newcomers(CONNECTIONS, "the port of metrics", refusals);
        return new HttpPipeline(
                config,
                answering(),
                pieces,
                connections,
                strangers,
                timers,
                refusals,
                largeBodies,
                answers,
                ProxyRule.NONE,
                null);
    }

    private Dispatcher answering() {
        var open = own.stream()
                .filter(AdminRoute::isForOpenPort)
                .map(r -> HttpRoute.async(r.path(), Lane.STATE, r.endpoint()).openTo(Access.EVERYBODY))
                .toList();
        AdminAuthenticator nobody = (user, password, caller) -> CompletableFuture.completedFuture(Optional.empty());
        return new Dispatcher(
                open,
                nobody,
                new Sessions(nobody, users, config.sessions(), System::nanoTime),
                users,
                lane -> threads,
                () -> CompletableFuture.failedFuture(new IllegalStateException("nothing is changed here")));
    }

    /** The port that is listened on, -1 if it could not be had. */
    int port() {
        return HttpPorts.of(listening);
    }

    void close() {
        if (listening != null) {
            listening.close().awaitUninterruptibly();
        }
        connections.close().awaitUninterruptibly();
        threads.shutdownNow();
        pieces.shutdownNow();
    }
}
