package io.tallymq.node.proof.lanes;

import io.tallymq.node.proof.history.Feature;
import io.tallymq.node.proof.load.Letters;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A stream, and on each node a reader that remembers its offset itself and one that leaves that to the broker and moves from node to node. */
final class StreamLane extends Lane {
    private final List<StreamReader> readers = new ArrayList<>();

    StreamLane(Setup setup) {
        super(Feature.STREAM, setup);
        String stream = queue("", Map.of("x-queue-type", "stream"));
        for (int node = 1; node <= nodes(); node++) {
            publish(node, (id, random) -> Letters.Letter.to(stream, Map.of(), Map.of()));
            reader("stays", node, 0, stream);
            reader("moves", node, nodes(), stream);
        }
    }

    private void reader(String kind, int node, int moves, String stream) {
        StreamReader reader = new StreamReader(kind + node, node, moves, stream, clients(), history(), seed());
        readers.add(reader);
        takes(reader);
    }

    @Override
    protected boolean quiet(Duration time) {
        return readers.stream().allMatch(r -> r.quiet(time.toNanos()));
    }

    @Override
    protected boolean isDrained(String queue, long depth) {
        return true; // Messages stay.
    }
}
