package io.tallymq.tally.amqp;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ShutdownSignalException;
import io.tallymq.tally.amqp.ConfirmLedger.Fate;
import io.tallymq.tally.amqp.ConfirmLedger.Verdict;
import io.tallymq.tally.context.Failure;
import io.tallymq.tally.output.Amounts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tally verify-confirms}. */
@Command(
        name = "verify-confirms",
        header = "Proves what confirms promise, while you kill nodes.",
        description = {
            "Publishes with confirms over several connections, to all addresses in turn; connections that are lost are made"
                    + " again, and what nobody answered before is published again by its name. Then it asks for receipts,"
                    + " drains the queue and compares: what was acked has to come, what was nacked must not, nothing may"
                    + " come twice without being flagged redelivered, and receipts have to say the same. What was never"
                    + " answered may come or not, and is counted. Exit code 1 if a promise was broken or a message came"
                    + " back, and if nothing was acked: that proves nothing."
        },
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  tally verify-confirms --address a:15672,b:15672,c:15672 --seconds 60     and kill what you like",
            "  tally verify-confirms --kill-command './kill-one-and-start-it' --kill-every 10",
            "  tally verify-confirms --messages 100000 --json"
        })
public final class VerifyConfirmsCommand extends AmqpCommand {
    private static final long SECOND_NANOS = 1_000_000_000;
    private static final long TICK_MILLIS = 100;
    private static final int MOST_ATTEMPTS = 60;
    private static final long PAUSE_MILLIS = 500;
    private static final int ABORT_MILLIS = 1_000;

    @Option(names = "--connections", paramLabel = "N", description = "Publishers (default: ${DEFAULT-VALUE}).")
    private int connections = 3;

    @Option(names = "--seconds", paramLabel = "S", description = "Publish for so long (default: ${DEFAULT-VALUE}).")
    private int seconds = 30;

    @Option(names = "--messages", paramLabel = "N", description = "But so many at most (default: ${DEFAULT-VALUE}).")
    private int messages = 2_000_000;

    @Option(
            names = "--kill-command",
            paramLabel = "COMMAND",
            description = "A command of the shell that kills a node."
                    + " TALLY_ROUND counts 1, 2, ... It may wait, and start the node again.")
    private String killCommand;

    @Option(
            names = "--kill-every",
            paramLabel = "S",
            description = "Seconds between two of them (default: ${DEFAULT-VALUE}).")
    private int killEvery = 10;

    @Option(
            names = "--queue",
            paramLabel = "QUEUE",
            description = "A name for the queue, which is made and deleted, and must not be there yet"
                    + " (default: tally-verify- and a random part).")
    private String queue;

    @Option(
            names = "--receipts",
            paramLabel = "N",
            description = "Ask for so many receipts of each publisher's last messages, and of what had no answer"
                    + " (default: ${DEFAULT-VALUE}; 0: ask for none).")
    private int receipts = 100;

    @Option(names = "--keep", description = "Do not delete the queue.")
    private boolean keep;

    @Override
    protected void run() throws Exception {
        if (connections < 1 || seconds < 1 || messages < 1 || killEvery < 1) {
            throw usage("numbers are at least 1");
        }
        String run = UUID.randomUUID().toString();
        String name = queue == null ? "tally-verify-" + run.substring(0, 8) : queue;
        AmqpNodes nodes = nodes();
        requireAbsent(nodes, name);
        declare(nodes, name);
        try {
            prove(nodes, run, name);
        } finally {
            if (!keep) {
                delete(nodes, name);
            }
        }
    }

    /** The verdict is told already, and counts. */
    private void delete(AmqpNodes nodes, String name) throws Exception {
        try {
            with(nodes, channel -> channel.queueDelete(name));
        } catch (Failure e) {
            out().progress("the queue '" + name + "' is still there: " + e.getMessage());
        }
    }

    private void prove(AmqpNodes nodes, String run, String name) throws Exception {
        ConfirmLedger ledger = new ConfirmLedger();
        ConfirmNames names = new ConfirmNames(run);
        with(nodes, names::probe);
        if (!names.areKnown()) {
            out().progress(
                            "publishes have no names here, or their receipts may not be read: nothing is published again, and no receipt is looked at");
        }
        List<ConfirmedStream> streams = new ArrayList<>();
        int losses = publish(nodes, name, run, ledger, names, streams);
        if (names.areKnown() && receipts > 0) {
            out().progress("asking for receipts ...");
            for (ConfirmedStream stream : streams) {
                with(nodes, channel -> stream.ask(channel, receipts));
            }
        }
        out().progress("draining ...");
        new ConfirmDrain(nodes, name, run, ledger, out()).drain();
        tell(ledger, names, losses);
    }

    private interface Step {
        void on(Channel channel) throws IOException, InterruptedException;
    }

    /** What is in a queue of somebody else would be drained and deleted with it. */
    private static void requireAbsent(AmqpNodes nodes, String name) throws Exception {
        nodes.connect("tally verify-confirms", 0)
                .abort(ABORT_MILLIS); // who can not be reached at all is told so at once
        with(nodes, channel -> {
            try {
                channel.queueDeclarePassive(name);
            } catch (IOException e) {
                if (e.getCause() instanceof ShutdownSignalException closed && Reasons.code(closed) == AMQP.NOT_FOUND) {
                    return;
                }
                throw e;
            }
            throw Failure.refused("the queue '" + name + "' is there already, and this command would empty and delete"
                    + " it: choose a name that is not taken");
        });
    }

