package io.tallymq.node.proof.lanes;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.tallymq.node.proof.history.Body;
import io.tallymq.node.proof.history.Feature;
import io.tallymq.node.proof.history.HistoryChecker;
import io.tallymq.node.proof.history.HistoryEvent.Drained;
import io.tallymq.node.proof.history.HistoryEvent.Fault;
import io.tallymq.node.proof.history.HistoryLog;
import io.tallymq.node.proof.history.Verdict;
import io.tallymq.node.proof.load.Clients;
import io.tallymq.node.proof.load.Letters;
import io.tallymq.node.proof.load.LoadPublisher;
import io.tallymq.node.proof.load.NodeAddress;
import io.tallymq.node.proof.load.ResumeMeter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The load for one feature: queues, clients on all nodes, one history. One thread, except where a method says otherwise. */
public abstract class Lane implements AutoCloseable {
    private static final Duration QUIET = Duration.ofSeconds(2);
    private static final Duration STALLED = Duration.ofSeconds(90);
    private static final Duration JOIN = Duration.ofSeconds(150);
    private static final int WINDOW = 50;
    /** So long after a fault nobody has to wait for answers any more. */
    private static final long CALM_NANOS = TimeUnit.SECONDS.toNanos(10);

    /**
     * Where and how.
     *
     * @param run makes queues and clients of several runs differ
     * @param rate messages per second and node
     * @param clients for the load, whose losses count; {@code control} for everything around it
     */
    public record Setup(
            String run,
            Path directory,
            int rate,
            long seed,
            List<NodeAddress> nodes,
            Clients clients,
            Clients control) {}

    private final Feature feature;
    private final Setup setup;
    private final HistoryLog history;
    /** In the order in which they are declared and drained. */
    private final Map<String, Map<String, Object>> queues = new LinkedHashMap<>();

    private final List<LoadPublisher> publishers = new ArrayList<>();
    /** Workers that make messages. */
    private final List<Worker> makers = new ArrayList<>();

    private final List<LaneConsumer> consumers = new ArrayList<>();
    /** Other workers that take messages. */
    private final List<Worker> takers = new ArrayList<>();

    private final Map<Object, Thread> threads = new LinkedHashMap<>();
    private final List<String> problems = new ArrayList<>();
    private int seeds;
    private long stopped;
    /** Since when all nodes serve; a time of {@link System#nanoTime}. */
    private volatile long serving = System.nanoTime();

    protected Lane(Feature feature, Setup setup) {
        this.feature = feature;
        this.setup = setup;
        this.history = new HistoryLog(setup.directory.resolve(setup.run + "." + name() + ".history"));
    }

    protected final String name() {
        return feature.name().toLowerCase(Locale.ROOT);
    }

    // ---- what a feature's lane is made of

    protected final String run() {
        return setup.run;
    }

    protected final int nodes() {
        return setup.nodes.size();
    }

    protected final int rate() {
        return setup.rate;
    }

    protected final Clients clients() {
        return setup.clients;
    }

    protected final Clients control() {
        return setup.control;
    }

    protected final NodeAddress address(int node) {
        return setup.nodes.get(node - 1);
    }

    /** Whether all nodes have served for a while at this time, a time of {@link System#nanoTime}, and still do. Any thread. */
    protected final boolean isCalm(long since) {
        return since - serving > CALM_NANOS;
    }

    protected final HistoryLog history() {
        return history;
    }

    protected final long seed() {
        return setup.seed * 100_000 + feature.name().hashCode() + seeds++;
    }

    /** A queue of this run: {@code kind} makes it differ from the others of the lane. Declared at the start, drained at the end. */
    protected final String queue(String kind, Map<String, Object> arguments) {
        String queue = name() + kind + "." + setup.run;
        queues.put(queue, arguments);
        return queue;
    }

    /** Exchanges and bindings, once the queues are there. */
    protected void declare(Channel channel) throws IOException {}

    protected final void publish(int node, Letters letters) {
        publish(name() + "-p" + node, node, setup.rate, letters, setup.clients);
    }

    /** A publisher beside others: with a part of the rate, and perhaps with clients whose losses do not count. */
    protected final void publish(String name, int node, int rate, Letters letters, Clients by) {
        var plan = new LoadPublisher.Plan(node, name, WINDOW, rate, Body.Mix.ALL, letters);
        publishers.add(new LoadPublisher(plan, by, history, new ResumeMeter(), seed()));
    }

    protected final void consume(int node, LaneConsumer.Plan plan) {
        String name = name() + "-c" + node + (plan.letters() ? "d" : "") + consumers.size()
                + plan.choice().suffix();
        consumers.add(new LaneConsumer(name, node, plan, setup.clients, history, seed()));
    }

    protected final void makes(Worker maker) {
        makers.add(maker);
    }

    protected final void takes(Worker taker) {
        takers.add(taker);
    }

    /** How long after the last publish messages may still be on their way where no queue shows them. */
    protected Duration linger() {
        return Duration.ZERO;
    }

