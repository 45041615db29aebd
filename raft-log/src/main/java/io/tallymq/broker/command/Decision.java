package io.tallymq.broker.command;

/**
 * What a leader decides by what it sees of the cluster. It counts only in the term in which it was decided: a leader that was
 * replaced meanwhile, and whose word comes late, may have been the one that saw nothing.
 */
public sealed interface Decision extends Command permits NodeLost, Raise {
    /** Of Raft. */
    long term();
}
