package io.tallymq.node.proof.history;

import io.tallymq.node.proof.history.NamedPublish.Life;
import io.tallymq.node.proof.history.NamedPublish.Open;
import io.tallymq.node.proof.history.NamedPublish.Try;
import java.util.List;
import java.util.Map;

/**
 * Judges what became of one name after the other. A message was stored between its publish and its confirm, or before it came if that was earlier; exact is
 * what a receipt tells: entries, and the log's time.
 */
final class WindowLives {
    private final Findings findings;
    private final Memory memory;
    private final WallTimes times;
    /** The log's time when the load began, or later. */
    private final long began;

    private long finals;
    private long forgotten;
    private long again;

    WindowLives(Findings findings, Memory memory, WallTimes times, long began) {
        this.findings = findings;
        this.memory = memory;
        this.times = times;
        this.began = began;
    }

    void judge(NamedPublish n) {
        finals += n.lives.size();
        anew(n);
        n.open.forEach(o -> open(n, o));
        n.lives.values().forEach(l -> {
            if (l.outcome().equals(ReceiptJudge.STORED)) {
                stored(n, l);
            } else {
                isVoid(n, l);
            }
        });
        duplicates(n);
        n.tries.forEach(t -> confirmed(n, t));
    }

    /** What is decided is not decided anew before it may be. */
    private void anew(NamedPublish n) {
        Life before = null;
        for (Life l : n.lives.values()) {
            if (before != null && !memory.mayBeAnew(n.producer, before.decided(), l.decided())) {
                findings.broken(Rule.FORGOTTEN, n.name + ", " + before + ", was decided anew: " + l);
            }
            before = l;
        }
    }

    private void open(NamedPublish n, Open o) {
        String outcome = o.told().outcome();
        boolean isForgotten = outcome.equals(ReceiptJudge.FORGOTTEN);
        long since = o.told().times().since();
        if (!memory.isOfProducers() && !outcome.equals(ReceiptJudge.UNSEEN)) {
            broken(Rule.RECEIPT, n, o, "can't be");
        }
        if (isForgotten && since <= 0) {
            broken(Rule.FORGOTTEN, n, o, "and nothing was ever forgotten as it says");
        }
        if (since > began && since - 1 + memory.millis() > times.latest(o.told().time())) {
            broken(Rule.FORGOTTEN, n, o, "and what came before " + since + " could not be over");
        }
        Map.Entry<Long, Life> last = n.lives.floorEntry(o.told().askedAt());
        if (last != null) {
            forgets(n, o, last.getValue());
        }
        for (Try t : n.stored()) {
            boolean wasThere = t.stored() < o.asked();
            if (wasThere && !mayBeTold(n, o, times.earliest(t.published))) {
                broken(Rule.FORGOTTEN, n, o, t.id + " was stored before, and could not be over");
            }
        }
    }

    /** Whether what was decided at a time, or later, may be told as this: a producer's numbers that came are never told as if they had not. */
    private boolean mayBeTold(NamedPublish n, Open o, long decided) {
        boolean isUnseen = !o.told().outcome().equals(ReceiptJudge.FORGOTTEN);
        return !(memory.isOfProducers() && isUnseen)
                && memory.mayForget(n.producer, decided, times.latest(o.told().time()));
    }

    private void forgets(NamedPublish n, Open o, Life l) {
        forgotten++;
        if (l.decided() >= o.told().times().since()) {
            broken(Rule.FORGOTTEN, n, o, "and " + l + " is known as it says");
        } else if (!mayBeTold(n, o, l.decided())) {
            broken(Rule.FORGOTTEN, n, o, "and " + l + " could not be over");
        }
    }

    private void stored(NamedPublish n, Life l) {
        boolean isThere = n.stored().stream()
                .anyMatch(t -> times.earliest(t.published) <= l.decided()
                        && times.latest(t.stored()) >= l.decided()
                        && t.came.keySet().containsAll(t.queues));
        if (!isThere) {
            findings.broken(
                    Rule.RECEIPT, n.name + ": " + l + " was told, and nothing that came to its queues can be that");
        }
    }

    private void isVoid(NamedPublish n, Life l) {
        for (Try t : n.stored()) {
            long from = times.earliest(t.published);
            long to = times.latest(t.stored());
            if (memory.isOfProducers()
                    || from >= l.decided() && !memory.mayBeAnew(n.producer, l.decided(), to)
                    || to <= l.decided() && !memory.mayBeAnew(n.producer, from, l.decided())) {
                findings.broken(Rule.VOIDCAME, n.name + ": " + l + ", and " + t.id + " came out of " + t.came.keySet());
            }
        }
    }

    /** Two messages with one name are stored only if it is forgotten in between, and never by a producer. */
    private void duplicates(NamedPublish n) {
        List<Try> all = n.stored();
        again += Math.max(0, all.size() - 1);
        for (int i = 0; i < all.size(); i++) {
            for (int j = i + 1; j < all.size(); j++) {
                Try a = all.get(i);
                Try b = all.get(j);
                if (!mayFollow(n, a, b) && !mayFollow(n, b, a)) {
                    findings.broken(Rule.DUPLICATE, n.name + " came as " + a.id + " and as " + b.id + ", too soon");
                }
            }
        }
    }

    private boolean mayFollow(NamedPublish n, Try first, Try second) {
        return memory.mayBeAnew(n.producer, times.earliest(first.published), times.latest(second.stored()));
    }

    /** It is there itself, or another one that was remembered when it came. */
    private void confirmed(NamedPublish n, Try t) {
        if (t.confirmed == NamedPublish.NEVER || t.returned) {
            return;
        }
        for (String queue : t.queues) {
            boolean isThere = t.came.containsKey(queue)
                    || n.stored().stream().anyMatch(o -> o.came.containsKey(queue) && mayStandFor(o, t));
            if (!isThere) {
                findings.broken(
                        Rule.LOST,
                        t.id + ", " + n.name + ", confirmed at " + t.confirmed + ", did not come out of " + queue
                                + ", and nothing with its name that it could be the same as");
            }
        }
    }

    /** A producer may be forgotten later than it has to, so there is no end to what a message stands for. */
    private boolean mayStandFor(Try one, Try later) {
        return times.earliest(one.published) <= times.latest(later.confirmed)
                && (memory.isOfProducers()
                        || times.rememberedUntil(one.stored(), memory.millis()) >= times.earliest(later.published));
    }

    private void broken(Rule rule, NamedPublish n, Open o, String what) {
        findings.broken(
                rule,
                n.name + ", " + o.told().outcome() + " as told to " + o.told().who() + ": " + what);
    }

    void end() {
        findings.count("final", finals);
        findings.count("forgotten", forgotten);
        findings.count("stored again", again);
        if (finals == 0 || forgotten == 0) {
            findings.provesNothing();
        }
    }
}
