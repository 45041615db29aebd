package io.tallymq.admin.request;

import java.util.NoSuchElementException;

/** What is still to come of a long answer: made piece by piece, each when the client has taken the one before. One thread at a time. */
public interface Pieces extends AutoCloseable {
    /** Of an answer whose content nobody wants. */
    Pieces NOTHING = new Pieces() {
        @Override
        public boolean hasNext() {
            return false;
        }

        @Override
        public byte[] next() {
            throw new NoSuchElementException();
        }

        @Override
        public void close() {}
    };

    /** Bytes that make a piece. */
    int BYTES = 64 << 10;

    /** Whether anything is left; never waits. */
    boolean hasNext();

    /** The next piece, not empty. May wait for the broker's state. */
    byte[] next();

    /** Nobody will ask any more, whether all was told or not. */
    @Override
    void close();
}
