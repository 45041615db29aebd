package io.tallymq.raft.session;

/** How far a batch confirms a channel. Guarded by the outbox until the batch is sealed, immutable afterwards. */
final class Mark {
    final ClientSession session;
    final int channel;
    /** Its position among the marks of the batch. */
    final int position;

    long lastSeq;
    /** The queue whose consumers its confirm waits for, 0 for none. The applying thread's. */
    long waitsFor;
    /** How many messages of it that queue got. The applying thread's. */
    int waiting;

    Mark(ClientSession session, int channel, int position) {
        this.session = session;
        this.channel = channel;
        this.position = position;
    }
}
