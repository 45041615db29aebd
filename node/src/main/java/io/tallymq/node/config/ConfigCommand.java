package io.tallymq.node.config;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** A node's command line: what it is to run with, or what it prints instead. */
public final class ConfigCommand {
    /** Exit code for everything that is wrong with the configuration. */
    public static final int EXIT_BAD_CONFIG = 2;

    private static final String CONFIG = "--config";
    private static final String SET = "--set";
    private static final String HELP = "--help";
    private static final String VERSION = "--version";
    private static final String BACKUP = "--backup";
    private static final String RESTORE = "--restore";
    private static final String PRINT_CONFIG = "--print-config";
    private static final String PRINT_EXAMPLE = "--print-example";

    private final Map<String, String> environment;
    private final PrintStream out;
    private final PrintStream err;

    /** What comes of a command line. */
    public sealed interface Outcome {}

    /**
     * Start a node.
     *
     * @param warnings for the log, one line each
     */
    public record Run(NodeConfig config, List<String> warnings) implements Outcome {
        public Run {
            warnings = List.copyOf(warnings);
        }
    }

    /** Make a backup of a node that does not run. */
    public record Backup(NodeConfig config, Path file) implements Outcome {}

    /** Fill an empty data directory from a backup. */
    public record Restoring(NodeConfig config, Path backup) implements Outcome {}

    /** All is said; end the process. */
    public record Exit(int code) implements Outcome {}

    /**
     * @param environment the process's variables
     * @param out for what was asked for
     * @param err for what is wrong
     */
    public ConfigCommand(Map<String, String> environment, PrintStream out, PrintStream err) {
        this.environment = Map.copyOf(environment);
        this.out = out;
        this.err = err;
    }

    /** Reads everything there is: file, environment, command line. Prints, but ends nothing and starts nothing. */
    public Outcome read(String... args) {
        CommandSpec spec = spec();
        ParseResult options;
        try {
            options = new CommandLine(spec).parseArgs(args);
        } catch (ParameterException e) {
            err.println("tallymq: " + text(e) + "; --help lists the options, e.g. tallymq --config"
                    + " /etc/tallymq/tallymq.conf --set amqp.port=5672");
            return new Exit(EXIT_BAD_CONFIG);
        }
        if (options.hasMatchedOption(HELP)) {
            out.print(help(spec));
            return new Exit(0);
        }
        if (options.hasMatchedOption(VERSION)) {
            out.println("tallymq " + version());
            return new Exit(0);
        }
        if (options.hasMatchedOption(PRINT_EXAMPLE)) {
            out.print(ConfigHelp.exampleFile());
            return new Exit(0);
        }
        return configure(options);
    }

    /** Of {@code --set cluster.secret abc} the end is the secret. */
    private static String text(ParameterException e) {
        if (!(e instanceof UnmatchedArgumentException unmatched)) {
            return e.getMessage();
        }
        String first = unmatched.getUnmatched().get(0);
        return first.startsWith("-")
                ? "there is no option " + Settings.shown(first)
                : "there is an argument that belongs to no option";
    }

    /** This version, like 1.2.3. */
    public static String version() {
        return ProductVersion.current();
    }

    private Outcome configure(ParseResult options) {
        Settings settings = new Settings();
        String file = options.matchedOptionValue(CONFIG, environment.get(ConfigEnvironment.CONFIG_FILE));
        if (file != null && !file.isBlank()) {
            ConfigFile.readInto(settings, Path.of(file));
        }
        ConfigEnvironment.readInto(settings, environment);
        for (String assignment : options.matchedOptionValue(SET, List.<String>of())) {
            assign(settings, assignment);
        }
        NodeConfig config = new ConfigReader(settings).read();
        if (config == null) {
            settings.problems().forEach(problem -> err.println("tallymq: " + problem));
            return new Exit(EXIT_BAD_CONFIG);
        }
        if (options.hasMatchedOption(PRINT_CONFIG)) {
            out.print(ConfigHelp.effective(settings));
            return new Exit(0);
        }
        if (options.hasMatchedOption(RESTORE) && options.hasMatchedOption(BACKUP)) {
            err.println("tallymq: " + BACKUP + " and " + RESTORE + " are two things, one after the other");
            return new Exit(EXIT_BAD_CONFIG);
        } else if (options.hasMatchedOption(RESTORE)) {
            return new Restoring(config, Path.of(options.<String>matchedOptionValue(RESTORE, "")));
        } else if (options.hasMatchedOption(BACKUP)) {
            return new Backup(config, Path.of(options.<String>matchedOptionValue(BACKUP, "")));
        }
        return new Run(config, ConfigWarnings.of(config));
    }

