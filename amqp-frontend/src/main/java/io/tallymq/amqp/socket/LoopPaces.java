package io.tallymq.amqp.socket;

import io.netty.channel.SelectStrategy;
import io.netty.channel.SelectStrategyFactory;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.function.BooleanSupplier;

/** The {@link LoopPace} of each event loop of a server. */
public final class LoopPaces implements SelectStrategyFactory {
    private final BooleanSupplier machineFull;
    private final FastThreadLocal<LoopPace> current = new FastThreadLocal<>();

    /** @param machineFull whether all processors are in use; asked by event loops, often */
    public LoopPaces(BooleanSupplier machineFull) {
        this.machineFull = machineFull;
    }

    @Override
    public SelectStrategy newSelectStrategy() {
        return new LoopPace(machineFull, System::nanoTime, LoopPace::park, current::set);
    }

    /** So many methods came in with a read on this thread's loop. */
    public void came(int methods) {
        LoopPace pace = current.getIfExists();
        if (pace != null) {
            pace.came(methods);
        }
    }
}
