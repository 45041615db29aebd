package io.tallymq.node.proof.history;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongFunction;

/** Writes a history while it happens. Any thread; the order of the lines is the order of their times. */
public final class HistoryLog implements AutoCloseable {
    private final Path file;
    private final BufferedWriter out;

    public HistoryLog(Path file) {
        this.file = file;
        try {
            out = Files.newBufferedWriter(file);
        } catch (IOException e) {
            throw new UncheckedIOException("the history " + file + " can not be written", e);
        }
    }

    public Path file() {
        return file;
    }

    /**
     * Notes an event at the time of now.
     *
     * @return that time, nanoseconds of {@link System#nanoTime}
     */
    public synchronized long add(LongFunction<HistoryEvent> event) {
        long now = System.nanoTime();
        try {
            out.write(HistoryFormat.line(event.apply(now)));
            out.write('\n');
        } catch (IOException e) {
            throw new UncheckedIOException("the history " + file + " can not be written", e);
        }
        return now;
    }

    @Override
    public synchronized void close() {
        try {
            out.close();
        } catch (IOException e) {
            throw new UncheckedIOException("the history " + file + " can not be written", e);
        }
    }
}
