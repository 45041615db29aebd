package io.tallymq.tally.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.tally.base.ApiCommand;
import io.tallymq.tally.context.Failure;
import io.tallymq.tally.http.ApiPath;
import io.tallymq.tally.output.Output;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tally cluster transfer}. */
@Command(
        name = "transfer",
        header = "Lets another node lead, before the leader's machine goes down, say.",
        description = "Clients notice nothing but a pause. The leader stays what it is if the node is too far behind.",
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  tally cluster transfer n2",
            "  tally cluster transfer --away n1      before n1 is stopped: nothing happens if it does not lead"
        })
final class TransferCommand extends ApiCommand {
    /** As the nodes rank themselves, the best first. */
    private static final List<String> RANKS = List.of("FIT", "SLOW", "BEHIND", "LATE");

    @Parameters(arity = "0..1", paramLabel = "NODE", description = "Its name.")
    private String node;

    @Option(
            names = "--away",
            paramLabel = "NODE",
            description = "If this node leads, the one that is fittest and least behind of the others; else nothing.")
    private String away;

    @Override
    protected void run() {
        if ((node == null) == (away == null)) {
            throw usage("the node that is to lead is missing, or the one that is not to (--away)");
        }
        if (node != null) {
            lead(node);
            out().done("node '" + node + "' leads");
        } else {
            goAway();
        }
    }

    private void lead(String name) {
        api().put(ApiPath.of("cluster/leader"), Output.object().put("node", name));
    }

    private void goAway() {
        JsonNode cluster = api().get(ApiPath.of("cluster"));
        String leader = cluster.path("leader").asText();
        if (!away.equals(leader)) {
            out().done("node '" + away + "' does not lead");
            return;
        }
        List<String> refusals = new ArrayList<>();
        for (String other : others(cluster)) {
            try {
                lead(other);
                out().done("node '" + other + "' leads");
                return;
            } catch (Failure refused) {
                refusals.add(other + ": " + refused.getMessage());
            }
        }
        throw Failure.refused(
                refusals.isEmpty()
                        ? "node '" + away + "' leads still: no other node is reached"
                        : "node '" + away + "' leads still: " + String.join("; ", refusals));
    }

    private List<String> others(JsonNode cluster) {
        List<JsonNode> members = new ArrayList<>();
        for (JsonNode member : cluster.path("members")) {
            if (member.path("reachable").asBoolean()
                    && !away.equals(member.path("name").asText())) {
                members.add(member);
            }
        }
        members.sort(Comparator.<JsonNode>comparingInt(TransferCommand::rank)
                .thenComparingLong(member -> member.path("lag").asLong()));
        return members.stream().map(member -> member.path("name").asText()).toList();
    }

    private static int rank(JsonNode member) {
        int rank = RANKS.indexOf(member.path("rank").asText());
        return rank < 0 ? RANKS.size() : rank;
    }
}
