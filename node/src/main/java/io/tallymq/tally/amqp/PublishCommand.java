package io.tallymq.tally.amqp;

import com.fasterxml.jackson.databind.JsonNode;
import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ShutdownSignalException;
import io.tallymq.tally.context.Failure;
import io.tallymq.tally.http.ApiPath;
import io.tallymq.tally.output.Amounts;
import io.tallymq.tally.output.Output;
import io.tallymq.tally.output.Plain;
import io.tallymq.tally.output.TraceText;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tally publish}. */
@Command(
        name = "publish",
        header = "Publishes messages, and says whether they are safe.",
        description = "Confirmed means: on a majority of the nodes' disks, and in every queue it was routed to. What no"
                + " queue takes comes back, and is exit code 1, as is what the cluster refuses.",
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  tally publish -k orders 'one tally stick'",
            "  tally publish -e events -k order.new -p content_type=application/json -H tenant=eu --file order.json",
            "  seq 1000 | tally publish -k orders --lines",
            "  tally publish -k reminders -H x-delay=60000 'in a minute'",
            "  tally publish -k orders --trace 'where does the time go?'"
        })
public final class PublishCommand extends AmqpCommand {
    /** How often the trace of a message is asked for. */
    private static final int LOOKS = 30;

    private static final long PAUSE_MILLIS = 100;
    private static final int ABORT_MILLIS = 1_000;

    @Parameters(arity = "0..1", paramLabel = "BODY", description = "The body. Else --file, else the standard input.")
    private String body;

    @Option(
            names = {"-e", "--exchange"},
            paramLabel = "EXCHANGE",
            description = "The exchange (default: the one without a name, where the key is a queue).")
    private String exchange = "";

    @Option(
            names = {"-k", "--key"},
            paramLabel = "KEY",
            description = "The routing key.")
    private String key = "";

    @Option(names = "--file", paramLabel = "FILE", description = "The body is what this file holds.")
    private Path file;

    @Option(
            names = "--lines",
            description = "Each line of the standard input, or of the file, is a message: its octets as they are.")
    private boolean lines;

    @Option(
            names = {"-p", "--property"},
            paramLabel = "NAME=VALUE",
            description = "content_type, message_id, correlation_id, reply_to, expiration, priority, ...")
    private Map<String, String> properties = Map.of();

    @Option(
            names = {"-H", "--header"},
            paramLabel = "NAME=VALUE",
            description = "A header; the value as JSON, or as a text.")
    private Map<String, String> headers = Map.of();

    @Option(names = "--transient", description = "delivery_mode 1 (stored and confirmed all the same).")
    private boolean isTransient;

    @Option(names = "--no-confirm", description = "Do not wait: nobody knows then what became of it.")
    private boolean unconfirmed;

    @Option(
            names = "--wait",
            paramLabel = "S",
            description = "Give up when nothing is answered for so long, and say how many are confirmed: exit code 3"
                    + " (default: ${DEFAULT-VALUE}, for ever).")
    private int wait;

    @Option(
            names = "--trace",
            description = "Asks for the message's own times (the header x-trace) and shows them: see tally trace.")
    private boolean trace;

    @Option(names = "--optional", description = "A message that no queue takes is no failure.")
    private boolean optional;

    @Override
    protected void run() throws Exception {
        if (body != null && (file != null || lines)) {
            throw usage("one of BODY, --file and --lines");
        }
        if (trace && (lines || unconfirmed)) {
            throw usage("--trace goes with one message that is confirmed");
        }
        BasicProperties props = AmqpProperties.of(properties, headers, !isTransient);
        if (trace) {
            props = traced(props);
        }
        if (lines) {
            try (InputStream in = input()) {
                publish(props, new OctetLines(in));
            }
        } else {
            publish(props, List.of(whole()).iterator());
        }
    }

    private InputStream input() {
        try {
            return file == null ? options().surroundings().in() : Files.newInputStream(file);
        } catch (IOException e) {
            throw Failure.usage(file + " can not be read: " + Plain.reason(e));
        }
    }

    private byte[] whole() {
        if (body != null) {
            return body.getBytes(StandardCharsets.UTF_8);
        }
        try {
            return file == null ? options().surroundings().in().readAllBytes() : Files.readAllBytes(file);
        } catch (IOException e) {
            throw Failure.usage((file == null ? "the standard input" : file) + " can not be read: " + Plain.reason(e));
        }
    }

