package io.tallymq.node.config;

import io.tallymq.admin.AdminServer;
import io.tallymq.amqp.session.ConnectionRegistry;
import io.tallymq.raft.log.config.LinkTuning;
import io.tallymq.store.RocksStoreConfig;

/**
 * How the file descriptors that the process may have are shared out, so that clients never take one that the log or the store
 * needs: a process that can't open a file of its own has to stop. Each share is what is configured or what fits, if that is less.
 *
 * @param limit descriptors that the process may have, -1 if nobody knows: then everything is as configured
 * @param amqp AMQP connections
 * @param http HTTP connections
 * @param strangers connections to the link's port beside the nodes' own, and as many to Raft's
 * @param storeFiles the store's table files
 */
public record DescriptorPlan(long limit, int amqp, int http, int strangers, int storeFiles) {
    /** The JVM's and the product's jars, what is listened on, the log's files, checkpoints on their way: 110 were seen. */
    static final int OWN = 144;

    /** Event loops of all parts: 13 per processor were seen. */
    static final int PER_PROCESSOR = 16;

    /** With fewer left for connections and the store's files the node does not start. */
    static final int LEAST_SHARED = 128;

    /** Of what is shared the store takes one part in so many, at most ... */
    private static final int STORE_PART = 4;

    /** ... and HTTP, the link and Raft's port one in so many each. */
    private static final int PORT_PART = 8;

    /** What compactions and readers hold open beyond the store's own limit. */
    private static final int STORE_MARGIN = 16;

    /**
     * @param limit descriptors that the process may have, -1 if nobody knows
     * @param processors that the process may use
     * @throws IllegalArgumentException they are too few for a node; the text says what to do
     */
    public static DescriptorPlan of(long limit, int processors, NodeConfig config) {
        int usualStrangers = LinkTuning.DEFAULTS.strangers();
        int amqp = config.amqp().maxConnections();
        int http = config.http().maxConnections();
        if (limit < 0) {
            return new DescriptorPlan(limit, amqp, http, usualStrangers, RocksStoreConfig.MAX_OPEN_FILES);
        }
        int peers = LinkTuning.CONNECTIONS_PER_PEER * config.cluster().peers().size();
        long own = OWN
                + (long) PER_PROCESSOR * processors
                + 2L * peers
                + ConnectionRegistry.MOST_SURPLUS
                + AdminServer.MOST_SURPLUS;
        long shared = limit - own;
        if (shared < LEAST_SHARED) {
            throw new IllegalArgumentException("This process may have " + limit + " file descriptors, a node needs "
                    + (own + LEAST_SHARED) + " at least, and one more for each client: raise the limit (ulimit -n,"
                    + " LimitNOFILE= in a systemd unit, --ulimit nofile= of a container).");
        }
        int store = least(RocksStoreConfig.MAX_OPEN_FILES + STORE_MARGIN, shared / STORE_PART);
        int web = least(http, shared / PORT_PART);
        int strangers = least(usualStrangers, shared / PORT_PART);
        int clients = least(amqp, shared - store - web - 2L * strangers);
        return new DescriptorPlan(limit, clients, web, strangers, store - STORE_MARGIN);
    }

    private static int least(int wanted, long room) {
        return (int) Math.min(wanted, room);
    }

    /** Whether there are fewer descriptors than the configuration asks for. */
    public boolean isCut(NodeConfig config) {
        return amqp < config.amqp().maxConnections() || http < config.http().maxConnections();
    }

    /** For the node's log. */
    @Override
    public String toString() {
        return (limit < 0
                        ? "No limit of file descriptors is known"
                        : "The process may have " + limit + " file descriptors")
                + ": " + amqp + " AMQP and " + http + " HTTP connections fit";
    }
}
