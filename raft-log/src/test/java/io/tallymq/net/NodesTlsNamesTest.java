package io.tallymq.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What a node goes by when it looks at a name, and how often it says whom it refused. */
class NodesTlsNamesTest {
    @Test
    void namesThatAreTheSame() {
        Set<String> names = Set.of("a.example", "*.b.example", "10.0.0.1", CertificateNames.normal("0:0:0:0:0:0:0:1"));
        for (String host : List.of("a.example", "A.Example", "a.example.", "x.b.example", "10.0.0.1", "::1", "[::1]")) {
            assertTrue(CertificateNames.match(names, host), host);
        }
        for (String host : List.of("b.example", "x.y.b.example", "example", "a", "10.0.0.2", "::2", "")) {
            assertFalse(CertificateNames.match(names, host), host);
        }
        assertFalse(CertificateNames.match(Set.of("*.0.0.1"), "10.0.0.1"), "an address has no domain");
    }

    @Test
    void eachKindOfRefusalIsToldOnceAMinuteAndAddressAndNotForAnyNumberOfThem() {
        Logger logger = (Logger) LoggerFactory.getLogger("refusals of a test");
        logger.setAdditive(false);
        ListAppender<ILoggingEvent> told = new ListAppender<>();
        told.start();
        logger.addAppender(told);
        RefusalLog log = new RefusalLog(logger);
        for (int i = 0; i < 3; i++) {
            log.warn(InetSocketAddress.createUnresolved("a", 1000 + i), "expired", "it has expired");
            log.warn(InetSocketAddress.createUnresolved("a", 1000 + i), "name", "its name is wrong");
            log.warn(InetSocketAddress.createUnresolved("b", 1000 + i), "expired", "it has expired");
        }
        assertEquals(
                List.of("it has expired", "its name is wrong", "it has expired"),
                told.list.stream().map(ILoggingEvent::getFormattedMessage).toList());
        for (int i = 0; i < 10 * RefusalLog.MOST; i++) {
            log.warn(InetSocketAddress.createUnresolved("many-" + i, 1), "expired", "it has expired");
        }
        assertEquals(RefusalLog.MOST + 1, told.list.size());
    }
}
