package io.tallymq.raft;

/** The store of a node that crashes and is replaced. */
interface LossyStores extends StoreProvider {
    /** What happens while a copy takes the store's place: other threads of the node go on. */
    void whileReplaced(Runnable task);

    /** The process has died: only what is durable stays. */
    void crash();
}
