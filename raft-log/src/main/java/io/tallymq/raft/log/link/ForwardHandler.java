package io.tallymq.raft.log.link;

/**
 * What arrives over the nodes' own link. {@link #onBatch} and {@link #onUnheard} are called on the link's inbound thread, the others on its
 * outbound thread, in the order of their connection. A handler that blocks in {@link #onBatch} holds all forwarding
 * nodes up: the broker's does while the log's own queue is full. What waits for an entry to be applied is kept instead, see {@code EntryQueue}, and a node
 * has only so much sent and not seen applied.
 */
public interface ForwardHandler {
    /**
     * A batch that {@code fromNode} forwarded, because it takes this node for the leader. The array is the
     * receiver's. If it can not be submitted, answer with {@link PeerLink#refuse}.
     */
    void onBatch(String fromNode, byte[] bytes);

    /** {@code byNode} did not take a batch; {@code note} is what it passed to {@link PeerLink#refuse}. */
    void onRefused(String byNode, byte[] note);

    /** This node can forward to {@code peer} now. Whatever was forwarded before may have been lost. */
    void onLinkUp(String peer);

    /** The connection broke: of what was forwarded and not seen applied, nothing is known. */
    void onLinkDown(String peer);

    /**
     * The connection by which {@code peer} sent its batches is gone, and there is no newer one: no batch of before comes after this. {@link #onLinkDown} is
     * told of the other direction, and on another thread: what was sent before may still come after it.
     */
    default void onUnheard(String peer) {}

    /** Whether somebody at {@code peer} may wait for what this node, as the leader, commits. Any thread, cheap. */
    boolean hasClients(String peer);

    /** {@code peer} told how far it is, see {@link PeerLink#committed}. */
    default void onAnswer(String peer) {}

    /** After {@link PeerLink#forward} said {@code false} because too much was pending: there is room again. */
    void onWritable(String peer);
}
