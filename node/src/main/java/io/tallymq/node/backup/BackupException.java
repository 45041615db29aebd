package io.tallymq.node.backup;

/** Why there is no backup, or nothing was restored; the text says what to do. */
public final class BackupException extends Exception {
    private static final long serialVersionUID = 1;

    private final boolean damage;

    BackupException(String message) {
        this(message, null, false);
    }

    BackupException(String message, Throwable cause) {
        this(message, cause, false);
    }

    private BackupException(String message, Throwable cause, boolean damage) {
        super(message, cause);
        this.damage = damage;
    }

    static BackupException damaged(String message) {
        return new BackupException(message, null, true);
    }

    /** Whether what was read is damaged. */
    public boolean isDamage() {
        return damage;
    }
}
