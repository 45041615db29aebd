package io.tallymq.node.config;

import io.tallymq.node.config.value.LogFormat;
import io.tallymq.node.config.value.LogLevel;
import io.tallymq.node.config.value.ValueTypes;
import java.util.List;

/** What a node tells of itself. */
final class ObserveKeys {
    static final Key<String> METRICS_HOST = new Key<>(
            "metrics.host",
            ValueTypes.host(),
            "0.0.0.0",
            "127.0.0.1",
            "Where Prometheus is listened for. There is no login: whoever reaches it reads all metrics.");
    static final Key<Integer> METRICS_PORT = new Key<>(
            "metrics.port",
            ValueTypes.integer("TCP port, or -1 for none", -1, 65_535),
            "15692",
            "15692",
            "Port for Prometheus, /metrics; 0 lets the system choose one. The HTTP API has /metrics as well.");

    static final Key<LogLevel> LOG_LEVEL = new Key<>(
            "log.level", ValueTypes.choice(LogLevel.class), "info", "debug", "How much is written to standard output.");
    static final Key<LogFormat> LOG_FORMAT = new Key<>(
            "log.format",
            ValueTypes.choice(LogFormat.class),
            "text",
            "json",
            "How it is written: lines for people, or an object a line for programs.");

    /** In the order in which people should read them. */
    static final List<Key<?>> ALL = List.of(METRICS_HOST, METRICS_PORT, LOG_LEVEL, LOG_FORMAT);

    private ObserveKeys() {}
}
