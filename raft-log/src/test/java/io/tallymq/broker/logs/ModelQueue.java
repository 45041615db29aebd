package io.tallymq.broker.logs;

import io.tallymq.broker.command.Settle;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.queue.QueueArguments;
import io.tallymq.broker.settings.PolicyTable;
import io.tallymq.broker.settings.QueueSettings;
import io.tallymq.broker.spec.PolicyInEffect;
import io.tallymq.broker.spec.QueueSpec;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** A queue of {@link LogRun}'s model: its live messages by number. */
final class ModelQueue {
    /** Bits of a message's number below its lane. */
    static final int LANE = 55;

    /** A message of the model. */
    record Msg(long id, long bodyLength, int priority) {}

    final String name;
    final TreeMap<Long, Msg> live = new TreeMap<>();
    final TreeMap<Long, Long> heldBy = new TreeMap<>();
    /** Of these what was assigned ahead when it was purged. */
    final TreeSet<Long> purgedAhead = new TreeSet<>();
    /** The number of the next message of each lane. */
    private final TreeMap<Integer, Long> next = new TreeMap<>();
    /** Failed attempts of what went back after its client had it, by number. */
    final TreeMap<Long, Integer> attempts = new TreeMap<>();

    /** How often clients gave them back, whatever they said. */
    final TreeMap<Long, Integer> returns = new TreeMap<>();
    /** Tokens of what was put aside, by number. */
    final TreeMap<Long, String> deferred = new TreeMap<>();
    /** Headers that settles added, by number. */
    final TreeMap<Long, Map<String, Object>> headers = new TreeMap<>();

    final boolean quorum;
    /** 0: all messages are alike. */
    final int highest;

    private final QueueSpec spec;
    QueueSettings settings;
    /** Messages that went for want of room, as far as they are taken out of {@link #live}. */
    private long overflowed;

    ModelQueue(String name, QueueSpec spec, int level) {
        this.name = name;
        this.quorum = QueueArguments.isQuorum(spec);
        this.spec = spec;
        goBy(null);
        this.highest = level < 2 ? 0 : quorum ? 31 : (int) Math.max(0, settings.maxPriority());
    }

    void goBy(PolicyInEffect policy) {
        Arguments a = policy == null
                ? spec.arguments()
                : PolicyTable.effective(QueueArguments.owner(spec), spec.arguments(), policy.definition());
        settings = QueueSettings.of(a);
    }

    /** Whether it refuses a message, beside so many others that are still to come. */
    boolean isFull(long messages, long bytes, long bodyLength, int level) {
        long free = live.keySet().stream()
                .filter(this::isFree)
                .mapToLong(s -> live.get(s).bodyLength)
                .sum();
        return settings.refuses(level)
                && (settings.maxLength() >= 0 && free() + messages >= settings.maxLength()
                        || settings.maxBytes() >= 0 && free + bytes + bodyLength > settings.maxBytes());
    }

    boolean isFree(long seq) {
        return !heldBy.containsKey(seq) && !deferred.containsKey(seq);
    }

    /** How many nobody has. */
    long free() {
        return live.size() - heldBy.size() - deferred.size();
    }

    void arrive(Msg m) {
        int said = m.priority < 0 ? quorum ? 4 : 0 : m.priority;
        int lane = highest - Math.min(said, highest);
        live.put(next.merge(lane, 1L, Long::sum) - 1 + ((long) lane << LANE), m);
    }

    /** The lowest number that nobody has, or -1: that is who comes next. */
    long head() {
        return live.keySet().stream().filter(this::isFree).findFirst().orElse(-1L);
    }

    /** Of what nobody has, the oldest of the lowest priority go. */
    void overflowed(long now) {
        for (; overflowed < now; overflowed++) {
            Long oldest = live.keySet().stream()
                    .filter(this::isFree)
                    .min(Comparator.comparingLong((Long seq) -> -(seq >> LANE))
                            .thenComparing(Comparator.naturalOrder()))
                    .orElseThrow();
            live.remove(oldest);
        }
    }

    void wentBack(long seq, Settle.Outcome how) {
        if (purgedAhead.remove(seq) && (how == Settle.Outcome.NACK_REQUEUE || how == Settle.Outcome.RELEASE)) {
            live.remove(seq);
            return;
        }
        if (how == Settle.Outcome.NACK_REQUEUE) {
            attempts.merge(seq, 0, Integer::sum);
        } else if (how == Settle.Outcome.REJECT_REQUEUE) {
            attempts.merge(seq, 1, Integer::sum);
        }
        if (how == Settle.Outcome.NACK_REQUEUE || how == Settle.Outcome.REJECT_REQUEUE) {
            returns.merge(seq, 1, Integer::sum);
        }
    }
}
