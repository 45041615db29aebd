package io.tallymq.tally;

import io.tallymq.tally.base.GlobalOptions;
import io.tallymq.tally.context.Surroundings;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code tally} without a command. */
@Command(
        name = "tally",
        sortOptions = false,
        versionProvider = TallyCommand.Version.class,
        header = "Looks after TallyMQ clusters from the command line.",
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {
            "  tally status                                the cluster of this machine, in one screen",
            "  tally --cluster prod queues list            a cluster of the profiles",
            "  TALLY_ADDRESS=https://a:15671,https://b:15671 TALLY_CA=ca.pem tally --user ops status",
            "  tally queues --help                         what there is for queues",
            "",
            "Exit codes: 0 done; 1 refused, with the server's reason; 2 the command makes no sense;",
            "3 nobody answers, or there is no majority."
        })
final class TallyCommand extends GlobalOptions implements Runnable {
    @Spec
    private CommandSpec spec;

    @Option(names = "--version", versionHelp = true, description = "The version.")
    private boolean version;

    TallyCommand(Surroundings surroundings) {
        super(surroundings);
    }

    @Override
    public void run() {
        CommandLine line = spec.commandLine();
        throw new ParameterException(line, "a command is missing");
    }

    /** As the jar says. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = TallyMain.class.getPackage().getImplementationVersion();
            return new String[] {"tally " + (version == null ? "(not packaged)" : version)};
        }
    }
}
