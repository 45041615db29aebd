package io.tallymq.tally.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.tally.base.ApiCommand;
import io.tallymq.tally.http.ApiPath;
import io.tallymq.tally.output.TablePrinter;
import java.util.Locale;
import picocli.CommandLine.Command;

/** {@code tally advice}. */
@Command(
        name = "advice",
        header = "What stands out, the most urgent first, with what can be done.",
        description = {
            "",
            "What comes and goes is known two minutes after the start of the node that is asked, and what lasts after five."
        },
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {"  tally advice", "  tally advice --json | jq -e '.advice | length == 0'"})
public final class AdviceCommand extends ApiCommand {
    @Override
    protected void run() {
        JsonNode answer = api().get(ApiPath.of("advice"));
        if (out().isJson()) {
            out().json(answer);
            return;
        }
        if (answer.path("advice").isEmpty()) {
            out().line("nothing stands out");
        }
        for (JsonNode advice : answer.path("advice")) {
            out().line(advice.path("level").asText().toUpperCase(Locale.ROOT) + " "
                    + advice.path("about").asText() + " " + named(advice.path("subject")) + ": "
                    + advice.path("text").asText());
            out().line("  " + TablePrinter.shown(advice.path("figures")));
            out().line("  " + advice.path("remedy").asText());
        }
    }

    private static String named(JsonNode subject) {
        String name = subject.has("cluster")
                ? subject.get("cluster").asText()
                : subject.path("name").asText();
        return subject.has("vhost") ? name + " in " + subject.get("vhost").asText() : name;
    }
}