    private void declare(AmqpNodes nodes, String name) throws Exception {
        with(nodes, channel -> channel.queueDeclare(name, true, false, false, Map.of("x-queue-type", "quorum")));
    }

    /** Nodes may be on their way: somebody has killed them. */
    private static void with(AmqpNodes nodes, Step step) throws Exception {
        for (int attempt = 1; ; attempt++) {
            Failure why = tried(nodes, attempt, step);
            if (why == null) {
                return;
            } else if (why.exitCode() != Failure.UNREACHABLE || attempt >= MOST_ATTEMPTS) {
                throw why;
            }
            Thread.sleep(PAUSE_MILLIS);
        }
    }

    /** Null if it was done. */
    private static Failure tried(AmqpNodes nodes, int attempt, Step step) throws Exception {
        Connection connection = null;
        try {
            connection = nodes.connect("tally verify-confirms", attempt);
            step.on(connection.createChannel());
            return null;
        } catch (IOException e) {
            return Reasons.failure(e);
        } catch (ShutdownSignalException e) {
            return Reasons.failure(e);
        } catch (Failure e) {
            return e;
        } finally {
            if (connection != null) {
                connection.abort(ABORT_MILLIS);
            }
        }
    }

    /** How many connections were lost. */
    private int publish(
            AmqpNodes nodes,
            String name,
            String run,
            ConfirmLedger ledger,
            ConfirmNames names,
            List<ConfirmedStream> streams)
            throws InterruptedException {
        long begin = System.nanoTime();
        long end = begin + seconds * SECOND_NANOS;
        BooleanSupplier goesOn = () -> System.nanoTime() < end && ledger.sent() < messages;
        AtomicInteger losses = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            var stream = new ConfirmedStream(nodes, i, name, run, ledger, goesOn, losses, names);
            streams.add(stream);
            threads.add(new Thread(stream, "tally publisher " + i));
        }
        threads.forEach(Thread::start);
        out().progress("publishing to '" + name + "' over " + Amounts.count(connections, "connection") + " to "
                + Amounts.count(nodes.count(), "address").replace("addresss", "addresses") + " for " + seconds + " s"
                + (killCommand == null ? ": kill nodes now, and start them again (kill -9, power, cables)" : ""));
        Killer killer = killCommand == null ? null : new Killer(killCommand, killEvery, out());
        long told = begin;
        while (threads.stream().anyMatch(Thread::isAlive)) {
            Thread.sleep(TICK_MILLIS);
            if (killer != null && goesOn.getAsBoolean()) {
                killer.look();
            }
            if (System.nanoTime() - told >= SECOND_NANOS) {
                told = System.nanoTime();
                out().progress((told - begin) / SECOND_NANOS + " s: " + ledger.sent() + " sent, "
                        + ledger.count(Fate.ACKED) + " acked, " + ledger.count(Fate.NACKED) + " nacked, "
                        + ledger.count(Fate.UNKNOWN) + " without an answer so far; " + losses + " connections lost");
            }
        }
        if (killer != null) {
            killer.await();
        }
        return losses.get();
    }

    private void tell(ConfirmLedger ledger, ConfirmNames names, int losses) {
        Verdict verdict = ledger.verdict();
        ObjectNode numbers = verdict.numbers().put("connections_lost", losses);
        boolean isTold = names.compare(ledger, numbers);
        numbers.put("proved", verdict.proved() && isTold);
        out().fields(numbers);
        verdict.examples().forEach(out()::progress);
        names.examples().forEach(out()::progress);
        if (!verdict.kept() || !isTold) {
            throw Failure.refused("a promise was broken, see above");
        }
        long sent = numbers.path("sent").asLong();
        if (sent == 0) {
            throw Failure.unreachable("nothing was published: no node took a connection");
        }
        String unanswered = unanswered(numbers);
        if (!verdict.proved()) {
            throw Failure.refused("nothing is proved: of " + Amounts.count(sent, "message") + " none was acked"
                    + (unanswered.isEmpty() ? "" : "; " + unanswered));
        }
        out().line("");
        out().line("every promise was kept: all " + numbers.path("acked").asText() + " that were acked came"
                + (unanswered.isEmpty() ? "" : "; " + unanswered));
        long again = numbers.path("published_again").asLong();
        if (again > 0) {
            out().line("published again by name: " + Amounts.count(again, "message") + " without an answer, "
                    + numbers.path("stored_before").asText() + " of them stored before; nothing came twice");
        }
    }

    /** What the proof says nothing about; empty if that is nothing. */
    private static String unanswered(ObjectNode numbers) {
        long unknown = numbers.path("unknown").asLong();
        return unknown == 0
                ? ""
                : "nothing is known of " + unknown + " that got no answer, "
                        + numbers.path("unknown_and_delivered").asText() + " of them came";
    }
}