    private void publish(BasicProperties props, Iterator<byte[]> bodies) throws Exception {
        if (wait < 0) {
            throw usage("--wait is at least 0");
        }
        Connection connection = nodes().connect("tally publish", 0);
        Blockage blocked = Blockage.on(connection, out());
        try {
            PublishConfirms confirms = new PublishConfirms(connection.createChannel(), !unconfirmed);
            Failure failure;
            try (var patience = new Patience(confirms::waited, wait, () -> connection.abort(ABORT_MILLIS))) {
                failure = publish(props, bodies, confirms);
                if (failure != null && patience.hasEnded()) {
                    failure = Failure.unreachable("nothing was answered for " + wait + " s" + blocked.because());
                }
            }
            tell(confirms, failure);
        } catch (IOException e) {
            throw Reasons.failure(e);
        } catch (ShutdownSignalException e) {
            throw Reasons.failure(e);
        } finally {
            connection.abort(ABORT_MILLIS);
        }
        if (trace) {
            showTrace(props.getMessageId());
        }
    }

    /** Null if all are answered. */
    private Failure publish(BasicProperties props, Iterator<byte[]> bodies, PublishConfirms confirms)
            throws InterruptedException {
        try {
            while (bodies.hasNext() && confirms.mayGoOn()) {
                confirms.publish(exchange, key, !optional, props, bodies.next());
            }
            confirms.await();
            return null;
        } catch (IOException e) {
            return Reasons.failure(e);
        } catch (ShutdownSignalException e) {
            return Reasons.failure(e);
        } catch (UncheckedIOException e) {
            return Failure.refused("what is to be published can not be read: " + Plain.reason(e.getCause()));
        }
    }

    private static BasicProperties traced(BasicProperties props) {
        Map<String, Object> all = new TreeMap<>(props.getHeaders() == null ? Map.of() : props.getHeaders());
        all.put("x-trace", true);
        String id = props.getMessageId() == null ? "tally-" + UUID.randomUUID() : props.getMessageId();
        return props.builder().headers(all).messageId(id).build();
    }

    /** What the nodes know of it comes within moments. */
    private void showTrace(String messageId) throws InterruptedException {
        JsonNode found = Output.object();
        for (int i = 0; i < LOOKS && !isWhole(found); i++) {
            Thread.sleep(i == 0 ? 0 : PAUSE_MILLIS);
            found = api().get(ApiPath.of("confirms/traces").with("message_id", messageId))
                    .path(0);
        }
        if (found.isMissingNode()) {
            throw Failure.refused("no node tells of the message: is trace.messages 0?");
        }
        if (out().isJson()) {
            out().json(found);
        } else {
            TraceText.print(out(), found);
        }
    }

    private static boolean isWhole(JsonNode trace) {
        boolean whole = trace.path("total").isNumber() && trace.path("missing").isEmpty();
        for (JsonNode flush : trace.path("flushes")) {
            whole &= flush.path("leader_knew_after").isNumber()
                    && flush.path("flushed_at").isTextual();
        }
        return whole;
    }

    private void tell(PublishConfirms confirms, Failure failure) {
        if (out().isJson() && !trace) { // one document
            out().json(Output.object()
                    .put("published", confirms.published())
                    .put("confirmed", confirms.acked())
                    .put("refused", confirms.nacked())
                    .put("returned", confirms.returned())
                    .put("unanswered", confirms.unanswered())
                    .put("reason", confirms.reason()));
        }
        if (failure != null) {
            throw failure.with(
                    unconfirmed
                            ? confirms.published() + " were sent"
                            : confirms.acked() + " of " + confirms.published() + " confirmed, " + confirms.unanswered()
                                    + " without an answer");
        }
        if (confirms.returned() > 0) {
            throw Failure.refused(Amounts.count(confirms.returned(), "message") + " of " + confirms.published()
                    + " came back: " + confirms.reason());
        } else if (confirms.nacked() > 0) {
            throw Failure.refused(Amounts.count(confirms.nacked(), "message") + " of " + confirms.published()
                    + " refused (basic.nack): a queue is full, or has no room for it");
        }
        out().line(Amounts.count(confirms.published(), "message") + (unconfirmed ? " sent" : " confirmed"));
    }
}
