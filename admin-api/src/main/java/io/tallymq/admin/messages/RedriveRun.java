package io.tallymq.admin.messages;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.Json;
import io.tallymq.admin.request.RefusedException;
import io.tallymq.broker.Broker;
import io.tallymq.broker.browse.Browse;
import io.tallymq.broker.browse.Seen;
import io.tallymq.broker.command.Redrive;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.SeqRanges;
import io.tallymq.broker.view.LaneEnds;
import io.tallymq.broker.view.Standing;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/**
 * Moves what somebody wants moved: looks for some of it, has that moved by an entry of the log, and goes on. One thing at a time; what was moved
 * is moved, whatever becomes of the rest.
 */
final class RedriveRun {
    /** Named in one entry: about what one does. */
    private static final int AT_ONCE = 250;
    /** Messages that are looked at for one request. */
    private static final int MOST_LOOKED = 1_000_000;

    private final Broker broker;
    private final Executor loop;
    private final long queue;
    private final RedriveBody wanted;
    private final LaneEnds ends;
    private final String user;
    private final String address;
    private final BooleanSupplier isLate;
    private final CompletableFuture<Answer> answer = new CompletableFuture<>();

    private final Map<String, Long> refused = new TreeMap<>();
    private SeqRanges found;
    /** Told by any thread. */
    private final AtomicLong moved = new AtomicLong();
    /** Were found, and not to be had any more when they were to be moved. */
    private long missed;

    private long looked;
    /** Bytes of bodies that this look has searched. */
    private long read;

    private boolean noted;
    /** The next one can't be moved, wherever it goes. */
    private boolean stuck;
    /** Set by any thread. */
    private volatile boolean stopped;

    /**
     * Made for one request.
     *
     * @param loop where it goes on when the broker has answered
     * @param ends what came behind these is not meant: else what the other queue drops into this one would go round for ever
     * @param isLate whether it is to end with what it has done
     */
    RedriveRun(
            Broker broker,
            Executor loop,
            long queue,
            RedriveBody wanted,
            LaneEnds ends,
            String user,
            String address,
            BooleanSupplier isLate) {
        this.broker = broker;
        this.loop = loop;
        this.queue = queue;
        this.wanted = wanted;
        this.ends = wanted.within(ends);
        this.user = user;
        this.address = address;
        this.isLate = isLate;
    }

    CompletableFuture<Answer> run() {
        look(wanted.from());
        return answer;
    }

    /** Nobody waits any more: what is on its way is done, and nothing else is begun. Any thread. */
    void stop() {
        stopped = true;
    }

    private long refusals() {
        return refused.values().stream().mapToLong(Long::longValue).sum();
    }

    private long left() {
        return wanted.count() - moved.get() - refusals();
    }

    private void look(long next) {
        long from = next == Browse.END ? Browse.END : ends.from(next);
        boolean isOver = from == Browse.END;
        boolean isStuck = stuck || !refused.isEmpty() && !wanted.to().isEmpty();
        boolean isEnough = left() <= 0 || looked >= MOST_LOOKED || isLate.getAsBoolean();
        if (isOver || isStuck || isEnough || stopped) {
            answer.complete(result(isOver, from));
            return;
        }
        found = new SeqRanges();
        read = 0;
        long most = Math.min(left(), AT_ONCE);
        broker.browse(new Browse.Where(queue, from, false, Browse.MOST_LOOKED), m -> look(m, most))
                .whenCompleteAsync(
                        (done, error) -> {
                            if (error != null) {
                                answer.completeExceptionally(error);
                            } else {
                                looked += done.looked();
                                move(done.next());
                            }
                        },
                        loop);
    }

    private Browse.Next look(Seen m, long most) {
        if (stopped || ends.from(m.seq()) != m.seq() || found.count() == most) {
            return Browse.Next.NOT_THIS;
        }
        if (m.part().state() != Standing.State.READY) {
            return Browse.Next.ON;
        }
        if (wanted.match().readsBodies()) {
            read += Math.min(MessageMatch.MOST_SEARCHED, m.bodyLength());
        }
        if (wanted.match().matches(m)) {
            found.add(m.seq(), m.seq());
        }
        return read >= PeekRun.MOST_READ ? Browse.Next.LAST : Browse.Next.ON;
    }

    private void move(long next) {
        if (found.isEmpty()) {
            look(next);
            return;
        }
        String by = noted ? "" : user;
        noted = true;
        submit(new Redrive(queue, found.toArray(), wanted.to(), by, address, wanted.reason()))
                .whenCompleteAsync((reply, error) -> moved(reply, error, next), loop);
    }

    private CompletableFuture<Reply> submit(Redrive command) {
        try {
            return broker.submit(command);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void moved(Reply reply, Throwable error, long next) {
        if (error != null) {
            answer.completeExceptionally(RefusedException.of(
                    503, "unavailable", "the node did not take the change: " + error.getMessage() + told()));
        } else if (reply instanceof Reply.Redriven r) {
            long before = refusals();
            moved.addAndGet(r.moved());
            r.refused().forEach((why, n) -> refused.merge(why, n, Long::sum));
            long named = found.count();
            long decided = r.undecided() < 0 ? named : decided(r.undecided());
            missed += Math.max(0, decided - r.moved() - (refusals() - before));
            if (r.stuck() != null) {
                stuck = true;
                refused.merge(r.stuck(), named - decided, Long::sum);
            }
            look(r.undecided() < 0 ? next : r.undecided());
        } else {
            answer.completeExceptionally(
                    reply instanceof Reply.Rejected why
                            ? RefusedException.of(new Reply.Rejected(why.code(), why.reason(), why.text() + told()))
                            : RefusedException.of(503, "unavailable", "the broker answered with " + reply + told()));
        }
    }

    private long decided(long undecided) {
        long before = found.count();
        found.remove(undecided, Long.MAX_VALUE, (a, b) -> {});
        return Math.min(before, found.count());
    }

    /** How far it came, behind the text of an error. */
    String told() {
        return "; " + moved.get() + " messages were moved before, and asking again moves none twice";
    }

    private Answer result(boolean isOver, long next) {
        ArrayNode reasons = Json.array();
        refused.forEach((why, n) -> reasons.add(Json.object().put("reason", why).put("count", n)));
        ObjectNode row = Json.object()
                .put("moved", moved.get())
                .put("left", refusals() + missed)
                .put("looked_at", looked)
                .put("complete", isOver)
                .put("next", isOver ? null : Long.toString(next));
        row.put("until", ends.toString());
        row.set("refused", reasons);
        return Answer.ok(row);
    }
}
