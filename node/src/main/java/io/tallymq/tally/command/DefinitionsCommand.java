package io.tallymq.tally.command;

import io.tallymq.tally.base.ApiCommand;
import io.tallymq.tally.base.CommandGroup;
import io.tallymq.tally.context.Failure;
import io.tallymq.tally.context.StrictText;
import io.tallymq.tally.http.ApiPath;
import io.tallymq.tally.output.JsonTree;
import io.tallymq.tally.output.Plain;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code tally definitions}. */
@Command(
        name = "definitions",
        header = "Everything but messages, as a file: export, import. RabbitMQ's files are taken, too.",
        sortOptions = false,
        subcommands = {DefinitionsCommand.Exporter.class, DefinitionsCommand.Importer.class},
        footerHeading = "%nExamples:%n",
        footer = {"  tally definitions export backup.json", "  tally definitions import backup.json"})
public final class DefinitionsCommand extends CommandGroup {
    @Command(
            name = "export",
            header = "Writes the definitions of all virtual hosts and users, or of one virtual host.",
            description = "The file is readable for its owner only: hashes of passwords are in it.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {"  tally definitions export backup.json", "  tally definitions export -v /shop > shop.json"})
    static final class Exporter extends ApiCommand {
        @Parameters(arity = "0..1", paramLabel = "FILE", description = "Else the standard output.")
        private Path file;

        @Override
        protected void run() throws IOException {
            ApiPath path = ApiPath.of("definitions");
            ApiPath wanted = options().namesVhost() ? path.name(vhost()) : path;
            if (file == null) {
                out().json(api().get(wanted));
                return;
            }
            if (Files.exists(file) && !Files.isRegularFile(file)) { // /dev/stdout
                try (OutputStream to = Files.newOutputStream(file)) {
                    download(wanted, to);
                }
            } else {
                PrivateFile.write(Files.exists(file) ? file.toRealPath() : file, to -> download(wanted, to));
            }
            out().done("the definitions are in " + file);
        }

        /** While they come: those of 100,000 queues are too large for a command's memory. */
        private Path download(ApiPath from, OutputStream to) {
            try {
                var buffered = new BufferedOutputStream(to);
                api().download(from, in -> JsonTree.indent(in, buffered));
                buffered.write('\n');
                buffered.flush();
                return file;
            } catch (IOException e) {
                throw Failure.refused("the definitions are not all in " + file + ": " + Plain.reason(e));
            }
        }
    }

    @Command(
            name = "import",
            header = "Takes what a file holds; what is there already and is the same stays.",
            description = "Ends with the first thing that is refused; what is done stays done.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {
                "  tally definitions import backup.json",
                "  rabbitmqctl export_definitions - | tally definitions import -"
            })
    static final class Importer extends ApiCommand {
        @Parameters(paramLabel = "FILE", description = "JSON; - is the standard input.")
        private String file;

        @Override
        protected void run() {
            String text = read();
            out().progress("importing " + text.length() + " characters ...");
            ApiPath path = ApiPath.of("definitions");
            api().upload(options().namesVhost() ? path.name(vhost()) : path, text);
            out().done("the definitions are imported");
        }

        private String read() {
            boolean typed = file.equals("-");
            try (InputStream in = typed ? options().surroundings().in() : Files.newInputStream(Path.of(file))) {
                return StrictText.require(in.readAllBytes(), typed ? "the standard input" : file);
            } catch (IOException e) {
                throw Failure.usage(file + " can not be read: " + Plain.reason(e));
            }
        }
    }
}
