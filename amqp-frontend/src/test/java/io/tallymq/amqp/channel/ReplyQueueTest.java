package io.tallymq.amqp.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.channel.embedded.EmbeddedChannel;
import io.tallymq.amqp.socket.ReadGate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** 4.7 of the specification, content ordering: answers on a channel come in the order of the questions. */
class ReplyQueueTest {
    private final ReplyQueue queue =
            new ReplyQueue(new Confirms(null, 0), new DueAnswers(new ReadGate(new EmbeddedChannel())));
    private final List<String> written = new ArrayList<>();

    @Test
    void anAnswerWaitsForThoseBeforeIt() {
        ReplyQueue.Slot first = queue.open();
        ReplyQueue.Slot second = queue.open();
        queue.answer(() -> written.add("third"));
        queue.complete(second, () -> written.add("second"));
        assertEquals(List.of(), written);
        queue.complete(first, () -> written.add("first"));
        assertEquals(List.of("first", "second", "third"), written);
    }

    @Test
    void anAnswerThatNothingWaitsForIsWrittenAtOnce() {
        queue.answer(() -> written.add("now"));
        assertEquals(List.of("now"), written);
    }

    @Test
    void nothingIsWrittenAfterAClear() {
        ReplyQueue.Slot first = queue.open();
        queue.answer(() -> written.add("second"));
        queue.clear();
        queue.complete(first, () -> written.add("first"));
        assertEquals(List.of(), written);
    }
}
