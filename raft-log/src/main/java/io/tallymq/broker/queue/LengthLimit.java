package io.tallymq.broker.queue;

import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.lane.Common;
import io.tallymq.broker.message.SeqRanges;
import io.tallymq.broker.reports.Death;
import io.tallymq.broker.settings.QueueSettings;
import io.tallymq.broker.store.BodySizes;
import io.tallymq.broker.store.Chunk;
import java.util.function.IntSupplier;

/**
 * x-max-length, x-max-length-bytes and x-overflow of one queue. Counted is what somebody may still be given; what consumers were assigned
 * is theirs. No entry leaves more than the limit, unless that would be too much work at once: after the limit was lowered.
 */
public final class LengthLimit {
    /** The level of the state from which on messages of different sizes go together; before, they went one by one. */
    private static final int MEASURES = 5;

    /** The level of the state from which on what is assigned beyond a prefetch makes no more room; before, as much more was ready. */
    private static final int EXACT = 5;

    private final Queue queue;
    private final IntSupplier level;
    private final BodySizes sizes;

    LengthLimit(Queue queue, Common common) {
        this.queue = queue;
        this.level = common.level();
        this.sizes = common.sizes();
    }

    /**
     * Whether consumers may be assigned more than they are sent: that would be ready, and no room could be made for it, since what is dropped
     * is what nobody was assigned.
     */
    boolean allowsAhead() {
        return level.getAsInt() < EXACT || !settings().hasLimit();
    }

    /** What it goes by may be another at any time. */
    private QueueSettings settings() {
        return queue.settings();
    }

    /** Whether a publish may be refused. */
    public boolean refuses() {
        return settings().refuses(level.getAsInt());
    }

    /** Why a message more has no room, beside those that the entry in hand adds already; null when it has. */
    public Reply.Rejected refusal(long bodyBytes) {
        if (!refuses()) {
            return null;
        }
        return refusal(queue.lanes().buildingMessages(), queue.lanes().buildingBytes(), bodyBytes);
    }

    /** The same beside so many others. */
    public Reply.Rejected refusal(long messages, long bytes, long bodyBytes) {
        QueueSettings settings = settings();
        if (!refuses()) {
            return null;
        }
        DeadLetters.Held letters = queue.dying().held();
        if (settings.maxLength() >= 0 && queue.available() + letters.takingRoom() + messages >= settings.maxLength()) {
            return full(settings.maxLength() + " messages (x-max-length)");
        }
        if (settings.maxBytes() >= 0
                && queue.availableBytes() + letters.bytesTakingRoom() + bytes + bodyBytes > settings.maxBytes()) {
            return full(settings.maxBytes() + " bytes (x-max-length-bytes)");
        }
        return null;
    }

    private Reply.Rejected full(String most) {
        long letters = queue.dying().held().takingRoom();
        String count =
                letters == 0 ? "" : "; its " + letters + " dead letters that wait count: see dead_letters_reason";
        return new Reply.Rejected(
                506, Reply.Reason.LIMIT, QueueArguments.resource(queue) + " has no room: its limit is " + most + count);
    }

    /** Whether a publish is refused for which there would be room but for dead letters that wait. */
    boolean isFullOfLetters() {
        return queue.dying().held().takingRoom() > 0 && refusal(0, 0, 1) != null;
    }

    /**
     * What consumers could have they were given: of the rest the oldest of the lowest priority go until what is left is within the limits.
     * While older ones are still to be given back nothing goes. So do dead letters that are stuck, beyond {@link DeadLetters.Held}' limit.
     *
     * @param most how many pieces go at most, each of one chunk
     * @return how many went
     */
    public int trim(int most) {
        int pieces = 0;
        while (pieces < most && isOver()) {
            if (queue.dying().held().excess() > 0) {
                queue.dying().dropOldest();
            } else if (isTooLong()) {
                takeHead();
            } else {
                queue.lastValues().makeRoom();
            }
            pieces++;
        }
        return pieces;
    }

    private void takeHead() {
        SeqRanges.Visitor gone = (a, b) -> queue.dying().die(a, b, Death.MAXLEN);
        if (queue.isStream()) {
            queue.lanes().last().takeHead(Long.MAX_VALUE, gone);
        } else {
            queue.lanes().last().takeHead(Math.max(tooMany(), forBytes()), gone);
        }
    }

    /** How many of what is next are as large as what is too much, or all of its chunk. */
    private long forBytes() {
        long bytes = tooManyBytes();
        if (bytes <= 0) {
            return 0;
        }
        Chunk chunk = headChunk();
        if (level.getAsInt() >= MEASURES) {
            return sizes.covering(chunk, queue.lanes().last().headIn(chunk), bytes);
        }
        long each = chunk.isMixed() ? 0 : chunk.bytes() / chunk.count();
        return each == 0 ? 1 : (bytes + each - 1) / each;
    }

    /** Whether {@link #trim} has something to do. */
    public boolean isOver() {
        return queue.dying().held().excess() > 0 || isOverWithMessages();
    }

    private boolean isOverWithMessages() {
        return settings().dropsHead(level.getAsInt())
                && !queue.hasNothingReady()
                && !queue.holdings().waitsForLeaving()
                && (isTooLong()
                        || queue.lastValues() != null && queue.lastValues().owes());
    }

    private boolean isTooLong() {
        return tooMany() > 0 || tooManyBytes() > 0;
    }

    private long tooMany() {
        long most = settings().maxLength();
        return most < 0
                ? 0
                : queue.available() - most - (queue.isStream() ? headChunk().count() - 1 : 0);
    }

    private long tooManyBytes() {
        long most = settings().maxBytes();
        return most < 0
                ? 0
                : queue.availableBytes()
                        - most
                        - (queue.isStream() ? headChunk().bytes() - 1 : 0);
    }

    /** Of a stream all of a chunk goes or nothing: its readers get all of it. */
    private Chunk headChunk() {
        return queue.lanes().last().headChunk();
    }
}
