package io.tallymq.raft.session;

import io.tallymq.broker.Session.PublishTarget;
import io.tallymq.broker.Session.Trace;
import io.tallymq.broker.message.Stamp;
import io.tallymq.raft.entry.BatchCodec;
import io.tallymq.raft.trace.LogTimes;
import io.tallymq.raft.trace.TraceBook;
import io.tallymq.raft.trace.TraceId;
import io.tallymq.raft.trace.TraceShare;
import io.tallymq.raft.trace.TraceShare.Flushed;
import io.tallymq.raft.trace.TraceShare.Lead;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Notes the times of messages whose publishers asked for it, as far as this node has a part in them. A batch says which of its messages are traced, so
 * each node knows when it applies it, and looks up then when its log was flushed that far. For all others there is a look at a batch's last bytes, a
 * list that is empty, and a note for each flush and each answer of a follower.
 */
public final class Tracing {
    /** After so long what is not known of a message will not be. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final long NONE = TraceShare.UNKNOWN;

    /** How long a batch waited at this leader until its entry was handed to Raft, in nanoseconds; negative when that is not known. */
    public interface Waits {
        /** Of the batch with this number; any thread, cheap. */
        long of(String node, long epoch, long seq);
    }

    /** What this node knows of a message. Guarded by the lock. */
    private static final class Own {
        private final TraceId id;
        private final long term;
        private final long since = System.nanoTime();
        /** {@link #NONE} if this node did not lead, else {@link System#nanoTime} when the entry was handed to Raft. */
        private final long handed;

        private final long queue;
        private final long replicate;
        private final Map<String, Long> learnt = new TreeMap<>();
        private LogTimes.Step flush;
        private long flushedAt;
        /** Null when another node has it from its publisher. */
        private TracedMessage message;

        Own(TraceId id, long term, long handed, long queue, long replicate) {
            this.id = id;
            this.term = term;
            this.handed = handed;
            this.queue = queue;
            this.replicate = replicate;
        }

        /** After a restart a node carries out again what it told of before: then it knows less. */
        boolean isOfUse() {
            return flush != null || handed != NONE || message != null;
        }

        TraceShare share() {
            return new TraceShare(
                    id,
                    term,
                    flush == null ? null : new Flushed(flushedAt, flush.took()),
                    handed == NONE
                            ? null
                            : new Lead(
                                    queue,
                                    replicate,
                                    flush == null ? NONE : Math.max(0, flush.at() - handed),
                                    new TreeMap<>(learnt)),
                    message == null ? null : message.share());
        }
    }

    private final LongSupplier nanoTime;
    private final RuntimeMetrics metrics;
    private final TraceBook book;
    private final LogTimes flushes = new LogTimes();
    private final Map<String, LogTimes> followers = new ConcurrentHashMap<>();
    private volatile Runnable news = () -> {};
    private volatile Waits waits = (node, epoch, seq) -> NONE;
    private volatile Collection<String> others = List.of();

    /** Of which more is to be known soon. Guarded by this. */
    private final ArrayDeque<Own> open = new ArrayDeque<>();

    // The applying thread's.
    private long handed = NONE;
    private long replicate = NONE;
    private List<Own> untold = new ArrayList<>();

    /**
     * Knows nothing yet.
     *
     * @param most messages that are kept; 0: none is traced
     * @param nanoTime the clock of the outbox
     */
    public Tracing(String node, int most, LongSupplier nanoTime, RuntimeMetrics metrics) {
        this.book = new TraceBook(node, most);
        this.nanoTime = nanoTime;
        this.metrics = metrics;
    }

    /**
     * What it needs of the cluster, before anything is applied.
     *
     * @param nodes the ids of all others
     * @param leads how long batches waited
     * @param onNews called when others have to be told; any thread, cheap
     */
    public void connect(Collection<String> nodes, Waits leads, Runnable onNews) {
        others = List.copyOf(nodes);
        waits = leads;
        news = onNews;
    }

    /** What is known of all nodes. */
    public TraceBook book() {
        return book;
    }

    // ---- the outbox

    /** A message that is to be traced has come; null if it is not. */
    TracedMessage begin(int ordinal, int before, Mark mark, PublishTarget target, Trace trace) {
        if (before >= BatchTraces.MOST || book.most() == 0) {
            metrics.skippedTraces.increment();
            return null;
        }
        metrics.traced.increment();
        return new TracedMessage(ordinal, mark, target, trace, nanoTime.getAsLong(), micros());
    }

