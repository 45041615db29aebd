package io.tallymq.admin.request;

import java.time.Duration;
import java.util.List;

/**
 * How the admin server listens and what it allows.
 *
 * @param host the address to listen on, for example {@code 127.0.0.1}, or {@code 0.0.0.0} for all
 * @param port 15672 by custom; 0 lets the system choose
 * @param version the product's version, shown in /api/overview
 * @param rabbitVersion of the RabbitMQ whose API this is like: tools read it to know what they may ask for
 * @param openHealthChecks whether /api/health/checks/alive and .../ready-to-serve-clients answer without a login, for
 *     supervisors and load balancers that can't log in
 * @param origins under which browsers know this server, beside the Host that they ask for: {@code https://mq.example}
 */
public record AdminConfig(
        String host,
        int port,
        String version,
        String rabbitVersion,
        boolean openHealthChecks,
        Limits limits,
        Timeouts timeouts,
        SessionLimits sessions,
        List<String> origins) {
    /** The port that users of RabbitMQ's HTTP API expect. */
    public static final int DEFAULT_PORT = 15672;

    private static final String RABBIT_VERSION = "3.13.7";

    /** Defaults for everything but the address. */
    public static AdminConfig of(String host, int port, String version) {
        return new AdminConfig(
                host,
                port,
                version,
                RABBIT_VERSION,
                false,
                Limits.DEFAULT,
                Timeouts.DEFAULT,
                SessionLimits.DEFAULT,
                List.of());
    }

    /** @param newVersion three numbers with points */
    public AdminConfig withRabbitVersion(String newVersion) {
        return new AdminConfig(host, port, version, newVersion, openHealthChecks, limits, timeouts, sessions, origins);
    }

    public AdminConfig withOpenHealthChecks(boolean open) {
        return new AdminConfig(host, port, version, rabbitVersion, open, limits, timeouts, sessions, origins);
    }

    public AdminConfig withLimits(Limits newLimits) {
        return new AdminConfig(
                host, port, version, rabbitVersion, openHealthChecks, newLimits, timeouts, sessions, origins);
    }

    public AdminConfig withTimeouts(Timeouts newTimeouts) {
        return new AdminConfig(
                host, port, version, rabbitVersion, openHealthChecks, limits, newTimeouts, sessions, origins);
    }

    public AdminConfig withSessions(SessionLimits newSessions) {
        return new AdminConfig(
                host, port, version, rabbitVersion, openHealthChecks, limits, timeouts, newSessions, origins);
    }

    public AdminConfig withOrigins(List<String> newOrigins) {
        return new AdminConfig(
                host,
                port,
                version,
                rabbitVersion,
                openHealthChecks,
                limits,
                timeouts,
                sessions,
                List.copyOf(newOrigins));
    }

    /**
     * Logins by form, which a node keeps in memory.
     *
     * @param most at a time; one more is answered with 503
     * @param mostOfUser of one user; with one more that which was not used for the longest time ends
     * @param time after which one ends, used or not
     * @param idle time after which one ends that is not used
     */
    public record SessionLimits(int most, int mostOfUser, Duration time, Duration idle) {
        public static final SessionLimits DEFAULT =
                new SessionLimits(1000, 20, Duration.ofHours(8), Duration.ofMinutes(30));
    }

    /**
     * What one server takes on.
     *
     * @param connections open HTTP connections; one more is answered with 503 and closed
     * @param newcomers those of one address among them that have shown no login yet; one more is answered with 503 and closed
     * @param requestLineBytes longest request line; a longer one is answered with 414
     * @param headerBytes all headers of a request; more is answered with 431
     * @param bodyBytes a request's body, but for messages and definitions; more is answered with 413
     * @param messageBytes the body of a message that is published or scheduled; more is answered with 400
     * @param waitingRequests requests that wait for a thread; one more is answered with 503
     * @param probesInFlight replicated writes of health checks in flight; further requests share the youngest
     */
    public record Limits(
            int connections,
            int newcomers,
            int requestLineBytes,
            int headerBytes,
            int bodyBytes,
            int messageBytes,
            int waitingRequests,
            int probesInFlight) {
        public static final Limits DEFAULT = new Limits(256, 128, 8 << 10, 16 << 10, 64 << 10, 16 << 20, 64, 4);

        public Limits withConnections(int most, int mostNewcomers) {
            return new Limits(
                    most,
                    mostNewcomers,
                    requestLineBytes,
                    headerBytes,
                    bodyBytes,
                    messageBytes,
                    waitingRequests,
                    probesInFlight);
        }

        public Limits withMessageBytes(int most) {
            return new Limits(
                    connections,
                    newcomers,
                    requestLineBytes,
                    headerBytes,
                    bodyBytes,
                    most,
                    waitingRequests,
                    probesInFlight);
        }
    }

    /**
     * How long the server waits.
     *
     * @param request for a whole request, from its first byte (of the first one: from the connection's start)
     * @param idle for the next request of a connection
     * @param write for a slow reader to take an answer
     * @param answer for the broker's state; then 503
     * @param confirmPath for the replicated write of /api/health/checks/confirm-path and /api/cluster/digest
     * @param sample between two samples for rates
     */
    public record Timeouts(
            Duration request, Duration idle, Duration write, Duration answer, Duration confirmPath, Duration sample) {
        private static final int BYTES_PER_SECOND = 64 << 10;

        public static final Timeouts DEFAULT = new Timeouts(
                Duration.ofSeconds(10),
                Duration.ofSeconds(60),
                Duration.ofSeconds(60),
                Duration.ofSeconds(30),
                Duration.ofSeconds(5),
                Duration.ofSeconds(5));

        /** A large body has a second for each 64 KiB beside the time that each request has. */
        public Duration upload(int bytes) {
            return request.plusSeconds(bytes / BYTES_PER_SECOND);
        }

        /** All of a file of definitions takes its time: ten minutes, where another answer has half of one. */
        public Duration definitions() {
            return answer.multipliedBy(20);
        }

        public Timeouts withRequest(Duration d) {
            return new Timeouts(d, idle, write, answer, confirmPath, sample);
        }

        public Timeouts withIdle(Duration d) {
            return new Timeouts(request, d, write, answer, confirmPath, sample);
        }

        public Timeouts withWrite(Duration d) {
            return new Timeouts(request, idle, d, answer, confirmPath, sample);
        }

        public Timeouts withAnswer(Duration d) {
            return new Timeouts(request, idle, write, d, confirmPath, sample);
        }

        public Timeouts withConfirmPath(Duration d) {
            return new Timeouts(request, idle, write, answer, d, sample);
        }

        public Timeouts withSample(Duration d) {
            return new Timeouts(request, idle, write, answer, confirmPath, d);
        }
    }
}
