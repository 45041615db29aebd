package io.tallymq.tally.output;

import com.fasterxml.jackson.databind.JsonNode;

/** A traced message for people: what is known of it, its phases, and when it was on which disk. */
public final class TraceText {
    private static final int WIDTH = 40;
    private static final double MILLI = 1_000;

    private TraceText() {}

    public static void print(Output out, JsonNode trace) {
        out.line("message at " + trace.path("id").asText() + " (term " + trace.path("term") + ", index "
                + trace.path("index") + "): "
                + trace.path("outcome").asText("what became of it is not told")
                + (trace.path("queues").isEmpty() ? "" : ", in " + TablePrinter.shown(trace.path("queues"))));
        out.line("through node " + trace.path("node").asText("?") + ", led by "
                + trace.path("leader").asText("?") + "; the confirm took " + millis(trace.path("total"))
                + ", of that to the leader and back " + millis(trace.path("ways")));
        double all = Math.max(1, trace.path("total").asDouble());
        for (JsonNode p : trace.path("phases")) {
            all = Math.max(all, p.path("start").asDouble() + p.path("took").asDouble());
        }
        double scale = all;
        out.line("");
        out.table(
                trace.path("phases"),
                new TablePrinter()
                        .text("PHASE", "phase")
                        .text("NODE", "node")
                        .number("MS", row -> millis(row.path("took")))
                        .text("BY ITS NODE'S CLOCK", row -> bar(row, scale)));
        out.line("");
        out.table(
                trace.path("flushes"),
                new TablePrinter()
                        .text("DISK OF", "node")
                        .text("FLUSHED AT (ITS CLOCK)", "flushed_at")
                        .number("FLUSH MS", row -> millis(row.path("took")))
                        .number("LEADER KNEW AFTER MS", row -> millis(row.path("leader_knew_after"))));
        if (!trace.path("missing").isEmpty()) {
            out.line("nothing is heard of " + TablePrinter.shown(trace.path("missing")));
        }
    }

    private static String bar(JsonNode phase, double all) {
        if (!phase.path("took").isNumber() || !phase.path("start").isNumber()) {
            return "";
        }
        int from = (int) (WIDTH * phase.path("start").asDouble() / all);
        int length = Math.max(1, (int) Math.round(WIDTH * phase.path("took").asDouble() / all));
        return " ".repeat(from) + "#".repeat(length);
    }

    private static String millis(JsonNode micros) {
        return micros.isNumber() ? String.valueOf(Math.round(micros.asDouble()) / MILLI) : "?";
    }
}
