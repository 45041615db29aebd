package io.tallymq.raft.session;

import io.tallymq.broker.effect.Reply;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Somebody waits for the reply to the batch's command {@code command}: a session, or else a future.
 *
 * @param command position among the batch's commands, publishes and acks not counted
 */
public record PendingReply(
        int command, ClientSession session, Consumer<Reply> onReply, CompletableFuture<Reply> future) {}
