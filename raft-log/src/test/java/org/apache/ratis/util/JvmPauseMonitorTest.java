package org.apache.ratis.util;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.raft.log.ratis.StandIns;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What Ratis relies on: a leader that stood still steps down, a node that stood still for long ends. */
class JvmPauseMonitorTest {
    private static final int STOPPED_SECONDS = 4;
    private static final long PATIENCE_SECONDS = 60;

    /** In the process that is stopped: prints each pause in milliseconds. */
    static final class Stopped {
        private Stopped() {}

        public static void main(String[] args) throws InterruptedException {
            JvmPauseMonitor.newBuilder()
                    .setName("stopped")
                    .setHandler(pause -> System.out.println(pause.toLong(TimeUnit.MILLISECONDS)))
                    .build()
                    .start();
            new CountDownLatch(1).await();
        }
    }

    /** It is this class that Ratis finds, not its own of the same name. */
    @Test
    void itComesFromThisModule() {
        StandIns.assertOurs(JvmPauseMonitor.class);
    }

    /** The signal can come at any moment of the second that it sleeps, which may be missing at the most. */
    @Test
    void aProcessThatWasStoppedIsToldForHowLong() throws Exception {
        Process process = new ProcessBuilder(
                        System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Stopped.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader pauses =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            readPause(pauses); // it has begun
            long pid = process.pid();
            String stop = "kill -STOP " + pid + "; sleep " + STOPPED_SECONDS + "; kill -CONT " + pid;
            assertEquals(
                    0, new ProcessBuilder("sh", "-c", stop).inheritIO().start().waitFor());
            long longest = 0;
            while (longest < (STOPPED_SECONDS - 1) * 1_000L) {
                longest = Math.max(longest, readPause(pauses));
            }
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    /** The next one that it tells; between these it may log. */
    private static long readPause(BufferedReader pauses) throws IOException {
        while (true) {
            String line = pauses.readLine();
            if (line == null) {
                throw new IOException("the process has ended");
            }
            if (line.matches("-?\\d+")) {
                return Long.parseLong(line);
            }
        }
    }

    @Test
    void aHandlerThatFailsIsCalledAgain() throws Exception {
        BlockingQueue<Integer> calls = new LinkedBlockingQueue<>();
        AtomicInteger count = new AtomicInteger();
        JvmPauseMonitor monitor = JvmPauseMonitor.newBuilder()
                .setHandler(pause -> {
                    calls.add(count.incrementAndGet());
                    if (count.get() == 1) {
                        throw new IOException("as a server does that can't be closed");
                    }
                    throw new IllegalStateException("as one does that is closed");
                })
                .build();
        monitor.start();
        for (int i = 1; i <= 3; i++) {
            assertEquals(i, calls.poll(PATIENCE_SECONDS, TimeUnit.SECONDS));
        }
        monitor.stop();
        int last = count.get();
        monitor.stop();
        assertEquals(last, count.get());
    }

    /** Ratis closes the server in the handler, which stops the monitor: it must not wait for itself. */
    @Test
    void aHandlerMayStopIt() throws Exception {
        AtomicReference<JvmPauseMonitor> monitor = new AtomicReference<>();
        CountDownLatch stopped = new CountDownLatch(1);
        monitor.set(JvmPauseMonitor.newBuilder()
                .setHandler(pause -> {
                    monitor.get().stop();
                    stopped.countDown();
                })
                .build());
        monitor.get().start();
        assertTrue(stopped.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
    }

    @Test
    void oneThatWasNeverStartedMayBeStopped() {
        JvmPauseMonitor.newBuilder().build().stop();
    }
}
