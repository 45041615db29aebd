package io.tallymq.node.deploy;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program of {@code deploy/} that stays until it is told to stop. */
final class RunningScript implements AutoCloseable {
    private static final long LIMIT_SECONDS = 120;

    private final Process process;
    private final StringBuilder output = new StringBuilder();
    private boolean ended;

    RunningScript(String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(List.of(command)).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("TALLYMQ_"));
        process = builder.start();
        Thread reader = new Thread(this::read, "output of " + command[0]);
        reader.setDaemon(true);
        reader.start();
    }

    private void read() {
        try (BufferedReader lines = process.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                synchronized (this) {
                    output.append(line).append('\n');
                    notifyAll();
                }
            }
        } catch (IOException e) {
            synchronized (this) {
                output.append(e).append('\n');
            }
        }
        synchronized (this) {
            ended = true;
            notifyAll();
        }
    }

    /** Waits until it has printed this. */
    synchronized void await(String text) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        while (output.indexOf(text) < 0) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (ended || left <= 0) {
                throw new AssertionError("not printed: \"" + text + "\", but:\n" + output);
            }
            wait(left);
        }
    }

    synchronized String output() {
        return output.toString();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** SIGTERM; its exit code. */
    int stop() throws InterruptedException {
        process.toHandle().destroy(); // Process.destroy() would close what it prints to
        return exitCode();
    }

    /** Waits for its end. */
    int exitCode() throws InterruptedException {
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("did not stop; it printed:\n" + output());
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.toHandle().destroy(); // Process.destroy() would close what it prints to
        process.onExit().join();
    }
}
