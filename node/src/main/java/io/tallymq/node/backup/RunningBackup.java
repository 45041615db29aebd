package io.tallymq.node.backup;

import io.netty.util.concurrent.DefaultThreadFactory;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.RefusedException;
import io.tallymq.node.backup.BackupManifest.About;
import io.tallymq.node.config.ConfigCommand;
import io.tallymq.node.config.NodeConfig;
import io.tallymq.raft.StoreCopy;
import java.io.IOException;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * GET /api/backup: this node's store as one file, while it works. All that was confirmed before is in it, and it ends where an entry of the log does.
 * One at a time.
 */
public final class RunningBackup implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RunningBackup.class);
    private static final String TAR = "application/x-tar";
    private static final long MAJORITY_SECONDS = 5;

    private final NodeConfig config;
    private final String origin;
    private final Function<ApiRequest, CompletableFuture<Boolean>> confirmed;
    private final Callable<StoreCopy> copying;
    private final AtomicBoolean busy = new AtomicBoolean();
    private final ExecutorService thread = Executors.newSingleThreadExecutor(new DefaultThreadFactory("backup", true));

    /**
     * @param confirmed completes with true when the cluster knows who asks, and this node has applied all that was confirmed before
     * @param copying makes a copy of its store
     */
    public RunningBackup(
            NodeConfig config,
            String origin,
            Function<ApiRequest, CompletableFuture<Boolean>> confirmed,
            Callable<StoreCopy> copying) {
        this.config = config;
        this.origin = origin;
        this.confirmed = confirmed;
        this.copying = copying;
    }

    /** What is answered; 503 when another one is under way or there is no majority. */
    public CompletionStage<Answer> answer(ApiRequest request) {
        if (!busy.compareAndSet(false, true)) {
            throw RefusedException.of(503, "overloaded", "another backup is being taken from this node: try again");
        }
        String user = request.user().name();
        try {
            return confirmed
                    .apply(request)
                    .completeOnTimeout(false, MAJORITY_SECONDS, TimeUnit.SECONDS)
                    .exceptionally(e -> false)
                    .thenApplyAsync(has -> begin(has, user), thread)
                    .whenComplete((answer, error) -> {
                        if (error != null) {
                            busy.set(false);
                        }
                    });
        } catch (RuntimeException e) {
            busy.set(false); // the node is stopping
            throw e;
        }
    }

    private Answer begin(boolean hasAll, String user) {
        if (!hasAll) {
            throw RefusedException.of(
                    503,
                    "unavailable",
                    "no majority of the nodes confirms, so this node can't tell whether it has all that was confirmed: ask again, or"
                            + " another node. When the majority is lost for good, stop this node and see tallymq --backup");
        }
        long begun = System.nanoTime();
        StoreCopy copy;
        try {
            copy = copying.call();
        } catch (Exception e) {
            LOG.warn("No copy of the store could be made for a backup", e);
            throw RefusedException.of(503, "unavailable", "no copy of the store could be made: " + e.getMessage());
        }
        String id = UUID.randomUUID().toString();
        LOG.info(
                "Backup {} for user '{}': the store as of entry {}, copied in {} ms",
                id,
                user,
                copy.applied().index(),
                (System.nanoTime() - begun) / 1_000_000);
        About about = new About(
                ConfigCommand.version(),
                config.cluster().name(),
                origin,
                config.cluster().node(),
                Instant.now());
        BackupPieces pieces;
        try {
            pieces = new BackupPieces(
                    id,
                    about,
                    copy.applied(),
                    copy.directory(),
                    () -> later(() -> {
                        copy.close();
                        busy.set(false);
                        LOG.info("Backup {} has ended", id);
                    }));
        } catch (IOException e) {
            copy.close();
            throw RefusedException.of(503, "unavailable", "the copy of the store could not be read: " + e);
        }
        String file = config.cluster().name() + "-" + config.cluster().node() + "-"
                + copy.applied().index() + ".tar";
        return Answer.streamed(TAR, pieces).with("Content-Disposition", "attachment; filename=\"" + file + "\"");
    }

    /** Deleting files may take a moment, and who has done with them may be an event loop. */
    private void later(Runnable task) {
        try {
            thread.execute(task);
        } catch (RejectedExecutionException e) {
            task.run(); // the node is stopping
        }
    }

    @Override
    public void close() {
        thread.shutdown();
    }
}
