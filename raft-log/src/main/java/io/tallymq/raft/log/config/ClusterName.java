package io.tallymq.raft.log.config;

/**
 * What nodes compare instead of the configured name of their cluster alone. The nodes of a cluster that was restored are one with each other and with
 * nobody else: the name that they compare has the restore in it. Any thread.
 */
public final class ClusterName {
    /** Stands in no name that somebody can configure. */
    private static final char SEPARATOR = '/';

    private ClusterName() {}

    /**
     * What nodes compare.
     *
     * @param name as configured
     * @param origin of a restored cluster; "" for one that was founded
     */
    public static String of(String name, String origin) {
        return origin.isEmpty() ? name : name + SEPARATOR + origin;
    }

    /** The origin in what nodes compare; "" of a cluster that was founded. */
    public static String originOf(String compared) {
        return compared.substring(
                Math.min(compared.length(), configured(compared).length() + 1));
    }

    /** The configured part of what nodes compare: the cluster's name as people know it. */
    public static String configured(String compared) {
        int end = compared.indexOf(SEPARATOR);
        return end < 0 ? compared : compared.substring(0, end);
    }
}
