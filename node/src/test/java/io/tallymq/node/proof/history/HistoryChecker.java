package io.tallymq.node.proof.history;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Judges a history by the rules of {@link Rule}: reads it once and tells each of its judges every event. Memory is proportional to the
 * number of messages, time to n log n. One thread.
 */
public final class HistoryChecker {
    private final Findings findings = new Findings();
    private final List<Judge> judges;
    private long events;

    private HistoryChecker(Function<Findings, List<Judge>> judges) {
        this.judges = judges.apply(findings);
    }

    /** Judges a file in the format of {@link HistoryFormat}: a queue without special arguments. */
    public static Verdict check(Path file, Order order) {
        return new HistoryChecker(f -> List.of(new QueueJudge(f, order))).file(file);
    }

    /** Judges a file in the format of {@link HistoryFormat}: of a feature's load. */
    public static Verdict check(Path file, Feature feature) {
        return new HistoryChecker(feature::judges).file(file);
    }

    static Verdict check(List<HistoryEvent> events, Order order) {
        return new HistoryChecker(f -> List.of(new QueueJudge(f, order))).events(events.stream());
    }

    static Verdict check(List<HistoryEvent> events, Feature feature) {
        return new HistoryChecker(feature::judges).events(events.stream());
    }

    private Verdict file(Path file) {
        try (Stream<String> lines = Files.lines(file)) {
            return events(lines.filter(line -> !line.isBlank()).map(HistoryFormat::event));
        } catch (IOException e) {
            throw new UncheckedIOException("the history " + file + " can not be read", e);
        }
    }

    private Verdict events(Stream<HistoryEvent> all) {
        all.forEachOrdered(event -> {
            events++;
            judges.forEach(judge -> judge.accept(event));
        });
        findings.count("events", events);
        judges.forEach(Judge::end);
        return findings.verdict();
    }
}
