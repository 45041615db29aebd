package io.tallymq.tally.amqp;

import io.tallymq.tally.base.ApiCommand;
import java.util.List;
import picocli.CommandLine.Option;

/** A command that talks AMQP. */
abstract class AmqpCommand extends ApiCommand {
    @Option(
            names = "--amqp",
            paramLabel = "URI",
            split = ",",
            description = "AMQP addresses, amqp://host:port or amqps://host:port. Else TALLY_AMQP, unless --cluster or"
                    + " --address says which cluster, else the profile's, else what the nodes tell over HTTP.")
    private List<String> addresses;

    final AmqpNodes nodes() {
        List<String> given = addresses;
        String variable = options().namesCluster()
                ? null // it may be of another cluster, which would get messages that are not for it
                : options().surroundings().variable("TALLY_AMQP");
        if (given == null && variable != null) {
            given = List.of(variable.split(","));
        }
        return AmqpNodes.of(target(), given, options().surroundings().err()::println);
    }
}
