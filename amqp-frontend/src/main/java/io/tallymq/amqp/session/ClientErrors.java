package io.tallymq.amqp.session;

import io.tallymq.amqp.channel.AmqpError;
import io.tallymq.amqp.wire.MethodId;
import io.tallymq.amqp.wire.ReplyCode;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Says what went wrong on connections of clients that have logged in, in RabbitMQ's words, and counts it. A client can do the same wrong thing as often as it likes: of one
 * kind (address, user, virtual host, operation and code) {@link #MOST_OF_KIND} lines are written in {@link #WINDOW}, and the rest is counted and told at its end; so it is
 * for kinds beyond {@link #MOST_KINDS}, all together. Any thread.
 */
public final class ClientErrors {
    static final int MOST_OF_KIND = 3;
    static final int MOST_KINDS = 100;
    static final long WINDOW = TimeUnit.MINUTES.toNanos(1);

    private record Kind(String address, String user, String vhost, String what) {}

    private static final Kind OTHERS = new Kind("", "", "", "");

    private static final class Count {
        private final long since;
        private int written;
        private long left;

        Count(long since) {
            this.since = since;
        }
    }

    private record Left(Kind kind, long lines) {}

    private final Logger log;
    private final LongSupplier nanoTime;
    /** Guarded by itself; the oldest first. */
    private final Map<Kind, Count> kinds = new LinkedHashMap<>();

    /** Of each code; never changed itself. */
    private final Map<ReplyCode, LongAdder> channelErrors = new EnumMap<>(ReplyCode.class);

    ClientErrors(Logger log, LongSupplier nanoTime) {
        this.log = log;
        this.nanoTime = nanoTime;
        for (ReplyCode code : ReplyCode.values()) {
            channelErrors.put(code, new LongAdder());
        }
    }

    /** A channel is closed with an error. */
    void channel(LogSubject subject, int number, AmqpError error) {
        channelErrors.get(error.code()).increment();
        String operation = operation(error);
        if (mayWrite(subject, "channel " + operation + ' ' + error.code())) {
            LoggingEventBuilder line = begin(subject, "channel.error").addKeyValue("channel", number);
            failed(line, operation, error)
                    .log(
                            "Channel error on connection {}, channel {}: operation {} caused a channel exception {}: {}",
                            subject.text(),
                            number,
                            operation,
                            word(error.code()),
                            explanation(error));
        }
    }

    /** A connection is closed with an error. */
    void connection(LogSubject subject, AmqpError error) {
        String operation = operation(error);
        if (mayWrite(subject, "connection " + operation + ' ' + error.code())) {
            failed(begin(subject, "connection.error"), operation, error)
                    .log(
                            "Error on connection {}: operation {} caused a connection exception {}: {}",
                            subject.text(),
                            operation,
                            word(error.code()),
                            explanation(error));
        }
    }

    /**
     * Something else went wrong on a connection.
     *
     * @param event a word for it, always the same
     * @param text what follows the connection in the line
     */
    void note(LogSubject subject, String event, String text) {
        if (mayWrite(subject, event)) {
            begin(subject, event).log("Connection {} {}", subject.text(), text);
        }
    }

    private LoggingEventBuilder begin(LogSubject subject, String event) {
        LoggingEventBuilder line = log.atInfo().addKeyValue("event", event);
        for (Map.Entry<String, String> field : subject.fields().entrySet()) {
            line = line.addKeyValue(field.getKey(), field.getValue());
        }
        return line;
    }

    private static LoggingEventBuilder failed(LoggingEventBuilder line, String operation, AmqpError error) {
        return line.addKeyValue("operation", operation)
                .addKeyValue("code", error.code().code())
                .addKeyValue("text", error.text());
    }

    private static String operation(AmqpError error) {
        MethodId id = MethodId.find(error.classId(), error.methodId());
        return id == null ? "none" : id.methodName();
    }

    private static String word(ReplyCode code) {
        return code.name().toLowerCase(Locale.ROOT);
    }

    private static String explanation(AmqpError error) {
        String begin = error.code().text("");
        return error.text().startsWith(begin) ? error.text().substring(begin.length()) : error.text();
    }

    private boolean mayWrite(LogSubject s, String what) {
        tellLeft();
        Kind kind = new Kind(s.address(), s.user(), s.vhost(), what);
        synchronized (kinds) {
            boolean known = kinds.containsKey(kind) || kinds.size() < MOST_KINDS;
            Count count = kinds.computeIfAbsent(known ? kind : OTHERS, k -> new Count(nanoTime.getAsLong()));
            if (known && count.written < MOST_OF_KIND) {
                count.written++;
                return true;
            }
            count.left++;
            return false;
        }
    }

    /** Tells how many lines were left out, of the kinds whose time is over. */
    public void tellLeft() {
        for (Left left : over()) {
            Kind kind = left.kind;
            if (kind.equals(OTHERS)) {
                log.info("{} more errors of clients, of other kinds, were not written", left.lines);
            } else {
                log.atInfo()
                        .addKeyValue("event", "errors.left")
                        .addKeyValue("user", kind.user)
                        .addKeyValue("vhost", kind.vhost)
                        .addKeyValue("left", left.lines)
                        .log(
                                "{} more like it were not written: {} of user '{}' in vhost '{}' from {}",
                                left.lines,
                                kind.what,
                                kind.user,
                                kind.vhost,
                                kind.address);
            }
        }
    }

    private List<Left> over() {
        synchronized (kinds) {
            if (kinds.isEmpty()) {
                return List.of();
            }
            long now = nanoTime.getAsLong();
            List<Left> over = new ArrayList<>();
            Iterator<Map.Entry<Kind, Count>> all = kinds.entrySet().iterator();
            while (all.hasNext()) {
                Map.Entry<Kind, Count> next = all.next();
                if (now - next.getValue().since < WINDOW) {
                    break;
                }
                all.remove();
                if (next.getValue().left > 0) {
                    over.add(new Left(next.getKey(), next.getValue().left));
                }
            }
            return over;
        }
    }

    /** Channels that were closed with this code since the start, told or not. */
    public long channels(ReplyCode code) {
        return channelErrors.get(code).sum();
    }
}
