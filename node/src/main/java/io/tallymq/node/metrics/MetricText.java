package io.tallymq.node.metrics;

import io.tallymq.raft.anatomy.Times;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** Text in Prometheus' format, version 0.0.4. One thread. */
public final class MetricText {
    private static final double NANOS = 1e9;

    private final StringBuilder out = new StringBuilder(4 << 10);
    private final Set<String> without;

    public MetricText() {
        this(Set.of());
    }

    /** @param without metrics that are not written: something else tells them, and a family stands once in a text */
    public MetricText(Set<String> without) {
        this.without = Set.copyOf(without);
    }

    /** Begins a metric: its values follow. */
    public MetricText gauge(String name, String help) {
        return begin(name, help, "gauge");
    }

    /** As {@link #gauge}; what only grows. */
    public MetricText counter(String name, String help) {
        return begin(name, help, "counter");
    }

    private MetricText begin(String name, String help, String type) {
        if (without.contains(name)) {
            return this;
        }
        out.append("# HELP ").append(name).append(' ').append(help).append('\n');
        out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
        return this;
    }

    /** A metric with one value. */
    public MetricText gauge(String name, String help, double value) {
        return gauge(name, help).value(name, value);
    }

    /** A metric with one value. */
    public MetricText counter(String name, String help, double value) {
        return counter(name, help).value(name, value);
    }

    /** @param labels names and values in turn */
    public MetricText value(String name, double value, String... labels) {
        if (without.contains(name)) {
            return this;
        }
        out.append(name);
        labels(labels, null, null);
        out.append(' ');
        number(value);
        out.append('\n');
        return this;
    }

    /** Begins a histogram in seconds. */
    public MetricText histogram(String name, String help) {
        return begin(name, help, "histogram");
    }

    /** A histogram's values, without the bounds below {@code leastNanos}. */
    public MetricText times(String name, Times.Total total, long leastNanos, String... labels) {
        for (int i = 0; i < total.bounds().length; i++) {
            if (total.bounds()[i] >= leastNanos) {
                bucket(name, Double.toString(total.bounds()[i] / NANOS), total.below()[i], labels);
            }
        }
        bucket(name, "+Inf", total.count(), labels);
        value(name + "_sum", total.sumNanos() / NANOS, labels);
        return value(name + "_count", total.count(), labels);
    }

    private void bucket(String name, String bound, long count, String... labels) {
        out.append(name).append("_bucket");
        labels(labels, "le", bound);
        out.append(' ').append(count).append('\n');
    }

    private void labels(String[] labels, String lastName, String lastValue) {
        char before = '{';
        for (int i = 0; i < labels.length; i += 2) {
            out.append(before).append(labels[i]).append("=\"");
            escaped(labels[i + 1]);
            out.append('"');
            before = ',';
        }
        if (lastName != null) {
            out.append(before).append(lastName).append("=\"").append(lastValue).append('"');
            before = ',';
        }
        if (before == ',') {
            out.append('}');
        }
    }

    private void escaped(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '\\' -> out.append("\\\\");
                case '"' -> out.append("\\\"");
                case '\n' -> out.append("\\n");
                default -> out.append(c);
            }
        }
    }

    private void number(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1L << 53) {
            out.append((long) value);
        } else {
            out.append(value);
        }
    }

    public int length() {
        return out.length();
    }

    /** What was written since the last time. */
    public byte[] take() {
        byte[] bytes = out.toString().getBytes(StandardCharsets.UTF_8);
        out.setLength(0);
        return bytes;
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
