package io.tallymq.tally.amqp;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.ShutdownSignalException;
import io.tallymq.tally.context.Failure;
import io.tallymq.tally.context.StrictText;
import io.tallymq.tally.output.Output;
import io.tallymq.tally.output.Plain;
import io.tallymq.tally.output.TablePrinter;
import java.io.IOException;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tally tail}. */
@Command(
        name = "tail",
        header = "Shows what passes an exchange from now on, until Ctrl-C.",
        description = "Through an exclusive queue of its own, which goes with it: nobody else misses a message. After a"
                + " lost connection it goes on at the next node, and says so: what passed meanwhile is not shown.",
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  tally tail events --key 'order.#'",
            "  tally tail amq.topic --key a.b --key a.c",
            "  tally tail events --json | jq -r .payload"
        })
public final class TailCommand extends AmqpCommand {
    private static final long LOOK_MILLIS = 200;

    @Parameters(paramLabel = "EXCHANGE", description = "Its name.")
    private String exchange;

    @Option(
            names = {"-k", "--key"},
            paramLabel = "KEY",
            description = "A key, or a pattern of a topic exchange; several times for several (default: #).")
    private List<String> keys = List.of("#");

    @Option(names = "--count", paramLabel = "N", description = "End after so many.")
    private long count = Long.MAX_VALUE;

    private long shown;

    @Override
    protected void run() throws Exception {
        AmqpNodes nodes = nodes();
        for (int attempt = 0; shown < count; attempt++) {
            try (Connection connection = nodes.connect("tally tail", attempt)) {
                follow(connection);
            } catch (IOException e) {
                goOnOrFail(Reasons.failure(e));
            } catch (ShutdownSignalException e) {
                goOnOrFail(Reasons.failure(e));
            }
        }
    }

    private void goOnOrFail(Failure why) {
        if (why.exitCode() != Failure.UNREACHABLE) {
            throw why;
        }
        out().progress("tally: " + why.getMessage() + "; going on at another node, what passes meanwhile is not shown");
    }

    private void follow(Connection connection) throws IOException, InterruptedException {
        Channel channel = connection.createChannel();
        String queue = channel.queueDeclare().getQueue();
        for (String key : keys) {
            channel.queueBind(queue, exchange, key);
        }
        Intake intake = new Intake(channel, queue, Long.MAX_VALUE);
        out().progress("following '" + exchange + "' at "
                + connection.getAddress().getHostAddress() + ":" + connection.getPort() + "; Ctrl-C ends");
        while (shown < count) {
            Delivery delivery = intake.poll(LOOK_MILLIS);
            if (delivery != null) {
                show(delivery);
                shown++;
                channel.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
            } else if (!channel.isOpen()) {
                throw channel.getCloseReason();
            }
        }
    }

    private void show(Delivery d) {
        String text = StrictText.text(d.getBody());
        ObjectNode properties = AmqpProperties.json(d.getProperties());
        if (out().isJson()) {
            ObjectNode row = Output.object()
                    .put("exchange", d.getEnvelope().getExchange())
                    .put("routing_key", d.getEnvelope().getRoutingKey());
            row.set("properties", properties);
            row.put("payload_bytes", d.getBody().length);
            MessageRows.payload(row, d.getBody());
            out().jsonLine(row);
            return;
        }
        StringBuilder head = new StringBuilder()
                .append(LocalTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.MILLIS))
                .append("  ")
                .append(d.getEnvelope().getRoutingKey())
                .append("  ")
                .append(d.getBody().length)
                .append(" B");
        properties
                .properties()
                .forEach(
                        e -> head.append("  ").append(e.getKey()).append('=').append(TablePrinter.shown(e.getValue())));
        out().line(head.toString());
        out().stream()
                .println(text == null ? "  (no text)" : "  " + Plain.lines(text).replace("\n", "\n  "));
        out().sent();
    }
}