    private static long micros() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    }

    // ---- the log

    /** The log is on this node's disk up to an entry now, which took so many nanoseconds. Some thread. */
    public void flushed(long index, long took) {
        flushes.add(index, System.nanoTime(), took);
    }

    /** This leader has just learnt that a follower has flushed all up to an entry. Some thread. */
    public void learnt(String node, long index) {
        followers.computeIfAbsent(node, n -> new LogTimes()).add(index, System.nanoTime(), 0);
    }

    /** Entries may be replaced: what was noted may be of those before. Any thread. */
    public void leaderChanged() {
        flushes.clear();
        followers.values().forEach(LogTimes::clear);
    }

    // ---- the applying thread

    /** The entry that is applied next was handed to Raft here, so many nanoseconds ago. The applying thread. */
    public void replicated(long nanos) {
        handed = System.nanoTime() - nanos;
        replicate = nanos;
    }

    /** It is applied. The applying thread. */
    public void entryDone() {
        handed = NONE;
    }

    /** A batch of this node is back, which has traced messages. */
    void back(Batch own) {
        long now = nanoTime.getAsLong();
        own.traced.forEach(m -> m.back(own.sentAt, now));
    }

    /** Messages of a batch of this node go to a queue. */
    void reaches(Batch own, int first, int end, String queue) {
        for (TracedMessage m : own.traced) {
            if (m.ordinal() >= first && m.ordinal() < end) {
                m.reaches(queue);
            }
        }
    }

    /** What became of a message of a batch of this node. */
    void outcome(Batch own, int ordinal, String what) {
        for (TracedMessage m : own.traced) {
            if (m.ordinal() == ordinal) {
                m.outcome(what);
            }
        }
    }

    /**
     * A batch with traced messages is applied, and nobody was told yet.
     *
     * @param number its position within the entry
     * @param own null when it is another node's
     */
    void applied(Stamp entry, int number, BatchCodec.Header h, int[] ordinals, Batch own) {
        if (book.most() == 0) {
            return;
        }
        long waited = handed == NONE ? NONE : waits.of(h.node(), h.epoch(), h.seq());
        synchronized (this) {
            for (int ordinal : ordinals) {
                TraceId id = new TraceId(entry.index(), number, ordinal);
                Own trace = new Own(id, entry.term(), waited < 0 ? NONE : handed, waited, replicate);
                trace.message = own == null ? null : message(own, ordinal);
                complete(trace);
                if (trace.isOfUse()) {
                    book.own(trace.share());
                }
                open.add(trace);
                if (trace.message != null) {
                    untold.add(trace);
                }
            }
            while (open.size() > book.most()) {
                open.poll();
            }
        }
        news.run();
    }

    private static TracedMessage message(Batch own, int ordinal) {
        return own.traced.stream()
                .filter(m -> m.ordinal() == ordinal)
                .findFirst()
                .orElse(null);
    }

    /** The confirms of a channel wait for consumers. Returns what to run when they are told; null for nothing. */
    Runnable heldBack(Mark mark) {
        List<Own> held = untold.stream().filter(t -> t.message.mark() == mark).toList();
        if (held.isEmpty()) {
            return null;
        }
        untold.removeAll(held);
        synchronized (this) {
            long now = nanoTime.getAsLong();
            held.forEach(t -> {
                t.message.held();
                t.message.told(now);
            });
        }
        return () -> written(held);
    }

    /** Those whose publishers are told now. */
    boolean hasUntold() {
        return !untold.isEmpty();
    }

    /** Who waits is told now. */
    void tell() {
        long now = nanoTime.getAsLong();
        synchronized (this) {
            untold.forEach(t -> {
                t.message.told(now);
                book.own(t.share());
            });
        }
    }

    /** What to run when the session has been told; null for nothing. */
    Runnable telling(ClientSession session) {
        List<Own> its =
                untold.stream().filter(t -> t.message.mark().session == session).toList();
        return its.isEmpty() ? null : () -> written(its);
    }

    /** All are told. */
    void told() {
        untold = new ArrayList<>();
    }

    /** A session's loop. */
    private void written(List<Own> traces) {
        synchronized (this) {
            long now = nanoTime.getAsLong();
            traces.forEach(t -> {
                t.message.written(now);
                book.own(t.share());
            });
        }
        news.run();
    }

    // ---- what comes later

    /** Looks for what was not known before: a follower's answer, a flush that was noted too late. Any thread, now and then. */
    public synchronized void complete() {
        long now = System.nanoTime();
        for (Iterator<Own> traces = open.iterator(); traces.hasNext(); ) {
            Own trace = traces.next();
            if (complete(trace)) {
                book.own(trace.share());
            }
            boolean known = trace.flush != null && (trace.handed == NONE || trace.learnt.size() == others.size());
            if (known || now - trace.since > PATIENCE_NANOS) {
                traces.remove();
            }
        }
    }

    /** Returns whether there was something new. */
    private boolean complete(Own trace) {
        boolean found = false;
        if (trace.flush == null) {
            trace.flush = flushes.reached(trace.id.index());
            if (trace.flush != null) {
                trace.flushedAt = micros() - (System.nanoTime() - trace.flush.at()) / 1_000;
                found = true;
            }
        }
        if (trace.handed == NONE) {
            return found;
        }
        for (String node : others) {
            LogTimes times = followers.get(node);
            LogTimes.Step step =
                    times == null || trace.learnt.containsKey(node) ? null : times.reached(trace.id.index());
            if (step != null) {
                trace.learnt.put(node, Math.max(0, step.at() - trace.handed));
                found = true;
            }
        }
        return found;
    }
}
