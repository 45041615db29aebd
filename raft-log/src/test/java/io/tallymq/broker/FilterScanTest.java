package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.filter.FilterScan;
import io.tallymq.broker.filter.MessageFilter;
import io.tallymq.broker.message.HeaderOverlay;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.SeqRanges;
import io.tallymq.broker.view.BrokerView;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who looks for what a filter wants finds it, and seldom keeps entries waiting: each look at the state does, and waits for one. */
class FilterScanTest extends OneNodeTest {
    private static final int MANY = 300;
    private static final long ALL = Long.MAX_VALUE;
    private static final MessageFilter NONE = MessageFilter.of(Map.of("h", "v"));
    private static final MessageFilter ANY = MessageFilter.of(Map.of("h", Map.of("exists", false)));

    private long queue;
    private int asked;

    /** Each message is a chunk of its own, as slow publishers make them, and every second one is somebody's. */
    @BeforeEach
    void manyPieces() {
        node.raise(BrokerMachine.LEVELS.max());
        node.declare("q");
        for (int i = 0; i < MANY; i++) {
            node.apply(OneNode.messages(1, 10, new Route("/", "", "q")));
        }
        for (int i = 0; i < MANY; i++) {
            Reply.Got got = (Reply.Got) node.apply(new Get(node.connection, 1, "/", "q", false));
            assertEquals(i, got.delivery().firstSeq());
            queue = got.delivery().chunk().queue();
            if (i == MANY - 1) {
                for (long even = 0; even < MANY; even += 2) {
                    node.apply(new Settle(got.holder(), Settle.Outcome.REJECT_REQUEUE, new long[] {even, even}));
                }
            }
        }
        node.commit();
    }

    private SeqRanges looks(MessageFilter filter) {
        FilterScan.Access access = new FilterScan.Access() {
            @Override
            public <T> T read(Function<BrokerView, T> look) {
                return look.apply(node.machine);
            }
        };
        FilterScan.State state = FilterScan.state(queue, access);
        FilterScan.State counted = new FilterScan.State() {
            @Override
            public FilterScan.Ready ready(long from, long to) {
                asked++;
                return state.ready(from, to);
            }

            @Override
            public SortedMap<Long, Optional<HeaderOverlay>> overlays(long from, long to) {
                asked++;
                return state.overlays(from, to);
            }
        };
        SeqRanges all = new SeqRanges();
        int looked = 0;
        int looks = 0;
        for (long at = 0; at < ALL; looks++) {
            FilterScan.Found found = new FilterScan(queue, filter, counted, store()).look(new long[] {at, ALL});
            for (int i = 0; i < found.matches().length; i += 2) {
                all.add(found.matches()[i], found.matches()[i + 1]);
            }
            looked += found.looked();
            at = found.next();
        }
        assertEquals(MANY / 2, looked);
        assertTrue(asked <= looks + MANY / 2 / FilterScan.RANGES, asked + " looks at the state for " + looks);
        return all;
    }

    @Test
    void whatNobodyWantsIsLookedThroughInSteps() {
        assertTrue(looks(NONE).isEmpty());
    }

    @Test
    void whatIsWantedIsFound() {
        long[] found = looks(ANY).toArray();
        long[] even = new long[MANY];
        for (int i = 0; i < MANY; i++) {
            even[i] = i / 2 * 2;
        }
        assertArrayEquals(even, found);
    }

    /** After a start most chunks are in the store alone. */
    @Test
    void theSameAfterARestart() {
        node.restart();
        whatIsWantedIsFound();
    }
}
