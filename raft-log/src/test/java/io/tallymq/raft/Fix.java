package io.tallymq.raft;

/** What of the product a {@link LossyCluster} can run without, to see that it is missed. */
enum Fix {
    /** A start is told from every other one, by a count and by chance; without it by what its store knows. */
    UNIQUE_STARTS,
    /** A task that failed runs again. */
    GUARDED_TASKS,
    /** While a checkpoint takes the store's place, nobody asks the store. */
    ABSENT_STORE,
    /** A leader's decision counts in its term only, and only a leader with a lease decides. */
    DECIDED_IN_TERM
}
