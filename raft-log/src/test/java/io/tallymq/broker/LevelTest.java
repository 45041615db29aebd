package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.Raise;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.message.UnknownFormatException;
import io.tallymq.format.Versions;
import io.tallymq.store.MemoryStore;
import org.junit.jupiter.api.Test;

/** The level is state like all else: from the log, kept, the same everywhere. */
class LevelTest {
    private final MemoryStore store = new MemoryStore();
    private BrokerMachine machine = new BrokerMachine(store, new Versions(1, 3));
    private long index;

    private Reply raise(int level, long decided) {
        index++;
        machine.begin(new Stamp(7, index, index), "n1", 1, index - 1, index == 1);
        try {
            return machine.apply(new Raise(level, decided), null);
        } finally {
            machine.end();
            machine.advanced(7, index);
        }
    }

    @Test
    void aLogBeginsAtLevelOneAndItOnlyRises() {
        assertEquals(1, machine.level());
        raise(3, 7);
        assertEquals(3, machine.level());
        assertInstanceOf(Reply.Ok.class, raise(2, 7));
        assertEquals(3, machine.level());
    }

    @Test
    void theWordOfALeaderOfAnotherTermIsVoid() {
        assertInstanceOf(Reply.Rejected.class, raise(2, 6));
        assertInstanceOf(Reply.Rejected.class, raise(99, 6));
        assertEquals(1, machine.level());
    }

    @Test
    void itIsPartOfTheStateAndOfTheStore() {
        long before = machine.digest();
        raise(2, 7);
        assertNotEquals(before, machine.digest());
        machine.commit(7, index);
        assertEquals(2, new BrokerMachine(store.copy(), new Versions(2, 4)).level());
        String older = assertThrows(
                        UnknownFormatException.class, () -> new BrokerMachine(store.copy(), new Versions(1, 1)))
                .getMessage();
        assertTrue(older.contains("The store is of level 2, and this version of TallyMQ knows level 1:"), older);
        assertThrows(UnknownFormatException.class, () -> new BrokerMachine(store.copy(), new Versions(3, 4)));
    }

    @Test
    void anUnknownLevelInTheLogStopsTheNodeWithAText() {
        String text =
                assertThrows(UnknownFormatException.class, () -> raise(4, 7)).getMessage();
        assertEquals(
                "The log from entry 1 on is of level 4, and this version of TallyMQ knows level 1 to 3: start the version"
                        + " that wrote it, or a newer one.",
                text);
    }
}
