package io.tallymq.tally.cluster;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.tally.base.ApiCommand;
import io.tallymq.tally.base.CommandGroup;
import io.tallymq.tally.context.Failure;
import io.tallymq.tally.output.TablePrinter;
import io.tallymq.tally.profile.Profile;
import io.tallymq.tally.profile.ProfileFile;
import io.tallymq.tally.profile.TargetChoice;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tally profiles}. */
@Command(
        name = "profiles",
        header = "Named clusters: list, add, remove, default. Kept in ~/.config/tally/profiles.json.",
        sortOptions = false,
        subcommands = {
            ProfilesCommand.Lister.class,
            ProfilesCommand.Adder.class,
            ProfilesCommand.Remover.class,
            ProfilesCommand.Chooser.class
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  tally profiles add prod --at https://a:15671,https://b:15671 --login ops --trust /etc/tally/ca.pem",
            "  tally --cluster prod status"
        })
public final class ProfilesCommand extends CommandGroup {
    @Command(
            name = "list",
            header = "All clusters that have a name; the default one has a star.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {"  tally profiles list"})
    static final class Lister extends ApiCommand {
        @Override
        protected void run() {
            ProfileFile file = options().profiles();
            String usual = file.defaultName();
            ArrayNode rows = JsonNodeFactory.instance.arrayNode();
            file.all().forEach((name, profile) -> {
                ObjectNode row = rows.addObject()
                        .put("name", name)
                        .put("default", name.equals(usual))
                        .put("user", profile.user())
                        .put("has_password", profile.password() != null)
                        .put("vhost", profile.vhost())
                        .put("ca", profile.ca());
                profile.addresses().forEach(row.putArray("addresses")::add);
                profile.amqp().forEach(row.putArray("amqp")::add);
            });
            out().table(
                            rows,
                            new TablePrinter()
                                    .text(
                                            "NAME",
                                            row -> (row.path("default").asBoolean() ? "*" : "")
                                                    + row.path("name").asText())
                                    .text("ADDRESSES", "addresses")
                                    .text("USER", "user")
                                    .text(
                                            "PASSWORD",
                                            row -> row.path("has_password").asBoolean() ? "kept" : "")
                                    .text("VHOST", "vhost")
                                    .text("CA", "ca"));
        }
    }

    @Command(
            name = "add",
            header = "Keeps a cluster under a name, or changes one.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {
                "  tally profiles add here --at 127.0.0.1:15672,127.0.0.1:15673,127.0.0.1:15674",
                "  tally profiles add prod --at https://a:15671 --login ops --keep-password"
            })
    static final class Adder extends ApiCommand {
        @Parameters(paramLabel = "NAME", description = "What to call it.")
        private String name;

        @Option(
                names = "--at",
                required = true,
                paramLabel = "URL",
                split = ",",
                description = "HTTP addresses of its nodes.")
        private List<String> addresses;

        @Option(
                names = "--amqp",
                paramLabel = "URI",
                split = ",",
                description = "AMQP addresses, if not those that the nodes tell.")
        private List<String> amqp = List.of();

        @Option(names = "--login", paramLabel = "USER", description = "As whom.")
        private String login;

        @Option(
                names = "--keep-password",
                description =
                        "Keep the password in the file, which only its owner may read: TALLY_PASSWORD, or asked for.")
        private boolean keep;

        @Option(names = "--in", paramLabel = "VHOST", description = "The virtual host.")
        private String vhost;

        @Option(names = "--trust", paramLabel = "FILE", description = "PEM file of the certificates to trust.")
        private String ca;

        @Override
        protected void run() {
            addresses.forEach(TargetChoice::requireAddress);
            if (keep && login == null) {
                throw usage("--keep-password needs --login");
            }
            options().profiles().put(name, new Profile(addresses, amqp, login, keep ? password() : null, vhost, ca));
            out().done("cluster '" + name + "' is kept in "
                    + options().profiles().path());
        }

        private String password() {
            String given = options().surroundings().variable("TALLY_PASSWORD");
            if (given != null) {
                return given;
            }
            char[] typed = options().surroundings().prompt().apply("Password of " + login + ": ");
            if (typed == null) {
                throw Failure.usage("there is no password to keep: set TALLY_PASSWORD");
            }
            return new String(typed);
        }
    }

    @Command(
            name = "remove",
            header = "Forgets a cluster.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {"  tally profiles remove here"})
    static final class Remover extends ApiCommand {
        @Parameters(paramLabel = "NAME", description = "What it is called.")
        private String name;

        @Override
        protected void run() {
            options().profiles().remove(name);
            out().done("cluster '" + name + "' is forgotten");
        }
    }

    @Command(
            name = "default",
            header = "Which cluster is meant when none is named.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {"  tally profiles default prod"})
    static final class Chooser extends ApiCommand {
        @Parameters(paramLabel = "NAME", description = "What it is called.")
        private String name;

        @Override
        protected void run() {
            options().profiles().setDefault(name);
            out().done("cluster '" + name + "' is the default");
        }
    }
}
