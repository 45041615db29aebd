package io.tallymq.node.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.node.proof.history.MessageId;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The clock that deploy/prove clock gives a node. */
class ClockAgentTest {
    /** Asks in all the ways there are. */
    public static final class Asks implements LongSupplier {
        @Override
        public long getAsLong() {
            LongSupplier reference = System::currentTimeMillis;
            return Math.max(System.currentTimeMillis(), reference.getAsLong());
        }
    }

    /** Loads classes as the agent would have changed them. */
    private static final class Changed extends ClassLoader {
        Changed() {
            super(ClockAgentTest.class.getClassLoader());
        }

        Class<?> define(Class<?> original) throws IOException {
            byte[] changed = ClockAgent.exchange(bytes(original));
            assertNotNull(changed);
            return defineClass(original.getName(), changed, 0, changed.length);
        }
    }

    private static byte[] bytes(Class<?> of) throws IOException {
        String file = of.getName().substring(of.getPackageName().length() + 1) + ".class";
        try (InputStream in = of.getResourceAsStream(file)) {
            return in.readAllBytes();
        }
    }

    @AfterEach
    void right() {
        NodeTime.set(1, 0);
    }

    @Test
    void aChangedClassSeesTheOtherClock() throws Exception {
        Object asks = new Changed().define(Asks.class).getConstructor().newInstance();
        NodeTime.set(1, TimeUnit.DAYS.toMillis(-400));
        long then = ((LongSupplier) asks).getAsLong();
        assertTrue(then < System.currentTimeMillis() - TimeUnit.DAYS.toMillis(399), "it still sees " + then);
        assertTrue(new Asks().getAsLong() > then + TimeUnit.DAYS.toMillis(399), "others see the right time");
    }

    @Test
    void aClassThatAsksForNoTimeIsLeftAlone() throws IOException {
        assertNull(ClockAgent.exchange(bytes(MessageId.class)));
    }

    @Test
    void aFasterClockCoversMoreInTheSameTime() {
        NodeTime.set(1_000, 0);
        long begun = System.nanoTime();
        long seen = NodeTime.nanoTime();
        while (NodeTime.nanoTime() - seen < TimeUnit.SECONDS.toNanos(1)) {
            Thread.onSpinWait();
        }
        long took = System.nanoTime() - begun;
        assertTrue(took >= TimeUnit.MILLISECONDS.toNanos(1) / 2, "a second passed in " + took + " ns");
        NodeTime.set(1, TimeUnit.HOURS.toMillis(5));
        assertEquals(
                5, TimeUnit.MILLISECONDS.toHours(NodeTime.currentTimeMillis() + 60_000 - System.currentTimeMillis()));
    }
}
