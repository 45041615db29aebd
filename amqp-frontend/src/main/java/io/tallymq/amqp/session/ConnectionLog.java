package io.tallymq.amqp.session;

import io.tallymq.amqp.channel.ClientTerms;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/**
 * Says which clients come and go, and as whom. Clients that come and go all the time do not fill the log: {@link #MOST} lines are written in
 * {@link #WINDOW}, the others counted. Any thread.
 */
final class ConnectionLog {
    static final int MOST = 100;
    static final long WINDOW = TimeUnit.SECONDS.toNanos(10);

    private final Logger log;
    private final LongSupplier nanoTime;
    private long since;
    private int written;
    private long left;

    ConnectionLog(Logger log, LongSupplier nanoTime) {
        this.log = log;
        this.nanoTime = nanoTime;
        this.since = nanoTime.getAsLong();
    }

    void opened(String connection, ClientTerms terms) {
        if (mayWrite()) {
            log.atInfo()
                    .addKeyValue("event", "connection.opened")
                    .addKeyValue("connection", connection)
                    .addKeyValue("user", terms.user())
                    .addKeyValue("vhost", terms.vhost())
                    .log(
                            "Connection {} is opened by user '{}' in virtual host '{}'",
                            connection,
                            terms.user(),
                            terms.vhost());
        }
    }

    void closed(String connection, ClientTerms terms) {
        if (mayWrite()) {
            log.atInfo()
                    .addKeyValue("event", "connection.closed")
                    .addKeyValue("connection", connection)
                    .addKeyValue("user", terms.user())
                    .addKeyValue("vhost", terms.vhost())
                    .log(
                            "Connection {} of user '{}' in virtual host '{}' has ended",
                            connection,
                            terms.user(),
                            terms.vhost());
        }
    }

    private boolean mayWrite() {
        long more;
        boolean may;
        synchronized (this) {
            long now = nanoTime.getAsLong();
            more = 0;
            if (now - since >= WINDOW) {
                since = now;
                written = 0;
                more = left;
                left = 0;
            }
            may = written < MOST;
            if (may) {
                written++;
            } else {
                left++;
            }
        }
        if (more > 0) {
            log.info("{} connections more were opened or have ended than the log was told of", more);
        }
        return may;
    }
}
