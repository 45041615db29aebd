package io.tallymq.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.amqp.wire.MethodId;
import io.tallymq.amqp.wire.ReplyCode;
import io.tallymq.broker.routing.ExchangeType;
import io.tallymq.broker.settings.ArgumentRow;
import io.tallymq.broker.settings.ArgumentTable;
import io.tallymq.broker.settings.PolicyRow;
import io.tallymq.broker.settings.PolicyTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/compatibility.md} says what the code does. Its tables of arguments and exchange types are written from the code's own:
 * {@code -Dtallymq.docs.write=true} writes them anew.
 */
class CompatibilityDocTest {
    private static final Path DOC = Path.of("..", "docs", "compatibility.md");
    private static final boolean WRITES = Boolean.getBoolean("tallymq.docs.write");

    private static String arguments() {
        StringBuilder b = new StringBuilder("| argument | of | values | what it does |\n|---|---|---|---|\n");
        for (ArgumentRow row : ArgumentTable.rows()) {
            if (row.owners().contains(ArgumentRow.Owner.EXCHANGE_TYPE)) {
                continue;
            }
            String owners = row.owners().stream().map(ArgumentRow.Owner::title).collect(Collectors.joining(", "));
            String does = row.meaning() != null
                    ? row.meaning()
                    : "**absent**, refused with 540: no support for " + row.purpose()
                            + (row.asWithout() == null ? "" : "; `" + row.asWithout() + "` is fine");
            b.append("| `" + row.name() + "` | " + owners + " | " + row.values().title() + " | " + does + " |\n");
        }
        return b.toString();
    }

    private static String policies() {
        StringBuilder b = new StringBuilder(
                "| key | of | operator policies | beside an argument acts | beside an operator policy acts | |\n|---|---|---|---|---|---|\n");
        for (PolicyRow row : PolicyTable.rows()) {
            ArgumentRow argument = row.argumentOf(row.owners().get(0));
            String owners = row.owners().stream().map(ArgumentRow.Owner::title).collect(Collectors.joining(", "));
            b.append("| `" + row.key() + "` | " + owners + " | " + (row.isForOperators() ? "yes" : "no") + " | ")
                    .append(row.argument() == null ? "" : row.withArgument().title())
                    .append(" | " + (row.isForOperators() ? row.withOperator().title() : "") + " | ")
                    .append(
                            row.own() == null
                                    ? does(argument)
                                    : row.own().meaning() + ": "
                                            + row.own().values().title())
                    .append(" |\n");
        }
        return b.toString();
    }

    private static String does(ArgumentRow argument) {
        if (argument == null) {
            return "accepted; every queue is on every node";
        }
        return argument.meaning() == null
                ? "**absent**, refused: no support for " + argument.purpose()
                : "as `" + argument.name() + "`";
    }

    private static String exchangeTypes() {
        String built = Stream.of(ExchangeType.values())
                .map(t -> "`" + t.amqpName() + "`")
                .collect(Collectors.joining(", "));
        String missing = ArgumentTable.rows().stream()
                .filter(r -> r.owners().contains(ArgumentRow.Owner.EXCHANGE_TYPE))
                .map(r -> "`" + r.name() + "` (" + r.purpose() + ")")
                .collect(Collectors.joining(", "));
        return "Built: " + built + ".\n\nAbsent, refused with 540: " + missing + ".\n";
    }

    @Test
    void theTablesAreTheCodes() throws IOException {
        String doc = Files.readString(DOC);
        String written = section(section(doc, "arguments", arguments()), "exchange types", exchangeTypes());
        written = section(written, "policies", policies());
        if (WRITES) {
            Files.writeString(DOC, written);
        } else {
            assertEquals(written, doc, "run this test with -Dtallymq.docs.write=true and look at the difference");
        }
    }

    private static String section(String doc, String name, String text) {
        String begin = "<!-- " + name + ": written by CompatibilityDocTest -->\n";
        int from = doc.indexOf(begin) + begin.length();
        int to = doc.indexOf("<!-- end -->", from);
        assertTrue(from >= begin.length() && to > 0, "no place for " + name);
        return doc.substring(0, from) + "\n" + text + "\n" + doc.substring(to);
    }

    /** Every method of a client's has its row, and every reply code. */
    @Test
    void nothingIsLeftOut() throws IOException {
        String doc = Files.readString(DOC);
        List<String> missing = Stream.concat(
                        Stream.of(MethodId.values()).map(CompatibilityDocTest::name),
                        Stream.of(ReplyCode.values()).map(c -> c.code() + " "))
                .filter(what -> !doc.contains("`" + what + "`") && !doc.contains("| " + what))
                .toList();
        assertEquals(List.of(), missing);
    }

    /** CONNECTION_START_OK is connection.start-ok. */
    private static String name(MethodId id) {
        String[] parts = id.name().toLowerCase(Locale.ROOT).split("_", 2);
        return parts[0] + "." + parts[1].replace('_', '-');
    }
}
