package io.tallymq.store;

/**
 * The store can not do what it was asked for: the disk, the file system or the stored bytes are at fault, not the caller. The
 * text says what to do. A node that gets it while running has to stop: what is on disk is still the state of an earlier
 * commit.
 */
public final class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean damage;

    public StoreException(String message) {
        this(message, null);
    }

    public StoreException(String message, Throwable cause) {
        this(message, cause, false);
    }

    private StoreException(String message, Throwable cause, boolean damage) {
        super(message, cause);
        this.damage = damage;
    }

    /** What is stored is damaged. */
    static StoreException damage(String message, Throwable cause) {
        return new StoreException(message, cause, true);
    }

    /** Whether what is stored is damaged: another start finds it so again. */
    public boolean isDamage() {
        return damage;
    }
}
