package io.tallymq.admin.request;

import io.tallymq.broker.Broker;
import io.tallymq.broker.command.ByUser;
import io.tallymq.broker.command.NoteAction;
import io.tallymq.broker.effect.Reply;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the list of changes who did what by HTTP, where no command that changes something tells it already. Any thread. */
public final class ActionNotes {
    private static final Logger LOG = LoggerFactory.getLogger(ActionNotes.class);

    private ActionNotes() {}

    /** As {@link #note}, where nobody waits for it: what is done must also be had without a majority, or from a leader that takes long to write. */
    public static void noteMeanwhile(Broker broker, ApiRequest by, NoteAction action) {
        var unused = note(broker, by, action).thenAccept(noted -> {
            if (!noted) {
                LOG.warn(
                        "The list of changes does not tell of {} by user '{}' from {}: {}{}",
                        action.what(),
                        by.by(),
                        by.from(),
                        action.subject(),
                        action.rest());
            }
        });
    }

    /**
     * Completes once a majority has the note and this node has applied it, never exceptionally: with whether that is so. In clusters of a level that knows no
     * notes nothing is noted, and it is true at once. Who waits bounds the time.
     */
    public static CompletableFuture<Boolean> note(Broker broker, ApiRequest by, NoteAction action) {
        if (broker.level() < ByUser.LEVEL) {
            return CompletableFuture.completedFuture(true);
        }
        try {
            return broker.submit(new ByUser(by.by(), by.from(), action))
                    .handle((reply, error) -> error == null && !(reply instanceof Reply.Rejected));
        } catch (RuntimeException e) {
            return CompletableFuture.completedFuture(false); // the node is stopping
        }
    }
}