    private static void assign(Settings settings, String assignment) {
        int equals = assignment.indexOf('=');
        if (equals < 1) {
            settings.problem(
                    "--set " + Settings.shown(assignment) + ": this is not key=value, e.g. --set amqp.port=5672");
        } else {
            settings.putFromProcess(assignment.substring(0, equals).strip(), assignment.substring(equals + 1), SET);
        }
    }

    /** Built by hand instead of from annotations: no reflection, so that a start does not pay for it. */
    private static CommandSpec spec() {
        CommandSpec spec = CommandSpec.create().name("tallymq");
        spec.usageMessage().description("Runs one node of a TallyMQ cluster until it is told to stop (SIGTERM).");
        spec.addOption(OptionSpec.builder(CONFIG)
                .type(String.class)
                .paramLabel("FILE")
                .description("Read this configuration file (else the one TALLYMQ_CONFIG names, else none).")
                .build());
        spec.addOption(OptionSpec.builder(SET)
                .type(List.class)
                .auxiliaryTypes(String.class)
                .paramLabel("KEY=VALUE")
                .description("Set a key; overrides environment and file. Others can see it in the list of"
                        + " processes: no place for secrets.")
                .build());
        spec.addOption(OptionSpec.builder(RESTORE)
                .type(String.class)
                .paramLabel("BACKUP")
                .description(
                        "Fill the empty data.dir from a backup (deploy/tally backup, --backup), and end. A new cluster"
                                + " comes of it: see docs/operations.md.")
                .build());
        spec.addOption(OptionSpec.builder(BACKUP)
                .type(String.class)
                .paramLabel("FILE")
                .description(
                        "Write a backup of what this node, which does not run, has on its disk, and end. For when the"
                                + " majority is lost for good; else deploy/tally backup.")
                .build());
        spec.addOption(flag(PRINT_CONFIG, "Print each key's value and where it comes from, secrets masked, and end."));
        spec.addOption(flag(PRINT_EXAMPLE, "Print a configuration file with every key and its default, and end."));
        spec.addOption(flag(VERSION, "Print the version and end."));
        spec.addOption(flag(HELP, "Print this and end."));
        return spec;
    }

    private static OptionSpec flag(String name, String description) {
        return OptionSpec.builder(name)
                .type(boolean.class)
                .description(description)
                .build();
    }

    private static String help(CommandSpec spec) {
        CommandLine line = new CommandLine(spec);
        line.setUsageHelpWidth(120);
        return line.getUsageMessage(CommandLine.Help.Ansi.OFF)
                + """

                Keys: "key = value" in the file, TALLYMQ_KEY=value in the environment (upper case, '.' and '-' become '_',
                e.g. TALLYMQ_AMQP_PORT), --set key=value here; the later one wins. An unknown key, an unknown TALLYMQ_ variable
                and a bad value stop the start with exit code 2. Sizes: 512KiB, 16MiB, 1GiB. Durations: 500ms, 10s, 5m, 1h.
                Not keys: TALLYMQ_CONFIG (the file), TALLYMQ_JAVA_OPTS (options for the JVM, read by the launcher, e.g.
                TALLYMQ_JAVA_OPTS="-Xmx2g"; without an -Xmx the heap is a quarter of the machine's or container's
                memory, 256 to 512 MiB), TALLYMQ_CDS (the launcher's class archive, see deploy/tallymq).
                """
                + ConfigHelp.keys();
    }
}
