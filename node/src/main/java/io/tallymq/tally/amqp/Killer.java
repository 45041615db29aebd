package io.tallymq.tally.amqp;

import io.tallymq.tally.context.Failure;
import io.tallymq.tally.output.Output;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** Runs a command of the user's again and again, one at a time; what it prints goes to the standard error. */
final class Killer {
    private final String command;
    private final long everyNanos;
    private final Output out;
    private long next;
    private int round;
    private Process running;

    Killer(String command, int everySeconds, Output out) {
        this.command = command;
        this.out = out;
        everyNanos = TimeUnit.SECONDS.toNanos(everySeconds);
        next = System.nanoTime() + Math.min(everyNanos, TimeUnit.SECONDS.toNanos(2));
    }

    /** Begins another one if it is time and the last one has ended. */
    void look() {
        if (System.nanoTime() < next || running != null && running.isAlive()) {
            return;
        }
        tellEnd();
        next = System.nanoTime() + everyNanos;
        round++;
        out.progress("kill command, round " + round);
        try {
            ProcessBuilder builder = new ProcessBuilder("sh", "-c", command + " >&2")
                    .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                    .redirectError(ProcessBuilder.Redirect.INHERIT);
            builder.environment().put("TALLY_ROUND", Integer.toString(round));
            running = builder.start();
            running.getOutputStream().close();
        } catch (IOException e) {
            throw Failure.usage("the kill command can not be run: " + e.getMessage());
        }
    }

    void await() throws InterruptedException {
        if (running != null) {
            running.waitFor();
            tellEnd();
        }
    }

    private void tellEnd() {
        if (running != null && running.exitValue() != 0) {
            out.progress("kill command, round " + round + ": exit code " + running.exitValue());
        }
    }
}
