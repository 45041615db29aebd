package io.tallymq.broker.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Sender-selected distribution: the headers CC and BCC name further routing keys. */
class CopiesTest {
    private static final byte[] NOTHING = new byte[2];

    private final TopologyFixture f = TopologyFixture.fresh();

    private List<String> route(String exchange, String key, String... more) {
        return f.route(exchange, key, NOTHING, List.of(more), 0);
    }

    @Test
    void theDefaultExchangeTakesThemForNamesOfQueues() {
        f.queue("a");
        f.queue("b");
        f.queue("c");
        assertEquals(List.of("a", "c"), route("", "c", "a", "missing", "c"));
        assertEquals(List.of("b"), route("", "missing", "b"));
        assertEquals(List.of(), route("", "missing", "missing too"));
    }

    @Test
    void eachKeyIsMatchedAndEachQueueGetsOne() {
        f.queue("a");
        f.queue("b");
        f.queue("both");
        f.declare("t", "topic");
        f.bind("t", "a", "a.*");
        f.bind("t", "b", "b.#");
        f.bind("t", "both", "#");
        assertEquals(List.of("a", "both"), route("t", "a.1"));
        assertEquals(List.of("a", "b", "both"), route("t", "a.1", "b.2", "a.3"));
    }

    @Test
    void theyGoOnToTheNextExchange() {
        f.queue("q");
        f.declare("x", "fanout");
        f.declare("y", "direct");
        f.bindExchange("x", "y", "");
        f.bind("y", "q", "second");
        assertEquals(List.of(), route("x", "first"));
        assertEquals(List.of("q"), route("x", "first", "second"));
    }
}
