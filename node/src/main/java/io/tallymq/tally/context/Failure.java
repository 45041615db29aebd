package io.tallymq.tally.context;

/** Why a command ends without having done what it was told: one sentence for who typed it, and the exit code. */
public final class Failure extends RuntimeException {
    /** The server refused, or what was to be shown is not so. */
    public static final int REFUSED = 1;
    /** The command makes no sense as it was typed. */
    public static final int USAGE = 2;
    /** Nobody answers, or there is no majority. */
    public static final int UNREACHABLE = 3;

    private final int exitCode;

    private Failure(int exitCode, String reason) {
        super(reason, null, false, false);
        this.exitCode = exitCode;
    }

    public static Failure refused(String reason) {
        return new Failure(REFUSED, reason);
    }

    public static Failure usage(String reason) {
        return new Failure(USAGE, reason);
    }

    public static Failure unreachable(String reason) {
        return new Failure(UNREACHABLE, reason);
    }

    /** The same, and what was done nevertheless. */
    public Failure with(String facts) {
        return new Failure(exitCode, getMessage() + " (" + facts + ")");
    }

    public int exitCode() {
        return exitCode;
    }
}
