package io.tallymq.tally.command;

import io.tallymq.tally.base.ApiCommand;
import io.tallymq.tally.context.Failure;
import io.tallymq.tally.http.ApiPath;
import io.tallymq.tally.output.Plain;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code tally backup}. */
@Command(
        name = "backup",
        header = "Takes a backup of messages, queues and users from a node that works.",
        description = {
            "All that was confirmed before is in it. The file is a tar archive, readable for its owner only;"
                    + " what comes is compared with its checksums.",
            "Take it from a follower: --address NODE. A new cluster comes of it with tallymq --restore FILE."
        },
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {"  tally backup orders.tar", "  tally backup - | zstd > orders.tar.zst"})
public final class BackupCommand extends ApiCommand {
    @Parameters(paramLabel = "FILE", description = "One that is not there yet; - is the standard output.")
    private String file;

    @Override
    protected void run() throws IOException {
        if (file.equals("-")) {
            download(options().surroundings().out().bytes());
            return;
        }
        Path target = Path.of(file);
        if (Files.exists(target)) {
            throw Failure.usage("there is a file " + target + " already");
        }
        BackupArchive taken = PrivateFile.write(target, this::download);
        out().done("the backup is in " + target + ": " + taken.files() + " files, " + taken.bytes()
                + " bytes, all up to entry " + taken.index() + " of the log of node " + taken.node());
    }

    private BackupArchive download(OutputStream to) throws IOException {
        BackupArchive archive = new BackupArchive(to);
        try {
            api().download(ApiPath.of("backup"), in -> take(in, archive));
        } catch (IOException e) {
            throw Failure.refused("the backup is not complete: " + Plain.reason(e));
        }
        return archive;
    }

    private static void take(InputStream in, BackupArchive archive) throws IOException {
        archive.copy(in);
    }
}
