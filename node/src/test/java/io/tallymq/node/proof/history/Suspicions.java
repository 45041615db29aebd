package io.tallymq.node.proof.history;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Deliveries that are violations if the channels they concern live. What was on its way to a channel when the broker gave the channel
 * up may arrive long after others got it; and who lost its channel may learn of it later than the next holder gets the message. So such
 * a delivery is judged when it is known what became of the channels: the one that got it lives if a reply comes on it afterwards or if
 * it is never lost; the one from which it was taken lives if two replies come afterwards (the question for the first may have been on its
 * way before) or if it is never lost. Lost before that, it counts as late. One thread.
 */
final class Suspicions {
    private static final int REPLIES_OF_A_HOLDER = 2;

    private static final class Suspect {
        final Rule rule;
        /** From whom it was taken, null for nobody. */
        final String holder;

        final String what;
        boolean lives;
        int replies;

        Suspect(Rule rule, String holder, String what) {
            this.rule = rule;
            this.holder = holder;
            this.what = what;
        }

        boolean convicted() {
            return lives && (holder == null || replies >= REPLIES_OF_A_HOLDER);
        }
    }

    private final Findings findings;
    private final Map<String, List<Suspect>> receivers = new HashMap<>();
    private final Map<String, List<Suspect>> holders = new HashMap<>();
    private final Set<Suspect> open = new LinkedHashSet<>();
    private long late;

    Suspicions(Findings findings) {
        this.findings = findings;
    }

    /**
     * Something came to a channel that should not have.
     *
     * @param holder the channel that had it or what excludes it, null if there is none
     */
    void add(Rule rule, String channel, String holder, String what) {
        Suspect s = new Suspect(rule, holder, what);
        open.add(s);
        receivers.computeIfAbsent(channel, c -> new ArrayList<>()).add(s);
        if (holder != null) {
            holders.computeIfAbsent(holder, c -> new ArrayList<>()).add(s);
        }
    }

    /** A reply came on the channel, to a question asked after all that it got before. */
    void settled(String channel) {
        List<Suspect> received = receivers.remove(channel);
        if (received != null) {
            received.forEach(s -> {
                s.lives = true;
                decide(s);
            });
        }
        List<Suspect> held = holders.get(channel);
        if (held != null) {
            held.forEach(s -> {
                s.replies++;
                decide(s);
            });
            held.removeIf(s -> s.replies >= REPLIES_OF_A_HOLDER);
        }
    }

    private void decide(Suspect s) {
        if (s.convicted() && open.remove(s)) {
            findings.broken(s.rule, s.what);
        }
    }

    /** The channel is lost. */
    void gone(String channel) {
        for (Map<String, List<Suspect>> side : List.of(receivers, holders)) {
            List<Suspect> excused = side.remove(channel);
            if (excused != null) {
                late += excused.stream().filter(open::remove).count();
            }
        }
    }

    /** There is no more to come: channels that are not lost lived. */
    void end() {
        open.forEach(s -> findings.broken(s.rule, s.what));
        findings.count("late", late);
    }
}
