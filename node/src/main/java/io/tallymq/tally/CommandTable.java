package io.tallymq.tally;

import io.tallymq.tally.access.LimitsCommand;
import io.tallymq.tally.access.PermissionsCommand;
import io.tallymq.tally.access.TopicPermissionsCommand;
import io.tallymq.tally.access.UsersCommand;
import io.tallymq.tally.access.VhostsCommand;
import io.tallymq.tally.amqp.DrainFromCommand;
import io.tallymq.tally.amqp.GetCommand;
import io.tallymq.tally.amqp.PublishCommand;
import io.tallymq.tally.amqp.TailCommand;
import io.tallymq.tally.amqp.VerifyConfirmsCommand;
import io.tallymq.tally.certs.CertsCommand;
import io.tallymq.tally.cluster.ClusterCommand;
import io.tallymq.tally.cluster.ProfilesCommand;
import io.tallymq.tally.cluster.StatusCommand;
import io.tallymq.tally.command.AdviceCommand;
import io.tallymq.tally.command.AnatomyCommand;
import io.tallymq.tally.command.AuditCommand;
import io.tallymq.tally.command.BackupCommand;
import io.tallymq.tally.command.BindingsCommand;
import io.tallymq.tally.command.ChannelsCommand;
import io.tallymq.tally.command.ConnectionsCommand;
import io.tallymq.tally.command.ConsumersCommand;
import io.tallymq.tally.command.DefinitionsCommand;
import io.tallymq.tally.command.ExchangesCommand;
import io.tallymq.tally.command.PeekCommand;
import io.tallymq.tally.command.PoliciesCommand;
import io.tallymq.tally.command.ProducerCommand;
import io.tallymq.tally.command.QueuesCommand;
import io.tallymq.tally.command.ReceiptCommand;
import io.tallymq.tally.command.RedriveCommand;
import io.tallymq.tally.command.SchedulesCommand;
import io.tallymq.tally.command.TraceCommand;
import io.tallymq.tally.local.LocalCommand;
import io.tallymq.tally.top.TopCommand;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import picocli.CommandLine;

/** All commands, in the order of the help text. */
final class CommandTable {
    private record Row(String name, Supplier<Object> command) {}

    private static final List<Row> ROWS = List.of(
            new Row("status", StatusCommand::new),
            new Row("top", TopCommand::new),
            new Row("cluster", ClusterCommand::new),
            new Row("queues", QueuesCommand::new),
            new Row("exchanges", ExchangesCommand::new),
            new Row("bindings", BindingsCommand::new),
            new Row("publish", PublishCommand::new),
            new Row("get", GetCommand::new),
            new Row("peek", PeekCommand::new),
            new Row("redrive", RedriveCommand::new),
            new Row("tail", TailCommand::new),
            new Row("verify-confirms", VerifyConfirmsCommand::new),
            new Row("drain-from", DrainFromCommand::new),
            new Row("connections", ConnectionsCommand::new),
            new Row("channels", ChannelsCommand::new),
            new Row("consumers", ConsumersCommand::new),
            new Row("users", UsersCommand::new),
            new Row("permissions", PermissionsCommand::new),
            new Row("topic-permissions", TopicPermissionsCommand::new),
            new Row("vhosts", VhostsCommand::new),
            new Row("limits", LimitsCommand::new),
            new Row("policies", PoliciesCommand::new),
            new Row("schedules", SchedulesCommand::new),
            new Row("receipt", ReceiptCommand::new),
            new Row("producer", ProducerCommand::new),
            new Row("advice", AdviceCommand::new),
            new Row("anatomy", AnatomyCommand::new),
            new Row("trace", TraceCommand::new),
            new Row("audit", AuditCommand::new),
            new Row("definitions", DefinitionsCommand::new),
            new Row("backup", BackupCommand::new),
            new Row("certs", CertsCommand::new),
            new Row("local", LocalCommand::new),
            new Row("profiles", ProfilesCommand::new),
            new Row("completion", CompletionCommand::new));

    private CommandTable() {}

    /** Adds those that the arguments may mean: to read the annotations of all takes longer than most commands. */
    static void addTo(CommandLine line, String... args) {
        Set<String> words = new TreeSet<>(Arrays.asList(args));
        List<Row> meant = ROWS.stream().filter(row -> words.contains(row.name)).toList();
        (meant.isEmpty() ? ROWS : meant).forEach(row -> line.addSubcommand(row.name, row.command.get()));
    }

    static void addAllTo(CommandLine line) {
        addTo(line);
    }
}