    /** Whether everything came that those take who are no plain consumers. */
    protected boolean quiet(Duration time) {
        return true;
    }

    /** What a queue has when it is drained. */
    protected boolean isDrained(String queue, long depth) {
        return depth == 0;
    }

    // ---- its life

    /** Declares what it needs. */
    final void declareAll(Channel channel) throws IOException {
        for (Map.Entry<String, Map<String, Object>> queue : queues.entrySet()) {
            channel.queueDeclare(queue.getKey(), true, false, false, queue.getValue());
        }
        declare(channel);
    }

    final void start() {
        consumers.forEach(c -> run(c, c.name()));
        takers.forEach(t -> run(t, t.name()));
        publishers.forEach(p -> run(p, p.name()));
        makers.forEach(m -> run(m, m.name()));
    }

    private void run(Runnable what, String name) {
        Thread thread = new Thread(what, setup.run + "." + name);
        thread.setDaemon(true);
        thread.start();
        threads.put(what, thread);
    }

    final void fault(String what) {
        serving = what.startsWith(Fault.OVER) ? System.nanoTime() : Long.MAX_VALUE;
        history.add(t -> new Fault(t, what));
    }

    /** Notes something beside, while a fault lasts. */
    final void note(String what) {
        history.add(t -> new Fault(t, what));
    }

    /** Nothing new is published from now on, but for what is on its way. */
    final void stopPublishing() {
        publishers.forEach(LoadPublisher::stop);
        makers.forEach(Worker::stop);
        stopped = System.nanoTime();
    }

    /** Waits for answers, drains the queues. All nodes must serve. */
    final void finish() throws IOException, InterruptedException, TimeoutException {
        join(publishers);
        join(makers);
        for (LoadPublisher p : publishers) {
            if (p.hanging() > 0) {
                problems.add(p.name() + ": " + p.hanging() + " publishes were never answered on an open connection");
            }
        }
        consumers.forEach(LaneConsumer::drain);
        drain();
        consumers.forEach(LaneConsumer::stop);
        takers.forEach(Worker::stop);
        join(consumers);
        join(takers);
        for (NodeAddress node : setup.nodes) {
            depths(node.number());
        }
        publishers.forEach(p -> problem(p.name(), p.problem()));
        makers.forEach(w -> problem(w.name(), w.problem()));
        consumers.forEach(c -> problem(c.name(), c.problem()));
        takers.forEach(w -> problem(w.name(), w.problem()));
    }

    private void problem(String who, String what) {
        if (what != null) {
            problems.add(who + ": " + what);
        }
    }

    private void drain() throws IOException, InterruptedException, TimeoutException {
        long deadline = System.nanoTime() + linger().plus(STALLED).toNanos();
        Connection connection = setup.control.connect(1, "watch the drain");
        try {
            Channel channel = connection.createChannel();
            while (!isQuiet() || !areEmpty(channel)) {
                if (System.nanoTime() > deadline) {
                    problems.add(name() + " is not drained after " + STALLED.toSeconds() + " s");
                    return;
                }
                TimeUnit.MILLISECONDS.sleep(200);
            }
        } finally {
            Clients.close(connection);
        }
    }

    private boolean isQuiet() {
        return System.nanoTime() - stopped > linger().toNanos()
                && consumers.stream().allMatch(c -> c.quiet(QUIET.toNanos()))
                && quiet(QUIET);
    }

    private boolean areEmpty(Channel channel) throws IOException {
        for (String queue : queues.keySet()) {
            if (!isDrained(queue, channel.messageCount(queue))) {
                return false;
            }
        }
        return true;
    }

    /** As this node says, without consumers: what was unacknowledged is ready again. */
    private void depths(int node) throws IOException, TimeoutException {
        Connection connection = setup.control.connect(node, "depth");
        try {
            Channel channel = connection.createChannel();
            for (String queue : queues.keySet()) {
                long depth = channel.messageCount(queue);
                history.add(t -> new Drained(t, queue, depth));
            }
        } finally {
            Clients.close(connection);
        }
    }

    private void join(List<? extends Runnable> some) throws InterruptedException {
        long deadline = System.nanoTime() + JOIN.toNanos();
        for (Runnable one : some) {
            Thread thread = threads.get(one);
            thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())));
            if (thread.isAlive()) {
                problems.add(thread.getName() + " did not end within " + JOIN.toSeconds() + " s");
                thread.interrupt();
            }
        }
    }

    /** After {@link #finish}. */
    final Verdict verdict() {
        history.close();
        return HistoryChecker.check(history.file(), feature);
    }

    /** Besides the history: what hung, stalled or broke in the load itself. */
    final List<String> problems() {
        return List.copyOf(problems);
    }

    @Override
    public final void close() {
        publishers.forEach(LoadPublisher::stop);
        makers.forEach(Worker::stop);
        consumers.forEach(LaneConsumer::stop);
        takers.forEach(Worker::stop);
        history.close();
    }
}
