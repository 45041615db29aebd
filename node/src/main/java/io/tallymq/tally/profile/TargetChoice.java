package io.tallymq.tally.profile;

import io.tallymq.tally.context.Failure;
import io.tallymq.tally.context.Surroundings;
import io.tallymq.tally.output.Plain;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * Finds out which cluster is meant. What the command says comes first, then a profile that it names, then the environment, then the default
 * profile. Who gives an address and names no profile gets nothing of the default one: its password is for other nodes.
 */
public final class TargetChoice {
    private static final String LOCAL = "http://127.0.0.1:15672";
    private static final String DEFAULT_LOGIN = "guest";
    private static final int HTTP_PORT = 15672;
    private static final int HTTPS_PORT = 15671;

    private final Surroundings surroundings;
    private final ProfileFile profiles;
    private final String cluster;
    private final List<String> addresses;
    private final String user;
    private final String vhost;
    private final Path ca;

    /** All from the command; null for what it does not say. */
    public TargetChoice(
            Surroundings surroundings,
            ProfileFile profiles,
            String cluster,
            List<String> addresses,
            String user,
            String vhost,
            Path ca) {
        this.surroundings = surroundings;
        this.profiles = profiles;
        this.cluster = cluster;
        this.addresses = addresses;
        this.user = user;
        this.vhost = vhost;
        this.ca = ca;
    }

    /** @throws Failure for what makes no sense, and without a password */
    public ClusterTarget target() {
        Profile profile = profile();
        List<URI> at = addresses(profile).stream().map(TargetChoice::address).toList();
        String name = firstOf(user, cluster == null ? variable("TALLY_USER") : null, profile.user(), DEFAULT_LOGIN);
        String host = firstOf(vhost, cluster == null ? variable("TALLY_VHOST") : null, profile.vhost());
        return new ClusterTarget(
                at,
                profile.amqp(),
                name,
                password(profile, name, at),
                host == null ? "/" : host,
                host != null,
                trusted(profile));
    }

    private Profile profile() {
        String named = firstOf(cluster, givesAddress() ? null : variable("TALLY_CLUSTER"));
        if (named != null) {
            return profiles.require(named);
        }
        String usual = givesAddress() ? null : profiles.defaultName();
        return usual == null ? Profile.NONE : profiles.require(usual);
    }

    private boolean givesAddress() {
        return addresses != null || variable("TALLY_ADDRESS") != null;
    }

    private List<String> addresses(Profile profile) {
        if (addresses != null) {
            return addresses;
        }
        String fromEnvironment = variable("TALLY_ADDRESS");
        if (cluster == null && fromEnvironment != null) {
            return List.of(fromEnvironment.split(","));
        }
        return profile.addresses().isEmpty() ? List.of(LOCAL) : profile.addresses();
    }

    private String variable(String name) {
        return surroundings.variable(name);
    }

    private static String firstOf(String... values) {
        for (String value : values) {
            if (value != null) {
                return value;
            }
        }
        return null;
    }

    /** {@code host}, {@code host:port} or a URL without a path. */
    static URI address(String given) {
        String text = given.strip();
        try {
            URI uri = URI.create(text.contains("://") ? text : "http://" + text);
            boolean secure = "https".equals(uri.getScheme());
            boolean plain = uri.getPath().isEmpty() || uri.getPath().equals("/");
            if (uri.getHost() != null
                    && plain
                    && uri.getUserInfo() == null
                    && (secure || "http".equals(uri.getScheme()))) {
                int port = uri.getPort() >= 0 ? uri.getPort() : secure ? HTTPS_PORT : HTTP_PORT;
                return URI.create(uri.getScheme() + "://" + uri.getHost() + ":" + port);
            }
        } catch (IllegalArgumentException e) {
            throw noAddress(text);
        }
        throw noAddress(text);
    }

    /** @throws Failure if it is none */
    public static void requireAddress(String given) {
        address(given);
    }

    private static Failure noAddress(String text) {
        return Failure.usage("'" + Plain.withoutLogin(text)
                + "' is no address: host, host:port, http://host:port or https://host:port is expected");
    }

    private String password(Profile profile, String name, List<URI> at) {
        String kept = Objects.equals(name, profile.user()) ? profile.password() : null;
        String given = variable("TALLY_PASSWORD");
        String first = cluster == null ? firstOf(given, kept) : firstOf(kept, given); // it may be another cluster's
        if (first != null) {
            return first;
        }
        if (name.equals(DEFAULT_LOGIN) && profile.password() == null) {
            return DEFAULT_LOGIN; // a new cluster's, from its own machine only
        }
        char[] typed = surroundings
                .prompt()
                .apply("Password of " + name + " at " + at.get(0).getAuthority() + ": ");
        if (typed == null) {
            throw Failure.usage("there is no password for " + name + ": set TALLY_PASSWORD, or keep it in a profile");
        }
        return new String(typed);
    }

    private Path trusted(Profile profile) {
        String fromEnvironment = cluster == null ? variable("TALLY_CA") : null;
        Path file = ca;
        if (file == null) {
            String name = firstOf(fromEnvironment, profile.ca());
            file = name == null ? null : Path.of(name);
        }
        if (file != null && !Files.isReadable(file)) {
            throw Failure.usage("the file of certificates " + file + " is not there, or not readable");
        }
        return file;
    }
}
