package io.tallymq.raft.session;

import io.tallymq.raft.entry.BatchCodec;
import io.tallymq.raft.entry.Packer;
import java.util.concurrent.atomic.LongAdder;

/** Sends what the outbox has, one batch after the other. One thread. */
public final class Submitter {
    private final Outbox outbox;
    private final Replicator replicator;
    private final RuntimeMetrics metrics;
    private final Packer packer;

    /**
     * Sends nothing yet.
     *
     * @param packing whether batches are packed before they are sent
     */
    public Submitter(Outbox outbox, Replicator replicator, RuntimeMetrics metrics, boolean packing) {
        this.outbox = outbox;
        this.replicator = replicator;
        this.metrics = metrics;
        this.packer = new Packer(packing);
    }

    /** Waits for batches and sends them until the outbox is closed or the thread interrupted. */
    public void run() {
        try {
            for (Batch batch = outbox.take(); batch != null; batch = outbox.take()) {
                send(batch);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) { // else the node would go on, and all its clients wait for ever
            replicator.failed("What this node's clients want can't be sent to the log any more: " + e, e);
        }
    }

    /** Sends one batch, if one may be sent now, in place of {@link #run}; never waits for one. Returns whether it did. */
    public boolean step() {
        Batch batch = outbox.poll();
        if (batch == null) {
            return false;
        }
        send(batch);
        return true;
    }

    private void send(Batch batch) {
        boolean again = batch.handedOut;
        batch.handedOut = true;
        LongAdder count = again ? metrics.resentBatches : metrics.sentBatches;
        count.increment();
        if (!again) {
            batch.wire = packer.pack(batch.bytes);
            batch.hinted = BatchCodec.hinted(batch.wire);
        }
        // Where this node led, the time has been stamped over what the next one to lead has to read.
        byte[] wire = again ? BatchCodec.unstamped(batch.wire, batch.hinted) : batch.wire;
        metrics.sentBytes.add(batch.wire.length);
        metrics.gatheredBytes.add(batch.bytes.length);
        long seen = outbox.connections();
        if (!replicator.send(wire, again)) {
            outbox.disconnected(seen);
        }
    }
}
