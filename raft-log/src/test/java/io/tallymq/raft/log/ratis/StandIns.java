package io.tallymq.raft.log.ratis;

import static org.junit.jupiter.api.Assertions.assertFalse;

/** Classes of this module that stand in for Ratis' own of the same name: they do only where they come first on the class path. */
public final class StandIns {
    private StandIns() {}

    public static void assertOurs(Class<?> type) {
        String from = type.getProtectionDomain().getCodeSource().getLocation().toString();
        assertFalse(from.contains("ratis-common"), from);
    }
}
