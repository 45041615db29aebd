package io.tallymq.broker.lane;

import io.tallymq.broker.aside.AsideTotals;
import io.tallymq.broker.chunk.Owed;
import io.tallymq.broker.chunk.Residents;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.reports.Untold;
import io.tallymq.broker.store.BodyLook;
import io.tallymq.broker.store.BodySizes;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.store.SharedBodies;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * What all queues have in common.
 *
 * @param clock time of the entry in hand, milliseconds since the epoch
 * @param level of the state
 * @param aside how much all queues have aside
 * @param untold what left queues and is still to be told
 */
public record Common(
        MessageStore store,
        MachineLimits limits,
        LongSupplier clock,
        IntSupplier level,
        SharedBodies sharedBodies,
        Owed owed,
        BodySizes sizes,
        BodyLook look,
        Residents residents,
        AsideTotals aside,
        Untold untold) {}
