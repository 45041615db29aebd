package io.tallymq.amqp.delivery;

import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.ChunkBody;

/**
 * The messages of what is first in line on a channel, when they were not in memory and had to be read. While nothing is written they stay only as
 * long as the node's {@link BodyBudget} has room for them. Event loop only.
 */
final class LoadedChunk {
    private final BodyBudget budget;
    /** Null when nothing was read, or it is not kept any more. */
    private ChunkBody body;
    /** Bytes of it that are counted, while nothing is written. */
    private int kept;

    LoadedChunk(BodyBudget budget) {
        this.budget = budget;
    }

    /** The messages of the chunk that is first in line: those that were read, else those in memory; null when they have to be read. */
    ChunkBody of(Chunk first) {
        return body != null ? body : first.body();
    }

    /** They were read. */
    void read(ChunkBody messages) {
        body = messages;
    }

    /** Nothing is written before the next turn: what was read stays if there is room for it, else it is read again. */
    void keep() {
        if (body != null && kept == 0) {
            int bytes = body.bytes().length;
            if (budget.keep(bytes)) {
                kept = bytes;
            } else {
                body = null;
            }
        }
    }

    /** Something else is first in line now, or nothing. */
    void unload() {
        body = null;
        if (kept > 0) {
            budget.giveUp(kept);
            kept = 0;
        }
    }
}
