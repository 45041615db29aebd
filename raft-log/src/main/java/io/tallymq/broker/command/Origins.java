package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.spec.ConnectionId;
import java.util.Arrays;

/**
 * Which channel each message of a batch is from. Taken apart only when it is asked: when a message is refused, or while there is
 * a channel that has ended.
 *
 * <pre>
 * varint channels; per channel varint connection's number, varint channel
 * varint runs; per run varint messages, varint position among the channels
 * </pre>
 */
public final class Origins {
    /** Of messages that no channel sent: none of them can end one. */
    public static final Origins NONE = new Origins(null, "");

    private final ByteReader encoded;
    private final String node;
    private ConnectionId[] connections;
    private int[] channels;
    /** The ordinal behind each run's last message, ascending. */
    private int[] ends;
    /** The position of each run's channel. */
    private int[] runs;

    /**
     * @param encoded is at its beginning; nobody else may use it
     * @param node that the connections belong to
     */
    public Origins(ByteReader encoded, String node) {
        this.encoded = encoded;
        this.node = node;
    }

    private void decode() {
        if (runs != null) {
            return;
        }
        int n = encoded == null ? 0 : count();
        connections = new ConnectionId[n];
        channels = new int[n];
        for (int i = 0; i < n; i++) {
            connections[i] = new ConnectionId(node, encoded.varint());
            channels[i] = (int) encoded.varint();
        }
        int r = encoded == null ? 0 : count();
        ends = new int[r];
        runs = new int[r];
        for (int i = 0, end = 0; i < r; i++) {
            end += (int) encoded.varint();
            ends[i] = end;
            runs[i] = (int) encoded.varint();
        }
    }

    private int count() {
        long n = encoded.varint();
        if (n < 0 || n > encoded.remaining()) {
            throw new IllegalStateException(
                    "record is cut short: " + n + " origins, " + encoded.remaining() + " bytes");
        }
        return (int) n;
    }

    /** The position of the channel that sent the message with this ordinal; -1 if none did. */
    public int of(int ordinal) {
        decode();
        int at = Arrays.binarySearch(ends, ordinal + 1);
        int run = at >= 0 ? at : -at - 1;
        return run < runs.length ? runs[run] : -1;
    }

    public ConnectionId connection(int origin) {
        return connections[origin];
    }

    public int channel(int origin) {
        return channels[origin];
    }
}
