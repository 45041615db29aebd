package io.tallymq.raft.log;

import io.tallymq.raft.log.ReplicatedState.Position;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The answer to a ping of the link: term (8 bytes) and index (8) of the last entry of the log, whether the node misses its
 * leader (1), the milliseconds its lease lasts (4), and the octets of the ping.
 *
 * @param lastEntry of the answering node's log
 * @param missesLeader the answering node does not lead and has not heard its leader lately
 * @param leaseMillis see {@link Lease#leftMillis}
 * @param asked what the ping said: when it was sent, by the clock of the node that asked
 */
record LinkPong(Position lastEntry, boolean missesLeader, int leaseMillis, long asked) {
    private static final int BYTES = 3 * Long.BYTES + 1 + Integer.BYTES;

    /** What a ping carries. */
    static byte[] ping(long now) {
        return ByteBuffer.allocate(Long.BYTES).putLong(now).array();
    }

    static long decodePing(byte[] payload) throws IOException {
        if (payload.length != Long.BYTES) {
            throw new IOException("a ping of " + payload.length + " bytes");
        }
        return ByteBuffer.wrap(payload).getLong();
    }

    byte[] encode() {
        return ByteBuffer.allocate(BYTES)
                .putLong(lastEntry.term())
                .putLong(lastEntry.index())
                .put((byte) (missesLeader ? 1 : 0))
                .putInt(leaseMillis)
                .putLong(asked)
                .array();
    }

    static LinkPong decode(byte[] payload) throws IOException {
        if (payload.length != BYTES) {
            throw new IOException("an answer to a ping of " + payload.length + " bytes");
        }
        ByteBuffer in = ByteBuffer.wrap(payload);
        Position last = new Position(in.getLong(), in.getLong());
        return new LinkPong(last, in.get() != 0, in.getInt(), in.getLong());
    }
}
