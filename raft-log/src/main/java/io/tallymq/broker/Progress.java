package io.tallymq.broker;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.publish.RecentHistory;
import io.tallymq.broker.queues.Handouts;

/**
 * How much of an entry of the log is done: all before a message of a run of publishes.
 *
 * @param batch number of the run's batch within the entry
 * @param offset where the next message's record begins, from the beginning of the batch
 * @param ordinal of that message within its batch
 * @param handOuts how many the entry may still make, see {@link Handouts}
 * @param recent how much new bindings of the entry got of recent messages, in bytes, see {@link RecentHistory}
 */
public record Progress(long index, int batch, int offset, int ordinal, int handOuts, long recent) {
    static Progress read(ByteReader r) {
        return new Progress(r.int64(), r.int32(), r.int32(), r.int32(), r.int32(), r.hasRemaining() ? r.varint() : 0);
    }

    void write(ByteWriter w) {
        w.int64(index).int32(batch).int32(offset).int32(ordinal).int32(handOuts);
        if (recent > 0) {
            w.varint(recent);
        }
    }
}
