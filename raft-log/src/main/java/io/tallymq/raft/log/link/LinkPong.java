package io.tallymq.raft.log.link;

import io.tallymq.raft.log.state.ReplicatedState.Position;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The answer to a ping of the link: term (8 bytes) and index (8) of the last entry of the log, whether the node misses its
 * leader (1), the milliseconds its lease lasts (4), the octets of the ping, and from version 2 of the link on the commit index (8)
 * and up to where all nodes are known to have the log (8), from version 3 on how well the node would lead (1).
 *
 * @param lastEntry of the answering node's log
 * @param missesLeader the answering node does not lead and has not heard its leader lately
 * @param leaseMillis for how long who asked may act on what it was assigned, counted from its ping; 0 from a node that gives no such word
 * @param asked what the ping said: when it was sent, in nanoseconds by the clock of the node that asked
 * @param committed the answering node's commit index, which is never ahead of what its own log has flushed; -1 when it is not told
 * @param everywhere up to where all nodes are known to have flushed the log; -1 when it is not told
 * @param rank how well the answering node would lead; {@link Rank#FIT} when it is not told
 */
public record LinkPong(
        Position lastEntry,
        boolean missesLeader,
        int leaseMillis,
        long asked,
        long committed,
        long everywhere,
        Rank rank) {
    /** The version of the link from which on the commit index is told. */
    private static final int TELLS_COMMITTED = 2;

    /** The same of how well it would lead. */
    private static final int TELLS_RANK = 3;

    private static final int BYTES = 3 * Long.BYTES + 1 + Integer.BYTES;
    private static final int MORE = BYTES + 2 * Long.BYTES;
    private static final int MOST = MORE + 1;

    /** From a node that does not tell its commit index. */
    LinkPong(Position lastEntry, boolean missesLeader, int leaseMillis, long asked) {
        this(lastEntry, missesLeader, leaseMillis, asked, -1, -1);
    }

    /** From a node that does not tell how well it would lead. */
    public LinkPong(
            Position lastEntry, boolean missesLeader, int leaseMillis, long asked, long committed, long everywhere) {
        this(lastEntry, missesLeader, leaseMillis, asked, committed, everywhere, Rank.FIT);
    }

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

    /** @param version that the two nodes speak */
    byte[] encode(int version) {
        ByteBuffer out = ByteBuffer.allocate(version >= TELLS_RANK ? MOST : version >= TELLS_COMMITTED ? MORE : BYTES)
                .putLong(lastEntry.term())
                .putLong(lastEntry.index())
                .put((byte) (missesLeader ? 1 : 0))
                .putInt(leaseMillis)
                .putLong(asked);
        if (version >= TELLS_COMMITTED) {
            out.putLong(committed).putLong(everywhere);
        }
        if (version >= TELLS_RANK) {
            out.put((byte) rank.ordinal());
        }
        return out.array();
    }

    static LinkPong decode(byte[] payload) throws IOException {
        if (payload.length != BYTES && payload.length != MORE && payload.length != MOST) {
            throw new IOException("an answer to a ping of " + payload.length + " bytes");
        }
        ByteBuffer in = ByteBuffer.wrap(payload);
        Position last = new Position(in.getLong(), in.getLong());
        boolean misses = in.get() != 0;
        int lease = in.getInt();
        long asked = in.getLong();
        if (!in.hasRemaining()) {
            return new LinkPong(last, misses, lease, asked);
        }
        long committed = in.getLong();
        long everywhere = in.getLong();
        Rank rank = in.hasRemaining() ? Rank.of(Byte.toUnsignedInt(in.get())) : Rank.FIT;
        return new LinkPong(last, misses, lease, asked, committed, everywhere, rank);
    }
}
