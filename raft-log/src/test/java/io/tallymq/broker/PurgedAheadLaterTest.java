package io.tallymq.broker;

import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.limits.WorkLimits;

/** The same where an entry does so little that later entries give back: what stands in for the consumer knows of the purge. */
class PurgedAheadLaterTest extends PurgedAheadTest {
    private static final WorkLimits LITTLE = new WorkLimits(32_768, 0, 1, 64, 4_096);

    @Override
    MachineLimits limits() {
        return new MachineLimits(256, 100_000, 1_000, 256 * 1024, 512, 4_096, LITTLE, 8, 250_000, StateLimits.DEFAULTS);
    }
}
