package io.tallymq.tally.context;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * The standard output in UTF-8. A {@link PrintStream} goes on after an error as if nothing had happened; this one remembers it, so that nobody takes
 * half an answer for all of it, and nobody goes on for who has stopped to read.
 */
public final class StandardOutput extends PrintStream {
    private final Remembering to;

    public StandardOutput(OutputStream to) {
        this(new Remembering(to));
    }

    private StandardOutput(Remembering to) {
        super(to, false, StandardCharsets.UTF_8);
        this.to = to;
    }

    /** For bytes: throws what went wrong. */
    public OutputStream bytes() {
        flush();
        return to;
    }

    /** Sends on what was printed. @throws Failure if not all of what was printed up to now could be written */
    public void require() {
        flush();
        IOException failure = to.failure;
        if (failure != null) {
            throw Failure.refused("the standard output can not be written: "
                    + (failure.getMessage() == null ? failure.toString() : failure.getMessage()));
        }
    }

    /** The stream itself, and the first that went wrong with it. */
    private static final class Remembering extends OutputStream {
        private final OutputStream to;
        private volatile IOException failure;

        Remembering(OutputStream to) {
            this.to = to;
        }

        private interface Step {
            void run() throws IOException;
        }

        private void tried(Step step) throws IOException {
            try {
                step.run();
            } catch (IOException e) {
                failure = failure == null ? e : failure;
                throw e;
            }
        }

        @Override
        public void write(int b) throws IOException {
            tried(() -> to.write(b));
        }

        @Override
        public void write(byte[] bytes, int from, int count) throws IOException {
            tried(() -> to.write(bytes, from, count));
        }

        @Override
        public void flush() throws IOException {
            tried(to::flush);
        }
    }
}
