package io.tallymq.amqp.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.amqp.channel.ClientTerms;
import io.tallymq.amqp.wire.FieldTable;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.spi.LoggingEventBuilder;

/** Who comes and goes is told, and a flood of clients does not fill the log. */
class ConnectionLogTest {
    private final List<String> lines = new ArrayList<>();
    private long now;

    private final ConnectionLog log = new ConnectionLog(logger(), () -> now);

    /** Takes down what is called, with its arguments. */
    private Logger logger() {
        var builder = new Object[1];
        builder[0] = Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {LoggingEventBuilder.class}, (proxy, method, args) -> {
                    if (method.getName().equals("log")) {
                        lines.add(Arrays.deepToString(args));
                    }
                    return method.getReturnType() == void.class ? null : builder[0];
                });
        return (Logger) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Logger.class}, (proxy, method, args) -> {
                    if (method.getName().equals("info")) {
                        lines.add("more " + args[1]);
                        return null;
                    }
                    return builder[0];
                });
    }

    private static ClientTerms terms() {
        return new ClientTerms("guest", "/", 1, 4096, 0, ClientTerms.Capabilities.of(FieldTable.EMPTY));
    }

    @Test
    void aFloodIsCountedAndToldLater() {
        for (int i = 0; i < ConnectionLog.MOST + 5; i++) {
            log.opened("c" + i, terms());
        }
        assertEquals(ConnectionLog.MOST, lines.size());
        now += ConnectionLog.WINDOW;
        log.closed("c1", terms());
        assertEquals(ConnectionLog.MOST + 2, lines.size());
        assertEquals("more 5", lines.get(ConnectionLog.MOST));
        assertTrue(lines.get(ConnectionLog.MOST + 1).contains("c1"), lines.get(ConnectionLog.MOST + 1));
    }
}
