package io.tallymq.node.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.amqp.session.ConnectionRegistry;
import io.tallymq.raft.log.config.LinkTuning;
import io.tallymq.store.RocksStoreConfig;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How descriptors are shared out. */
class DescriptorPlanTest {
    private static final int PROCESSORS = 2;

    private final NodeConfig config = new Command(Map.of()).run();

    @ParameterizedTest
    @ValueSource(longs = {400, 1_024, 4_096, 20_000, 60_000, 1_048_576})
    void whatIsSharedOutFits(long limit) {
        DescriptorPlan plan = DescriptorPlan.of(limit, PROCESSORS, config);
        long ports = 2L * (plan.strangers() + LinkTuning.CONNECTIONS_PER_PEER);
        long all = DescriptorPlan.OWN
                + DescriptorPlan.PER_PROCESSOR * PROCESSORS
                + plan.amqp()
                + ConnectionRegistry.MOST_SURPLUS
                + plan.http()
                + ports
                + plan.storeFiles();
        assertTrue(all <= limit, plan + ": " + all);
        assertTrue(plan.amqp() >= limit / 8 || !plan.isCut(config), plan.toString());
        assertTrue(plan.http() >= 8 && plan.strangers() >= 8 && plan.storeFiles() >= 16, plan.toString());
    }

    @Test
    void withRoomForAllNothingIsCut() {
        DescriptorPlan plan = DescriptorPlan.of(1 << 20, PROCESSORS, config);
        assertEquals(config.amqp().maxConnections(), plan.amqp());
        assertEquals(config.http().maxConnections(), plan.http());
        assertEquals(RocksStoreConfig.MAX_OPEN_FILES, plan.storeFiles());
        assertFalse(plan.isCut(config));
        assertFalse(DescriptorPlan.of(-1, PROCESSORS, config).isCut(config));
    }

    @Test
    void tooFewAreRefusedWithWhatToDo() {
        String text = assertThrows(IllegalArgumentException.class, () -> DescriptorPlan.of(256, PROCESSORS, config))
                .getMessage();
        assertTrue(text.contains("may have 256 file descriptors") && text.contains("ulimit -n"), text);
    }
}
