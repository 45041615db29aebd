package io.tallymq.node.proof.history;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Deliveries that are violations if the channels they concern live. What was on its way to a channel when the broker gave the channel
 * up may arrive long after others got it; and who lost its channel may learn of it later than the next holder gets the message. So such
 * a delivery is judged when it is known what became of the channels, the one that got it and the one from which it was taken: a channel
 * lives if it gets an answer to something that it asks afterwards, or if it is never lost. Lost before that, the delivery counts as late. One
 * thread.
 */
public final class Suspicions {
    /** What is known of one of the two channels since the delivery. */
    private enum State {
        OPEN,
        ASKED,
        LIVES
    }

    private static final class Suspect {
        final Rule rule;
        final String what;
        State receiver = State.OPEN;
        /** Of the one from whom it was taken; LIVES if there is nobody. */
        State holder;

        Suspect(Rule rule, String what, State holder) {
            this.rule = rule;
            this.what = what;
            this.holder = holder;
        }
    }

    private final Findings findings;
    private final Map<String, List<Suspect>> receivers = new HashMap<>();
    private final Map<String, List<Suspect>> holders = new HashMap<>();
    private final Set<Suspect> open = new LinkedHashSet<>();
    private long late;

    public Suspicions(Findings findings) {
        this.findings = findings;
    }

    /**
     * Something came to a channel that should not have.
     *
     * @param holder the channel that had it or what excludes it, null if there is none
     */
    public void add(Rule rule, String channel, String holder, String what) {
        Suspect s = new Suspect(rule, what, holder == null ? State.LIVES : State.OPEN);
        open.add(s);
        receivers.computeIfAbsent(channel, c -> new ArrayList<>()).add(s);
        if (holder != null) {
            holders.computeIfAbsent(holder, c -> new ArrayList<>()).add(s);
        }
    }

    /** The channel asks something that only a living one gets answered. */
    public void asked(String channel) {
        receivers.getOrDefault(channel, List.of()).forEach(s -> s.receiver = State.ASKED);
        holders.getOrDefault(channel, List.of()).forEach(s -> s.holder = State.ASKED);
    }

    /** The answer came. */
    public void settled(String channel) {
        for (Suspect s : receivers.getOrDefault(channel, List.of())) {
            s.receiver = s.receiver == State.ASKED ? State.LIVES : s.receiver;
            decide(s);
        }
        for (Suspect s : holders.getOrDefault(channel, List.of())) {
            s.holder = s.holder == State.ASKED ? State.LIVES : s.holder;
            decide(s);
        }
        forget(receivers, channel, s -> s.receiver == State.LIVES);
        forget(holders, channel, s -> s.holder == State.LIVES);
    }

    private static void forget(Map<String, List<Suspect>> side, String channel, Predicate<Suspect> known) {
        side.computeIfPresent(channel, (c, all) -> {
            all.removeIf(known);
            return all.isEmpty() ? null : all;
        });
    }

    private void decide(Suspect s) {
        if (s.receiver == State.LIVES && s.holder == State.LIVES && open.remove(s)) {
            findings.broken(s.rule, s.what);
        }
    }

    /** The channel is lost. */
    public void gone(String channel) {
        for (Map<String, List<Suspect>> side : List.of(receivers, holders)) {
            List<Suspect> excused = side.remove(channel);
            if (excused != null) {
                late += excused.stream().filter(open::remove).count();
            }
        }
    }

    /** There is no more to come: channels that are not lost lived. */
    public void end() {
        open.forEach(s -> findings.broken(s.rule, s.what));
        findings.count("late", late);
    }
}
