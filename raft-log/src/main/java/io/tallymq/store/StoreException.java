package io.tallymq.store;

/**
 * The store can not do what it was asked for: the disk, the file system or the stored bytes are at fault, not the caller. The
 * text says what to do. A node that gets it while running has to stop: what is on disk is still the state of an earlier
 * commit.
 */
public final class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StoreException(String message) {
        super(message);
    }

    public StoreException(String message, Throwable cause) {
        super(message, cause);
    }
}
