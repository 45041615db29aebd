package io.tallymq.raft.log.state;

import io.tallymq.raft.log.config.LogTuning;

/**
 * An entry was not taken into the log, so it never will be applied. Any other exception from a submit means that
 * its fate is unknown.
 */
public final class NotAcceptedException extends Exception {
    /** Why. */
    public enum Reason {
        /** Another node leads, or none. Forward it. */
        NOT_LEADER,
        /** Just elected, the entries of earlier terms are not applied yet. Try again soon. */
        LEADER_NOT_READY,
        /** Larger than {@link LogTuning#maxEntryBytes()}. Never try again: split it. */
        TOO_LARGE,
        /** More in flight than {@link LogTuning} allows. Try again when something was applied. */
        TOO_MANY_PENDING,
        /** This node is stopping or has failed. */
        STOPPED
    }

    private final Reason reason;

    public NotAcceptedException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
