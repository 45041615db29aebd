package io.tallymq.raft;

/** How far a batch confirms a channel. Guarded by the outbox until the batch is sealed, immutable afterwards. */
final class Mark {
    final ClientSession session;
    final int channel;
    long lastSeq;

    Mark(ClientSession session, int channel) {
        this.session = session;
        this.channel = channel;
    }
}
