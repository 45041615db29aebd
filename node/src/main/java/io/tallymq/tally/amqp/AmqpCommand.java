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
            description = "AMQP addresses, amqp://host:port or amqps://host:port. Else TALLY_AMQP, else the profile's,"
                    + " else what the nodes tell over HTTP.")
    private List<String> addresses;

    final AmqpNodes nodes() {
        List<String> given = addresses;
        String variable = options().surroundings().variable("TALLY_AMQP");
        if (given == null && variable != null) {
            given = List.of(variable.split(","));
        }
        return AmqpNodes.of(target(), given);
    }
}
