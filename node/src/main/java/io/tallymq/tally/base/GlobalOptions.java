package io.tallymq.tally.base;

import io.tallymq.tally.context.Surroundings;
import io.tallymq.tally.http.ApiClient;
import io.tallymq.tally.output.Output;
import io.tallymq.tally.profile.ClusterTarget;
import io.tallymq.tally.profile.ProfileFile;
import io.tallymq.tally.profile.TargetChoice;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The options that every command has: which cluster, as whom, and what the answer looks like. */
public abstract class GlobalOptions {
    private static final int FIRST = 900; // they come last in a help text

    @Option(
            names = "--cluster",
            paramLabel = "NAME",
            scope = ScopeType.INHERIT,
            order = FIRST,
            description = "A cluster of the profiles (see: tally profiles). Else TALLY_CLUSTER, else the default one.")
    private String cluster;

    @Option(
            names = "--address",
            paramLabel = "URL",
            split = ",",
            scope = ScopeType.INHERIT,
            order = FIRST + 1,
            description = "HTTP address of a node; several, with commas: the next one is asked when one is down."
                    + " Else TALLY_ADDRESS, else http://127.0.0.1:15672.")
    private List<String> addresses;

    @Option(
            names = "--user",
            paramLabel = "NAME",
            scope = ScopeType.INHERIT,
            order = FIRST + 2,
            description =
                    "Else TALLY_USER, else the profile's, else guest. The password: that of the profile that --cluster"
                            + " names, TALLY_PASSWORD, the default profile's, or asked for.")
    private String user;

    @Option(
            names = {"-v", "--vhost"},
            paramLabel = "VHOST",
            scope = ScopeType.INHERIT,
            order = FIRST + 3,
            description = "The virtual host. Else TALLY_VHOST, else the profile's, else / (lists: all).")
    private String vhost;

    @Option(
            names = "--ca",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            order = FIRST + 4,
            description =
                    "PEM file with the certificates to trust for https and amqps. Else TALLY_CA, else Java's own.")
    private Path ca;

    @Option(
            names = "--json",
            scope = ScopeType.INHERIT,
            order = FIRST + 5,
            description = "JSON instead of tables, for scripts.")
    private boolean json;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            order = FIRST + 6,
            description = "This text.")
    private boolean help;

    private final Surroundings surroundings;
    private ClusterTarget target;
    private ApiClient client;
    private Output output;

    protected GlobalOptions(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    public Surroundings surroundings() {
        return surroundings;
    }

    public ProfileFile profiles() {
        return ProfileFile.of(surroundings);
    }

    /** Which cluster, and as whom. Asks for a password if there is none. */
    public ClusterTarget target() {
        if (target == null) {
            target = new TargetChoice(surroundings, profiles(), cluster, addresses, user, vhost, ca).target();
        }
        return target;
    }

    public ApiClient client() {
        if (client == null) {
            client = new ApiClient(target());
        }
        return client;
    }

    public Output output() {
        if (output == null) {
            output = new Output(surroundings.out(), surroundings.err(), json);
        }
        return output;
    }

    /** Whether the command itself says which cluster. */
    public boolean namesCluster() {
        return cluster != null || addresses != null;
    }

    /** Whether somebody named a virtual host for this command, rather than for all. */
    public boolean namesVhost() {
        return target().namesVhost();
    }
}
