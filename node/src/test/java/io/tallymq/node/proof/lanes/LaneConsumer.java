package io.tallymq.node.proof.lanes;

import com.rabbitmq.client.Connection;
import io.tallymq.node.proof.history.HistoryLog;
import io.tallymq.node.proof.load.Clients;
import java.io.IOException;
import java.util.Random;

/** Consumes a queue through one node, with the manners it is given, and notes what it gets and does. */
final class LaneConsumer extends Worker {
    /**
     * What to consume, and how.
     *
     * @param letters whether these are dead letters, which are noted as such and acked
     * @param isCancelled whether the broker may cancel it
     */
    record Plan(String queue, int prefetch, Manners manners, Leave leave, boolean letters, boolean isCancelled) {
        static Plan of(String queue, int prefetch, Manners manners) {
            return new Plan(queue, prefetch, manners, Leave.NEVER, false, false);
        }

        Plan leaving(Leave how) {
            return new Plan(queue, prefetch, manners, how, letters, isCancelled);
        }

        Plan ofLetters() {
            return new Plan(queue, prefetch, manners, leave, true, isCancelled);
        }

        Plan thatIsCancelled() {
            return new Plan(queue, prefetch, manners, leave, letters, true);
        }
    }

    private final Plan plan;
    private final HistoryLog history;
    private final Random random;
    private volatile ConsumerSession session;
    private volatile boolean draining;
    private volatile long lastDelivery = System.nanoTime();

    LaneConsumer(String name, int node, Plan plan, Clients clients, HistoryLog history, long seed) {
        super(name, node, clients);
        this.plan = plan;
        this.history = history;
        this.random = new Random(seed);
    }

    /** From now on it acks at once, and stays. */
    void drain() {
        draining = true;
    }

    boolean draining() {
        return draining;
    }

    /** Whether it has nothing to answer, and nothing has come for so long. */
    boolean quiet(long nanos) {
        ConsumerSession s = session;
        return s != null && s.idle() && System.nanoTime() - lastDelivery > nanos;
    }

    void came() {
        lastDelivery = System.nanoTime();
    }

    @Override
    void work(Connection connection, String incarnation) throws IOException, InterruptedException {
        session = new ConsumerSession(this, plan, incarnation, connection.createChannel(), history, random);
        session.run();
    }
}
