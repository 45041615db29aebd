package io.tallymq.node.proof.history.choice;

import io.tallymq.node.proof.history.Findings;
import io.tallymq.node.proof.history.HistoryEvent;
import io.tallymq.node.proof.history.HistoryEvent.Answering;
import io.tallymq.node.proof.history.HistoryEvent.Channel;
import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import io.tallymq.node.proof.history.HistoryEvent.Fault;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.Judge;
import io.tallymq.node.proof.history.MessageId;
import io.tallymq.node.proof.history.Rule;
import io.tallymq.node.proof.history.Suspicions;
import io.tallymq.node.proof.history.Troubles;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Judges x-delayed-retry: what a client gave back does not come again before it has rested, after a failure as often as long as it has failed, and it
 * comes before all nodes have served for a while after its longest rest. An answer that was lost with its channel says nothing.
 */
public final class RetryJudge implements Judge {
    private static final long TOLERANCE = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);

    /** A message that was given back. */
    private static final class Back {
        final String channel;
        final long time;
        final long least;
        /** It is known to be applied. */
        boolean settled;
        /** It may be lost with its channel. */
        boolean unknown;

        Back(String channel, long time, long least) {
            this.channel = channel;
            this.time = time;
            this.least = least;
        }
    }

    private final Findings findings;
    private final Suspicions suspicions;
    private final Troubles troubles = new Troubles();
    private final long min;
    private final long max;
    private final Map<MessageId, Back> resting = new HashMap<>();
    /** Failed attempts, as the last delivery told. */
    private final Map<MessageId, Long> failures = new HashMap<>();
    /** Of each channel what it gave back since its last question, and before one without an answer. */
    private final Map<String, List<Back>> answered = new HashMap<>();

    private final Map<String, List<Back>> asked = new HashMap<>();
    private long rested;

    /** With x-delayed-retry-min and -max in milliseconds. */
    public RetryJudge(Findings findings, long min, long max) {
        this.findings = findings;
        this.suspicions = new Suspicions(findings);
        this.min = TimeUnit.MILLISECONDS.toNanos(min);
        this.max = TimeUnit.MILLISECONDS.toNanos(max);
    }

    @Override
    public void accept(HistoryEvent event) {
        if (event instanceof Answering a) {
            answering(a);
        } else if (event instanceof Delivered d) {
            delivered(d);
        } else if (event instanceof Channel c) {
            channel(c);
        } else if (event instanceof Fault f) {
            troubles.fault(f);
        }
    }

    private void answering(Answering a) {
        boolean failed = a.kind() == Kind.FAILED;
        if (!failed && a.kind() != Kind.REQUEUED) {
            return;
        }
        long times = failed ? failures.getOrDefault(a.id(), 0L) + 1 : 1;
        Back back = new Back(a.consumer(), a.time(), Math.min(max, min * times));
        resting.put(a.id(), back);
        answered.computeIfAbsent(a.consumer(), c -> new ArrayList<>()).add(back);
    }

    private void channel(Channel c) {
        switch (c.kind()) {
            case ASKED -> {
                suspicions.asked(c.consumer());
                asked.computeIfAbsent(c.consumer(), n -> new ArrayList<>()).addAll(take(answered, c));
            }
            case SETTLED -> {
                suspicions.settled(c.consumer());
                take(asked, c).forEach(b -> b.settled = true);
            }
            case GONE, CLOSED -> {
                take(asked, c).forEach(b -> b.unknown = true);
                take(answered, c).forEach(b -> b.unknown = true);
                if (c.kind() == Kind.GONE) {
                    suspicions.gone(c.consumer());
                }
            }
            default -> {}
        }
    }

    private static List<Back> take(Map<String, List<Back>> from, Channel c) {
        List<Back> some = from.remove(c.consumer());
        return some == null ? List.of() : some;
    }

    private void delivered(Delivered d) {
        failures.put(d.id(), Math.max(0, d.count()));
        Back back = resting.remove(d.id());
        if (back == null || back.unknown) {
            return;
        }
        rested++;
        long early = back.time + back.least - d.time();
        if (early > TOLERANCE) {
            String holder = back.settled ? null : back.channel;
            suspicions.add(
                    Rule.EARLY,
                    d.consumer(),
                    holder,
                    d.id() + " came " + millis(early) + " ms before its rest was over");
        }
        long late = troubles.calm(back.time + max, d.time());
        findings.most("latest ms", millis(late));
        if (late > PATIENCE) {
            findings.broken(
                    Rule.OVERDUE, d.id() + " came " + millis(late) + " ms late after its rest, while all nodes served");
        }
    }

    private static long millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }

    @Override
    public void end() {
        suspicions.end();
        findings.count("rested", rested);
    }
}
