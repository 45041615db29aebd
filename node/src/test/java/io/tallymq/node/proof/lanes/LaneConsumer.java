package io.tallymq.node.proof.lanes;

import com.rabbitmq.client.Connection;
import io.tallymq.node.proof.history.HistoryLog;
import io.tallymq.node.proof.load.Clients;
import java.io.IOException;
import java.util.Map;
import java.util.Random;

/** Consumes a queue through one node, with the manners it is given, and notes what it gets and does. */
public final class LaneConsumer extends Worker {
    /**
     * What to consume, and how.
     *
     * @param letters whether these are dead letters, which are noted as such and acked
     * @param isCancelled whether the broker may cancel it
     * @param choice what of the queue it wants
     */
    public record Plan(
            String queue,
            int prefetch,
            Manners manners,
            Leave leave,
            boolean letters,
            boolean isCancelled,
            Choice choice) {
        public static Plan of(String queue, int prefetch, Manners manners) {
            return new Plan(queue, prefetch, manners, Leave.NEVER, false, false, Choice.ALL);
        }

        public Plan leaving(Leave how) {
            return new Plan(queue, prefetch, manners, how, letters, isCancelled, choice);
        }

        public Plan ofLetters() {
            return new Plan(queue, prefetch, manners, leave, true, isCancelled, choice);
        }

        public Plan thatIsCancelled() {
            return new Plan(queue, prefetch, manners, leave, letters, true, choice);
        }

        /** Only what a filter lets through; {@code label} ends its name. */
        public Plan filtered(String label, Map<String, Object> filter) {
            Choice some = new Choice("-" + label, Map.of("x-filter", filter), false);
            return new Plan(queue, prefetch, manners, leave, letters, isCancelled, some);
        }

        /** All that is left when nothing is published any more; {@code label} ends its name. */
        public Plan lastly(String label) {
            return new Plan(
                    queue, prefetch, manners, leave, letters, isCancelled, new Choice("-" + label, Map.of(), true));
        }
    }

    /**
     * What of the queue a consumer wants.
     *
     * @param suffix of its name
     * @param arguments of its basic.consume
     * @param lastly only when the queue is drained
     */
    public record Choice(String suffix, Map<String, Object> arguments, boolean lastly) {
        static final Choice ALL = new Choice("", Map.of(), false);
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
    protected void work(Connection connection, String incarnation) throws IOException, InterruptedException {
        session = new ConsumerSession(this, plan, incarnation, connection.createChannel(), history, random);
        session.run();
    }
}
