package io.tallymq.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The alarm in a heap of G1, in a process of its own. */
class RegionSweepTest {
    private static final int SECONDS = 60;

    /** Each region keeps something that lives, and nobody makes new objects: no marking frees anything. */
    @Test
    void theAlarmEndsWhenEverySecondObjectIsGone() throws Exception {
        run("-XX:+ExplicitGCInvokesConcurrent", Halved.class);
    }

    /** What nobody needs would raise an alarm, and it would stay on: while publishers wait nothing is collected. */
    @Test
    void aHeapOfWhichNoCollectionMayBeAskedForIsNotWatched() throws Exception {
        run("-XX:-ExplicitGCInvokesConcurrent", Unwatched.class);
    }

    private static void run(String option, Class<?> main) throws Exception {
        String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        Process process = new ProcessBuilder(List.of(
                        System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                        "-Xmx200m",
                        "-XX:+UseG1GC",
                        "-XX:+UnlockExperimentalVMOptions",
                        "-XX:G1MaxNewSizePercent=20",
                        option,
                        "-cp",
                        path,
                        main.getName()))
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
    }

    /** Ends with 0 if the heap is not watched. */
    static final class Unwatched {
        private Unwatched() {}

        public static void main(String[] args) {
            System.exit(HeapAlarm.ofThisProcess().get().limit() == 0 ? 0 : 1);
        }
    }

    /** Ends with 0 if the alarm went off with the heap full, and ended with half of it. */
    static final class Halved {
        private static final int BYTES = 1024;
        private static final int WITH_HEADER = BYTES + 20;

        private Halved() {}

        public static void main(String[] args) throws InterruptedException {
            byte[][] kept = new byte[(int) (Runtime.getRuntime().maxMemory() / 10 * 8 / WITH_HEADER)][];
            for (int i = 0; i < kept.length; i++) {
                kept[i] = new byte[BYTES];
            }
            HeapAlarm alarm = HeapAlarm.ofThisProcess();
            boolean wentOff = lookFor(alarm, true);
            for (int i = 0; i < kept.length; i += 2) {
                kept[i] = null;
            }
            boolean ended = lookFor(alarm, false);
            System.exit(wentOff && ended && kept[1] != null ? 0 : 1);
        }

        private static boolean lookFor(HeapAlarm alarm, boolean low) throws InterruptedException {
            for (int i = 0; i < SECONDS; i++) {
                if (alarm.get().low() == low) {
                    return true;
                }
                TimeUnit.SECONDS.sleep(1); // as the node looks
            }
            return false;
        }
    }
}
