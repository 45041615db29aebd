package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.tallymq.broker.command.CloseChannel;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.Route;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A channel gets from a queue through one holder with acks and one without, for as long as both are there. */
class GettersTest {
    private final TwoNodes two = new TwoNodes("getters", MachineLimits.FORMAT_1);

    private long get(int channel, String queue, boolean noAck) {
        return ((Reply.Got) two.both(new Get(two.straight.connection, channel, "/", queue, noAck))).holder();
    }

    private void queue(String name) {
        two.both(n -> n.declare(name));
        Publish p = OneNode.messages(20, 1, new Route("/", "", name));
        two.both(new Publish(p.routes(), p.bytes(), p.offset(), p.end(), 0, Origins.NONE));
    }

    @Test
    void oneOfEachKind() {
        queue("q");
        queue("r");
        List<Long> all = IntStream.range(0, 8)
                .mapToObj(i -> get(1 + i % 2, i / 2 % 2 == 0 ? "q" : "r", i / 4 == 0))
                .toList();
        assertEquals(8, all.stream().distinct().count());
        two.both(n -> n.consume(1, "q", 1));
        for (int i = 0; i < 8; i++) {
            assertEquals(all.get(i), get(1 + i % 2, i / 2 % 2 == 0 ? "q" : "r", i / 4 == 0));
        }
        two.both(new CloseChannel(two.straight.connection, 1, List.of()));
        assertNotEquals(all.get(0), get(1, "q", true));
        assertEquals(all.get(1), get(2, "q", true));
        two.both(new DeleteQueue(two.straight.connection, "/", "q", false, false));
        queue("q");
        assertNotEquals(all.get(1), get(2, "q", true));
        assertEquals(all.get(3), get(2, "r", true));
    }
}
