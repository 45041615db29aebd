package io.tallymq.node.proof;

import io.tallymq.node.proof.history.Verdict;
import io.tallymq.node.proof.load.HeldMessages;
import io.tallymq.node.proof.load.ResumeMeter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a run of one kind of fault has shown. Filled by one thread. */
final class RunReport {
    private final String name;
    private final List<Duration> first = new ArrayList<>();
    private final List<Duration> every = new ArrayList<>();
    private final List<Duration> held = new ArrayList<>();
    private final List<String> violations = new ArrayList<>();
    private final Map<String, Verdict> verdicts = new LinkedHashMap<>();
    private int rounds;
    private int digests;

    RunReport(String name) {
        this.name = name;
    }

    String name() {
        return name;
    }

    void round() {
        rounds++;
    }

    void resumed(ResumeMeter.Resumed resumed) {
        first.add(resumed.first());
        every.add(resumed.every());
    }

    void heldCameAgain(HeldMessages.Again again) {
        held.add(again.all());
    }

    void violation(String what) {
        violations.add(rounds == 0 ? what : "round " + rounds + ": " + what);
        System.out.println("  VIOLATION " + violations.get(violations.size() - 1));
    }

    void digests(Digests.Comparison comparison) {
        digests += comparison.compared();
        comparison.differences().forEach(d -> violation("replicas differ: " + d));
        if (comparison.compared() == 0 && comparison.differences().isEmpty()) {
            violation("no index at which all replicas told their digest");
        }
    }

    void verdicts(Map<String, Verdict> judged) {
        verdicts.putAll(judged);
        judged.forEach((queue, verdict) -> {
            if (!verdict.valid()) {
                violation("history of " + queue + ": " + verdict);
            }
        });
    }

    /** Of the loads of features: told also when they are clean, since what happened in them differs. */
    void features(Map<String, Verdict> judged) {
        judged.forEach((feature, verdict) -> System.out.println("  " + feature + ": " + verdict));
        verdicts(judged);
    }

    boolean clean() {
        return violations.isEmpty();
    }

    Map<String, Verdict> verdicts() {
        return verdicts;
    }

    List<String> violations() {
        return List.copyOf(violations);
    }

    Duration median() {
        return percentile(first, 50);
    }

    /** Until all came again that a client of the dead node held; zero if nobody held anything. */
    Duration medianOfHeld() {
        return percentile(held, 50);
    }

    Duration slowest() {
        return first.stream().max(Duration::compareTo).orElse(Duration.ZERO);
    }

    private static Duration percentile(List<Duration> of, int percent) {
        if (of.isEmpty()) {
            return Duration.ZERO;
        }
        List<Duration> sorted = of.stream().sorted().toList();
        return sorted.get((sorted.size() * percent + 99) / 100 - 1); // the nearest rank
    }

    static String header() {
        return String.format(
                Locale.ROOT,
                "%-68s %6s  %-23s  %-23s  %-23s %8s %10s %10s  %s",
                "fault",
                "rounds",
                "resumes: median/p95/max",
                "on every survivor",
                "what was held is back",
                "digests",
                "confirmed",
                "delivered",
                "outcome");
    }

    String row() {
        long confirmed =
                verdicts.values().stream().mapToLong(v -> v.count("confirmed")).sum();
        long delivered =
                verdicts.values().stream().mapToLong(v -> v.count("delivered")).sum();
        return String.format(
                Locale.ROOT,
                "%-68s %6d  %-23s  %-23s  %-23s %8d %10d %10d  %s",
                name,
                rounds,
                times(first),
                times(every),
                times(held),
                digests,
                confirmed,
                delivered,
                clean() ? "clean" : violations.size() + " VIOLATIONS");
    }

    private static String times(List<Duration> of) {
        return of.isEmpty()
                ? "-"
                : String.format(
                        Locale.ROOT,
                        "%.3f/%.3f/%.3f s",
                        seconds(percentile(of, 50)),
                        seconds(percentile(of, 95)),
                        seconds(percentile(of, 100)));
    }

    private static double seconds(Duration d) {
        return d.toNanos() / 1e9;
    }
}
