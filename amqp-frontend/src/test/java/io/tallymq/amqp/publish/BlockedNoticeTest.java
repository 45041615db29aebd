package io.tallymq.amqp.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.channel.embedded.EmbeddedChannel;
import io.tallymq.amqp.socket.ReadGate;
import io.tallymq.amqp.wire.ConnectionMethod;
import io.tallymq.amqp.wire.Method;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** connection.blocked and connection.unblocked. */
class BlockedNoticeTest {
    private final List<Method> written = new ArrayList<>();
    private final BlockedNotice notice = new BlockedNotice(written::add, new ReadGate(new EmbeddedChannel()), true);

    @Test
    void itComesWhileConfirmsAreLate() {
        notice.published();
        notice.late("why");
        notice.inTime();
        assertEquals(List.of(new ConnectionMethod.Blocked("why"), new ConnectionMethod.Unblocked()), written);
    }

    /** Its channels end with it, and their confirms with them: that is no news, and a write that fails would keep the rest from its end. */
    @Test
    void nothingIsWrittenToAConnectionThatEnds() {
        notice.published();
        notice.late("why");
        written.clear();
        notice.close();
        notice.inTime();
        notice.blocked("later");
        assertEquals(List.of(), written);
    }
}
