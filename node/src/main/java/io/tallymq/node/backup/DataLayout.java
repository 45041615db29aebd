package io.tallymq.node.backup;

/** What is in a node's data directory. */
public final class DataLayout {
    /** The replicated log. */
    public static final String LOG = "log";

    /** What was applied. */
    public static final String STORE = "store";

    /** A copy of a stopped node's store that becomes a backup. */
    static final String COPY = "backup";

    private DataLayout() {}
}
