package io.tallymq.tally;

import io.tallymq.tally.context.Failure;
import io.tallymq.tally.context.Surroundings;
import io.tallymq.tally.output.Plain;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command line. Exit codes: 0 done; 1 refused, or what was to be shown is not so; 2 the command makes no sense; 3 nobody answers, or there
 * is no majority.
 */
public final class TallyMain {
    private TallyMain() {}

    public static void main(String[] args) {
        System.exit(run(Surroundings.ofProcess(), args));
    }

    /** Runs one command in this process; its exit code. */
    public static int run(Surroundings surroundings, String... args) {
        TallyCommand root = new TallyCommand(surroundings);
        CommandLine line = new CommandLine(root);
        CommandTable.addTo(line, args);
        dress(line, surroundings);
        int code = line.execute(args);
        code = code == 0 ? written(surroundings) : code;
        surroundings.err().flush();
        return code;
    }

    /** Whether all of the answer could be written. */
    private static int written(Surroundings surroundings) {
        try {
            surroundings.out().require();
            return 0;
        } catch (Failure e) {
            return failed(e, surroundings);
        }
    }

    /** Once it has all commands: what is set here is set for those that are there. */
    static CommandLine dress(CommandLine line, Surroundings surroundings) {
        abbreviate(line);
        return line.setOut(new PrintWriter(surroundings.out(), true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(surroundings.err(), true, StandardCharsets.UTF_8))
                .setUsageHelpAutoWidth(false)
                .setUsageHelpWidth(110)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOverwrittenOptionsAllowed(true)
                .setParameterExceptionHandler((e, args) -> misused(e, surroundings))
                .setExecutionExceptionHandler((e, at, parsed) -> failed(e, surroundings));
    }

    /** The options that all have would be all that is seen. */
    private static void abbreviate(CommandLine line) {
        line.getCommandSpec().usageMessage().abbreviateSynopsis(true);
        line.getSubcommands().values().forEach(TallyMain::abbreviate);
    }

    private static int misused(ParameterException e, Surroundings surroundings) {
        PrintStream err = surroundings.err();
        CommandLine line = e.getCommandLine();
        err.println(surroundings.name() + ": " + Plain.text(Plain.withoutLogins(e.getMessage())));
        if (!UnmatchedArgumentException.printSuggestions(e, line.getErr())) {
            err.println("See: " + line.getCommandSpec().qualifiedName() + " --help");
        }
        return Failure.USAGE;
    }

    private static int failed(Failure failure, Surroundings surroundings) {
        surroundings.err().println(surroundings.name() + ": " + Plain.lines(failure.getMessage()));
        return failure.exitCode();
    }

    private static int failed(Exception e, Surroundings surroundings) throws Exception {
        surroundings.out().flush(); // what there is comes first
        PrintStream err = surroundings.err();
        if (e instanceof Failure failure) {
            return failed(failure, surroundings);
        }
        if (e instanceof IOException || e instanceof UncheckedIOException) {
            IOException io = e instanceof IOException i ? i : ((UncheckedIOException) e).getCause();
            err.println(surroundings.name() + ": a file can not be read or written: "
                    + Plain.lines(io + ", " + Plain.reason(io)));
            return Failure.REFUSED;
        }
        throw e; // a bug of this program: picocli shows where
    }
}
