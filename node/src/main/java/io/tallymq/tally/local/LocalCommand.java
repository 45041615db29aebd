package io.tallymq.tally.local;

import io.tallymq.tally.base.CommandGroup;
import picocli.CommandLine.Command;

/** {@code tally local}. */
@Command(
        name = "local",
        header = "A cluster of real processes on this machine: start, stop, status, logs.",
        sortOptions = false,
        subcommands = {LocalStart.class, LocalStop.class, LocalStatus.class, LocalLogs.class},
        footerHeading = "%nExamples:%n",
        footer = {
            "  tally local start                  stays until Ctrl-C, as deploy/local-cluster does",
            "  tally local start --detach --dir /tmp/c --nodes 1 --amqp-port 7000 --http-port 17000",
            "  tally local stop --dir /tmp/c"
        })
public final class LocalCommand extends CommandGroup {}
