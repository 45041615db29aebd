package io.tallymq.tally.top;

import io.tallymq.tally.context.Surroundings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The terminal, keys one by one; if there is none, nothing. */
final class Terminal implements AutoCloseable {
    private static final String CLEAR = "\u001b[H\u001b[2J";
    private static final int USUAL_LINES = 24;
    private static final long LOOK_MILLIS = 50;

    private final Surroundings surroundings;
    /** What it was set to; null if there is none. */
    private final String before;

    private final Thread restore = new Thread(this::restore, "terminal");

    Terminal(Surroundings surroundings) {
        this.surroundings = surroundings;
        before = System.console() == null || surroundings.in() != System.in ? null : stty("-g");
        if (before != null) {
            Runtime.getRuntime().addShutdownHook(restore);
            stty("-icanon", "-echo", "min", "0");
        }
    }

    boolean isThere() {
        return before != null;
    }

    int lines() {
        String size = before == null ? null : stty("size");
        return size == null || !size.matches("[0-9]+ [0-9]+") || size.startsWith("0 ")
                ? USUAL_LINES
                : Integer.parseInt(size.split(" ")[0]);
    }

    void clear() {
        if (before != null) {
            surroundings.out().print(CLEAR);
        }
    }

    /** Whether somebody typed q within that time. */
    boolean quits(long milliseconds) throws InterruptedException, IOException {
        long end = System.nanoTime() + milliseconds * 1_000_000;
        while (System.nanoTime() < end) {
            InputStream in = surroundings.in();
            if (before != null && in.available() > 0) {
                int key = in.read();
                if (key == 'q' || key == 'Q') {
                    return true;
                }
            }
            Thread.sleep(Math.min(LOOK_MILLIS, milliseconds));
        }
        return false;
    }

    private static String stty(String... arguments) {
        try {
            String[] command = new String[arguments.length + 1];
            command[0] = "stty";
            System.arraycopy(arguments, 0, command, 1, arguments.length);
            Process process = new ProcessBuilder(command)
                    .redirectInput(Path.of("/dev/tty").toFile())
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return process.waitFor() == 0 ? said : null;
        } catch (IOException e) {
            return null; // no terminal, or none that can be told
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    private void restore() {
        stty(before);
    }

    @Override
    public void close() {
        if (before != null) {
            Runtime.getRuntime().removeShutdownHook(restore);
            restore();
        }
    }
}
