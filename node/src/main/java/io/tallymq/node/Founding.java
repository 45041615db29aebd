package io.tallymq.node;

import io.netty.util.concurrent.DefaultThreadFactory;
import io.tallymq.broker.Broker;
import io.tallymq.broker.change.Change;
import io.tallymq.broker.change.FirstUser;
import io.tallymq.broker.command.Administer;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.login.Passwords;
import io.tallymq.timer.Timers;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives a new cluster its first user: the leader's configured one. From then on the cluster's users are what counts, and the configuration
 * names nobody any more. Looks until there is one, then never again.
 */
final class Founding implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Founding.class);
    private static final long PAUSE_MILLIS = 250;

    private final Broker broker;
    private final Timers timers;
    private final String user;
    private final String password;
    private final String vhost;
    private final Consumer<Change> changes;
    private final ScheduledExecutorService on =
            Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("founding", true));
    private Change first;

    /** @param changes puts it into the log */
    Founding(Broker broker, Timers timers, String user, String password, String vhost, Consumer<Change> changes) {
        this.vhost = vhost;
        this.broker = broker;
        this.timers = timers;
        this.user = user;
        this.password = password;
        this.changes = changes;
    }

    void start() {
        var unused = timers.every(on, PAUSE_MILLIS, TimeUnit.MILLISECONDS, "looking for the first user", this::look);
    }

    private void look() {
        if (broker.access().isInitialised()) {
            on.shutdown();
        } else if (leads() && broker.read(BrokerView::level) >= Administer.LEVEL) {
            if (first == null) {
                LOG.info("The cluster has no users yet: {} becomes its first administrator", user);
                first = new FirstUser(
                        user, Passwords.hash(password.getBytes(StandardCharsets.UTF_8), new SecureRandom()), vhost);
            }
            changes.accept(first); // whoever comes second changes nothing
        }
    }

    private boolean leads() {
        return broker.node().equals(broker.status().leader());
    }

    @Override
    public void close() {
        on.shutdownNow();
    }
}
