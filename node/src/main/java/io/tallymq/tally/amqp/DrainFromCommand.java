package io.tallymq.tally.amqp;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tally drain-from}. */
@Command(
        name = "drain-from",
        header = "Moves the messages of a queue from another broker to this cluster.",
        description = {
            "Each message is acknowledged there only when it is confirmed here. Lost connections are made again. What was"
                    + " under way when one was lost may be here twice; nothing is lost. Properties and headers stay,"
                    + " but for those that say how a publish is meant, as CC, which is kept as x-original-cc: it would"
                    + " route the message once more.",
            "Ends when the queue there is empty, or goes on with --follow. Ctrl-C ends it when what is under way is"
                    + " answered."
        },
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  tally drain-from amqp://app@old.example/shop --queue orders",
            "  TALLY_OLD_PASSWORD=... tally drain-from amqps://app@old.example --queue orders --to orders2 -v /new"
        })
public final class DrainFromCommand extends AmqpCommand {
    @Parameters(
            paramLabel = "URI",
            description = "amqp://[user[:password]@]host[:port][/vhost], or amqps://. The password better comes from"
                    + " TALLY_OLD_PASSWORD, or is asked for.")
    private String source;

    @Option(names = "--queue", required = true, paramLabel = "QUEUE", description = "Of the other broker.")
    private String queue;

    @Option(
            names = "--to",
            paramLabel = "QUEUE",
            description = "Of this cluster; it has to be there (default: the same name).")
    private String to;

    @Option(names = "--follow", description = "Go on when the queue is empty, until Ctrl-C.")
    private boolean follow;

    @Option(names = "--count", paramLabel = "N", description = "Move so many at most.")
    private long count = Long.MAX_VALUE;

    @Option(
            names = "--drop-user-id",
            description =
                    "Without the property user_id, which only a user of that name may publish with (or one with the"
                            + " tag impersonator).")
    private boolean dropUserId;

    @Option(
            names = "--retry-for",
            paramLabel = "S",
            description = "Go on for so long without a connection, or without a confirm, before giving up (default:"
                    + " ${DEFAULT-VALUE}).")
    private int retryFor = 60;

    @Option(
            names = "--held-for",
            paramLabel = "S",
            description = "After a lost connection to the other broker, take its queue for empty only when nothing has"
                    + " come for so long: until it finds out it holds messages for that connection (default:"
                    + " ${DEFAULT-VALUE}, at least three heartbeats of it).")
    private int heldFor = 60;

    @Override
    protected void run() throws Exception {
        if (count < 1) {
            throw usage("--count is at least 1");
        }
        OldBroker old = OldBroker.of(source, options().surroundings(), target().ca());
        try (StopSignal stop = new StopSignal()) {
            MessageMove move = new MessageMove(
                    old,
                    nodes(),
                    new MessageMove.Wish(queue, to == null ? queue : to, follow, count, dropUserId, retryFor, heldFor),
                    stop::isGiven,
                    out());
            try {
                move.run();
            } finally {
                tell(move);
            }
        }
    }

    private void tell(MessageMove move) {
        if (out().isJson()) {
            out().json(move.numbers());
        } else {
            out().line(move.moved() + " messages moved from '" + queue + "'"
                    + (move.perhapsTwice() == 0
                            ? ""
                            : ", up to " + move.perhapsTwice() + " of them may be here twice"));
        }
        out().stream().flush();
    }
}
