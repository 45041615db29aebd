package io.tallymq.node;

import io.tallymq.node.config.ConfigCommand;
import io.tallymq.node.logging.LogSetup;
import io.tallymq.raft.log.files.NoRoomException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one node until it is told to stop (SIGTERM, SIGINT) or must stop itself.
 *
 * <p>Exit codes: 143 or 130 stopped as told, by SIGTERM or SIGINT (the JVM's own), 2 bad configuration, 3 could not start, 4 stopped itself because going on could break a
 * promise (the log names the reason), 5 stopped itself because the disk of the log is full, 6 could not start because its data is
 * damaged. A supervisor should start it again after 3 and 4, and after 5 when there is room; not after 2 and 6, which somebody has to look at:
 * see decision 017.
 */
public final class Main {
    static final int EXIT_START = 3;
    static final int EXIT_FATAL = 4;
    static final int EXIT_NO_ROOM = 5;
    static final int EXIT_DAMAGE = 6;

    /** Netty's, and that of the Netty inside of Ratis. */
    private static final List<String> LEAK_DETECTION =
            List.of("io.netty.leakDetection.level", "org.apache.ratis.thirdparty.io.netty.leakDetection.level");

    private Main() {}

    public static void main(String[] args) throws InterruptedException {
        // Its stack traces of one buffer in 128 took 1.2 % of a leader; whoever looks for a leak sets the property.
        LEAK_DETECTION.stream()
                .filter(key -> System.getProperty(key) == null)
                .forEach(key -> System.setProperty(key, "disabled"));
        ConfigCommand.Outcome outcome = new ConfigCommand(System.getenv(), System.out, System.err).read(args);
        if (outcome instanceof ConfigCommand.Exit exit) {
            System.exit(exit.code());
            return;
        }
        if (!(outcome instanceof ConfigCommand.Run run)) {
            System.exit(DataCommands.run(outcome));
            return;
        }
        LogSetup.apply(
                run.config().logLevel(),
                run.config().logFormat(),
                run.config().cluster().node());
        Logger log = LoggerFactory.getLogger(Main.class);
        run.warnings().forEach(log::warn);
        OldGeneration.watch();
        CountDownLatch stop = new CountDownLatch(1);
        Node node = new Node(run.config(), (reason, cause) -> {
            boolean full = cause instanceof NoRoomException;
            log.error("The node stops: {}", reason, full ? null : cause); // where it met the full disk helps nobody
            // Nothing is flushed on the way out: what is not safe must not look safe.
            Runtime.getRuntime().halt(full ? EXIT_NO_ROOM : EXIT_FATAL);
        });
        try {
            node.start();
        } catch (NodeStartException e) {
            System.err.println("tallymq: " + e.getMessage());
            log.debug("The start failed", e);
            node.close();
            Runtime.getRuntime().halt(e.isDamage() ? EXIT_DAMAGE : EXIT_START);
        } catch (RuntimeException | Error e) { // a bug: threads that run by now would keep a process that serves nobody
            log.error("The node could not start: {}", e.toString(), e);
            Runtime.getRuntime().halt(EXIT_START);
        }
        Thread main = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            stop.countDown();
            join(main);
        }));
        stop.await();
        node.close();
        log.info("Stopped");
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
