package io.tallymq.amqp.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.netty.channel.embedded.EmbeddedChannel;
import io.tallymq.amqp.channel.AmqpError;
import io.tallymq.amqp.channel.ConnectionContext;
import io.tallymq.amqp.channel.LiveConnection;
import io.tallymq.amqp.channel.Permits;
import io.tallymq.broker.access.AccessState;
import io.tallymq.broker.access.Rights;
import io.tallymq.broker.spec.PasswordHash;
import io.tallymq.broker.spec.Permission;
import io.tallymq.broker.spec.UserSpec;
import io.tallymq.store.MemoryStore;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How much is looked at when rights change, and when. */
class RightsLookTest {
    private static final int CONSUMERS = 3 * RightsLook.AT_ONCE - 1;

    private final AccessState access = new AccessState(new MemoryStore(), () -> 0);
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private int turns;
    private final RightsLook look = new RightsLook(context());
    private int looked;

    private ConnectionContext context() {
        LiveConnection live = new LiveConnection() {
            @Override
            public void fail(AmqpError error) {
                throw new AssertionError(error);
            }

            @Override
            public void channelFailed(int number, AmqpError error) {
                throw new AssertionError(error);
            }

            @Override
            public void run(Runnable work) {
                work.run();
            }

            @Override
            public void endTurn() {
                turns++;
            }
        };
        Permits permits = new Permits(new Rights(() -> access, "ann", "/"), "ann", "/");
        return new ConnectionContext(live, null, channel.eventLoop(), null, permits, null, null, null);
    }

    @BeforeEach
    void ann() {
        access.restore();
        access.initialise();
        access.setUser("ann", new UserSpec(PasswordHash.NONE, List.of()));
        mayRead(".*");
    }

    @AfterEach
    void end() {
        channel.close();
    }

    private void mayRead(String expression) {
        access.setPermission("ann", "/", new Permission("", "", expression));
        access.changed();
    }

    private void tell() {
        look.accessChanged(l -> {
            for (int i = 0; i < CONSUMERS; i++) {
                l.add(() -> looked++);
            }
        });
    }

    @Test
    void soManyAreLookedAtInOneTurn() {
        tell();
        assertEquals(RightsLook.AT_ONCE, looked);
        channel.runPendingTasks();
        assertEquals(CONSUMERS, looked);
        assertEquals(2, turns);
    }

    @Test
    void whileNothingChangesForTheUserNothingIsLookedAt() {
        tell();
        channel.runPendingTasks();
        look.admitted(null);
        looked = 0;
        access.setUser("bob", new UserSpec(PasswordHash.NONE, List.of()));
        access.setPermission("ann", "/", new Permission("c", "w", ".*"));
        access.changed();
        tell();
        assertEquals(0, looked);
        mayRead("^q$");
        tell();
        channel.runPendingTasks();
        assertEquals(CONSUMERS, looked);
    }

    /** Between two looks rights may have been others for a moment, and let a consumer in that those before and after do not. */
    @Test
    void aConsumerThatOtherRightsLetInIsLookedAt() {
        tell();
        channel.runPendingTasks();
        looked = 0;
        mayRead("^q$");
        look.admitted(null);
        mayRead(".*");
        tell();
        channel.runPendingTasks();
        assertEquals(CONSUMERS, looked);
    }

    /** What was to be looked at by rights that are over is looked at by those of now, and once. */
    @Test
    void aChangeAmidALookBeginsItAnew() {
        tell();
        mayRead("^q$");
        tell();
        channel.runPendingTasks();
        assertEquals(RightsLook.AT_ONCE + CONSUMERS, looked);
        access.setPermission("ann", "/", null);
        access.changed();
        tell();
        channel.runPendingTasks();
        assertEquals(RightsLook.AT_ONCE + 2 * CONSUMERS, looked);
    }

    /** A bug in one look leaves the others to the next change, whatever that is of. */
    @Test
    void whatALookThatThrowsLeavesIsLookedAtByTheNextChange() {
        mayRead("other.*");
        assertThrows(
                IllegalStateException.class,
                () -> look.accessChanged(l -> {
                    l.add(() -> {
                        throw new IllegalStateException("a bug");
                    });
                    l.add(() -> looked++);
                }));
        look.accessChanged(l -> l.add(() -> looked++));
        assertEquals(1, looked);
    }
}
