package io.tallymq.admin.messages;

import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.RefusedException;
import io.tallymq.broker.Broker;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.store.ChunkBody;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;

/**
 * Gets messages one by one, as basic.get does, and settles them once all that is to be told of them is together: what happens before, the queue
 * still has them. All on the loop of its connection.
 */
final class GetRun {
    /** Bytes of payloads, and of all else that is told of their messages, in one answer. */
    static final long MOST_BYTES = 8 << 20;
    /** Asked for at a time, in one entry. */
    private static final int AT_ONCE = 32;

    private final Broker broker;
    private final BriefConnection connection;
    private final String vhost;
    private final String queue;
    private final GetBody wanted;
    private final IntFunction<CompletableFuture<Boolean>> note;
    private final CompletableFuture<Answer> answer = new CompletableFuture<>();

    private final List<ShownMessage> rows = new ArrayList<>();
    private final Slots.Slot slot;
    private final ArrayDeque<Reply.Got> got = new ArrayDeque<>();
    private final List<long[]> told = new ArrayList<>();
    private final List<long[]> untold = new ArrayList<>();
    private long holder;
    private int asked;
    private int answered;
    private long bytes;
    /** The queue has no more, or the answer is full. */
    private boolean over;

    /**
     * @param note tells others, before so many messages are taken out, who takes them; completes with whether they know it
     * @param slot held until the answer is sent
     */
    GetRun(
            Broker broker,
            BriefConnection connection,
            String vhost,
            String queue,
            GetBody wanted,
            IntFunction<CompletableFuture<Boolean>> note,
            Slots.Slot slot) {
        this.note = note;
        this.slot = slot;
        this.broker = broker;
        this.connection = connection;
        this.vhost = vhost;
        this.queue = queue;
        this.wanted = wanted;
    }

    CompletableFuture<Answer> run() {
        ask();
        return answer;
    }

    private void ask() {
        int most = over ? asked : Math.min(wanted.count(), asked + AT_ONCE);
        if (asked == most) {
            settle();
            return;
        }
        for (int waits = most - asked; waits > 0; waits--) {
            asked++;
            connection
                    .call(new Get(connection.session().id(), BriefConnection.CHANNEL, vhost, queue, false))
                    .thenAccept(this::hear);
        }
    }

    private void hear(Reply reply) {
        answered++;
        if (reply instanceof Reply.Got message) {
            holder = message.holder();
            got.add(message);
        } else if (reply instanceof Reply.Rejected why) {
            answer.completeExceptionally(RefusedException.of(why));
        } else {
            over = true;
        }
        if (answered == asked && !answer.isDone()) {
            next();
        }
    }

    /** The next of those that came is put into the answer. */
    private void next() {
        Reply.Got message = got.poll();
        if (message == null) {
            ask();
            return;
        }
        if (over && isFull()) {
            leave(message);
            next();
            return;
        }
        broker.load(message.delivery().chunk())
                .whenCompleteAsync(
                        (body, error) -> {
                            if (error != null) {
                                answer.completeExceptionally(error);
                            } else if (body == null) { // it went meanwhile
                                leave(message);
                                next();
                            } else {
                                take(message, body);
                            }
                        },
                        connection.loop());
    }

    private boolean isFull() {
        return !untold.isEmpty();
    }

    private void leave(Reply.Got message) {
        long seq = message.delivery().firstSeq();
        untold.add(new long[] {seq, seq});
    }

    private void take(Reply.Got message, ChunkBody chunk) {
        Delivery d = message.delivery();
        byte[] b = chunk.bytes();
        int at = chunk.at(d.from());
        long shown = Math.min(wanted.truncate(), MessageRecord.bodyLength(b, at));
        if (shown > MOST_BYTES && rows.isEmpty()) {
            answer.completeExceptionally(RefusedException.badRequest("the message has "
                    + MessageRecord.bodyLength(b, at) + " bytes, an answer at most " + MOST_BYTES
                    + ": ask for less of it with truncate"));
            return;
        }
        byte[] row = ShownMessage.row(MessageRow.of(d, chunk, message.remaining()));
        long size = shown + row.length; // a thousand messages may have 256 KiB of headers each
        if (bytes + size > MOST_BYTES && !rows.isEmpty()) {
            over = true;
            leave(message);
            next();
            return;
        }
        bytes += size;
        told.add(new long[] {d.firstSeq(), d.firstSeq()});
        if (!MessageRecord.isExternal(b, at)) {
            int from = MessageRecord.bodyOffset(b, at);
            show(row, Arrays.copyOfRange(b, from, from + (int) shown));
        } else {
            parts(row, new byte[(int) shown], 0, MessageRecord.externalId(b, at), MessageRecord.externalOffset(b, at));
        }
    }

    private void show(byte[] row, byte[] payload) {
        rows.add(ShownMessage.of(row, payload, wanted.base64()));
        next();
    }

    /** Loads what of the body is to be shown from {@code had} on. */
    private void parts(byte[] row, byte[] payload, int had, long shared, long offset) {
        if (had == payload.length) {
            show(row, payload);
            return;
        }
        int part = (int) ((offset + had) / Broker.PART_SIZE);
        int from = (int) ((offset + had) % Broker.PART_SIZE);
        broker.loadShared(shared, part)
                .whenCompleteAsync(
                        (loaded, error) -> {
                            if (error != null || loaded == null) {
                                answer.completeExceptionally(
                                        error != null
                                                ? error
                                                : RefusedException.of(
                                                        503, "unavailable", "a message went while it was read"));
                                return;
                            }
                            int n = Math.min(payload.length - had, loaded.length - from);
                            System.arraycopy(loaded, from, payload, had, n);
                            parts(row, payload, had + n, shared, offset);
                        },
                        connection.loop());
    }

    private void settle() {
        if (!untold.isEmpty()) {
            connection.session().submit(new Settle(holder, Settle.Outcome.RELEASE, ranges(untold)));
        }
        if (told.isEmpty()) {
            tell();
        } else if (wanted.removes()) {
            note.apply(told.size()).whenCompleteAsync((noted, error) -> settleNoted(noted, error), connection.loop());
        } else {
            settleTold();
        }
    }

    /** What is not noted does not go: then they are the queue's again, as its connection is closed. */
    private void settleNoted(Boolean noted, Throwable error) {
        if (error == null && noted) {
            takeTold();
        } else {
            answer.completeExceptionally(
                    RefusedException.of(503, "unavailable", "it was not confirmed who takes messages out: try again"));
        }
    }

    /** All of them or none: what was taken back meanwhile may be somebody else's, so it is not told as taken. */
    private void takeTold() {
        connection.session().commit(BriefConnection.CHANNEL, List.of(toldSettle()), List.of(), reply -> {
            if (reply instanceof Reply.Rejected why) {
                answer.completeExceptionally(RefusedException.of(why));
            } else {
                tell();
            }
        });
    }

    private void settleTold() {
        connection.call(toldSettle()).thenAccept(reply -> tell());
    }

    private void tell() {
        if (!slot.hold()) {
            return; // nobody waits any more
        }
        Answer told = Answer.streamed(ShownPieces.array(rows, slot::leave));
        if (!answer.complete(told)) {
            told.end();
        }
    }

    private Settle toldSettle() {
        return new Settle(holder, wanted.outcome(), ranges(told));
    }

    /** Messages that were requeued before come first whatever their numbers. */
    private static long[] ranges(List<long[]> messages) {
        return messages.stream()
                .sorted((a, b) -> Long.compare(a[0], b[0]))
                .flatMapToLong(Arrays::stream)
                .toArray();
    }
}
