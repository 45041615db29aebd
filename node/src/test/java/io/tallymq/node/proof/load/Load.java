package io.tallymq.node.proof.load;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.tallymq.node.proof.history.Body;
import io.tallymq.node.proof.history.HistoryChecker;
import io.tallymq.node.proof.history.HistoryEvent.Drained;
import io.tallymq.node.proof.history.HistoryEvent.Fault;
import io.tallymq.node.proof.history.HistoryLog;
import io.tallymq.node.proof.history.Order;
import io.tallymq.node.proof.history.Verdict;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * The load of a run. On each node: a synchronous and an asynchronous publisher to a queue that keeps its backlog and is consumed
 * only at the end, by one consumer; an asynchronous publisher, one whose route comes and goes, and a consumer of a queue that is
 * consumed all the time; an asynchronous publisher whose messages take detours ({@link Detour}), and a consumer of the queue where they
 * end. One history per queue. One thread, except where a method says otherwise.
 */
public final class Load implements AutoCloseable {
    private static final Duration QUIET = Duration.ofSeconds(2);
    private static final Duration STALLED = Duration.ofSeconds(90);
    private static final Duration JOIN = Duration.ofSeconds(150);
    private static final int DRAIN_PREFETCH = 300;
    private static final int LIVE_PREFETCH = 40;
    private static final int WINDOW = 200;
    private static final int ONE_REQUEUED_OF = 100;

    /**
     * What to load with.
     *
     * @param name makes queues and publishers of several loads differ
     * @param rate messages per second of all publishers together, at most
     */
    public record Settings(String name, Path directory, int rate, long seed) {}

    private final Settings settings;
    private final List<NodeAddress> nodes;
    private final Clients clients;
    private final Clients control;
    private final ResumeMeter meter;
    private final HistoryLog backlogHistory;
    private final HistoryLog liveHistory;
    private final HistoryLog lateHistory;
    private final String backlog;
    private final String live;
    private final String late;
    private final String exchange;
    private final List<LoadPublisher> publishers = new ArrayList<>();
    private final List<LoadConsumer> consumers = new ArrayList<>();
    private final List<LoadConsumer> lateConsumers = new ArrayList<>();
    private final List<LoadRejecter> rejecters = new ArrayList<>();
    private final BindingToggler toggler;
    private final List<Thread> threads = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();

    /** @param clients for the load, whose losses count; {@code control} for everything around it */
    public Load(Settings settings, List<NodeAddress> nodes, Clients clients, Clients control, ResumeMeter meter) {
        this.settings = settings;
        this.nodes = nodes;
        this.clients = clients;
        this.control = control;
        this.meter = meter;
        backlog = "backlog." + settings.name;
        live = "live." + settings.name;
        late = "late." + settings.name;
        exchange = "comes-and-goes." + settings.name;
        backlogHistory = new HistoryLog(settings.directory.resolve(settings.name + ".backlog.history"));
        liveHistory = new HistoryLog(settings.directory.resolve(settings.name + ".live.history"));
        lateHistory = new HistoryLog(settings.directory.resolve(settings.name + ".late.history"));
        List<Integer> numbers = nodes.stream().map(NodeAddress::number).toList();
        toggler = new BindingToggler(control, numbers, exchange, live);
        nodes.forEach(node -> plan(node.number()));
    }

    private void plan(int node) {
        int rate = Math.max(4, settings.rate / nodes.size());
        publisher(node, "sync", "", backlog, 1, rate / 4);
        publisher(node, "window", "", backlog, WINDOW, rate / 4);
        publisher(node, "live", "", live, WINDOW, rate / 4);
        publisher(node, "routed", exchange, live, WINDOW / 10, rate / 4);
        var plan = new LoadConsumer.Plan(node, "c" + node, live, LIVE_PREFETCH, ONE_REQUEUED_OF);
        consumers.add(new LoadConsumer(plan, clients, liveHistory, settings.seed * 100 + node));
        publisher(node, "late", "", late, WINDOW, rate / 4);
        var latePlan = new LoadConsumer.Plan(node, "l" + node, late, LIVE_PREFETCH, ONE_REQUEUED_OF);
        lateConsumers.add(new LoadConsumer(latePlan, clients, lateHistory, settings.seed * 100 + 50 + node));
        rejecters.add(new LoadRejecter(node, "r" + node, Detour.IS_REJECTED.by(late), clients));
    }

    private void publisher(int node, String name, String to, String queue, int window, int rate) {
        boolean detours = queue.equals(late);
        var letters = new PlainLetters(to, queue, detours);
        var plan = new LoadPublisher.Plan(node, name + node, window, rate, Body.Mix.ALL, letters);
        HistoryLog history = detours ? lateHistory : queue.equals(live) ? liveHistory : backlogHistory;
        long seed = settings.seed * 10_000 + publishers.size();
        publishers.add(new LoadPublisher(plan, clients, history, meter, seed));
    }

    public void start() throws IOException, TimeoutException {
        Connection connection = control.connect(1, "declare");
        try {
            Channel channel = connection.createChannel();
            channel.queueDeclare(backlog, true, false, false, Map.of("x-queue-type", "quorum"));
            channel.queueDeclare(live, true, false, false, Map.of());
            channel.exchangeDeclare(exchange, "direct", true);
            channel.queueDeclare(late, true, false, false, Map.of("x-queue-type", "quorum"));
            for (Detour way : List.of(Detour.EXPIRES, Detour.IS_REJECTED)) {
                channel.queueDeclare(way.by(late), true, false, false, way.arguments(late));
            }
        } finally {
            Clients.close(connection);
        }
        publishers.forEach(p -> run(p, p.name()));
        consumers.forEach(c -> run(c, c.name()));
        lateConsumers.forEach(c -> run(c, c.name()));
        rejecters.forEach(r -> run(r, r.name()));
        run(toggler, "toggler");
    }

    private void run(Runnable what, String name) {
        Thread thread = new Thread(what, settings.name + "." + name);
        thread.setDaemon(true);
        thread.start();
        threads.add(thread);
    }

    /** Notes a fault in all histories. Returns its time. */
    public long fault(String what) {
        backlogHistory.add(t -> new Fault(t, what));
        lateHistory.add(t -> new Fault(t, what));
        return liveHistory.add(t -> new Fault(t, what));
    }

    /** Stops publishing, waits for the answers, drains all queues. All nodes must serve. */
    public void finish() throws IOException, InterruptedException, TimeoutException {
        publishers.forEach(LoadPublisher::stop);
        toggler.stop();
        join(threads.stream().filter(t -> !isConsumer(t)).toList());
        for (LoadPublisher p : publishers) {
            if (p.hanging() > 0) {
                problems.add(p.name() + ": " + p.hanging() + " publishes were never answered on an open connection");
            }
        }
        drain(live, consumers, liveHistory);
        drain(late, lateConsumers, lateHistory);
        rejecters.forEach(LoadRejecter::stop);
        var plan = new LoadConsumer.Plan(nodes.size(), "drain", backlog, DRAIN_PREFETCH, 0);
        LoadConsumer drainer = new LoadConsumer(plan, clients, backlogHistory, settings.seed);
        run(drainer, "drain");
        drain(backlog, List.of(drainer), backlogHistory);
        publishers.stream().filter(p -> p.problem() != null).forEach(p -> problems.add(p.name() + ": " + p.problem()));
        Stream.concat(consumers.stream(), lateConsumers.stream())
                .filter(c -> c.problem() != null)
                .forEach(c -> problems.add(c.name() + ": " + c.problem()));
    }

    private boolean isConsumer(Thread thread) {
        return Stream.of(
                        consumers.stream().map(LoadConsumer::name),
                        lateConsumers.stream().map(LoadConsumer::name),
                        rejecters.stream().map(LoadRejecter::name))
                .flatMap(names -> names)
                .anyMatch(name -> thread.getName().equals(settings.name + "." + name));
    }

    private void drain(String queue, List<LoadConsumer> by, HistoryLog history)
            throws IOException, InterruptedException, TimeoutException {
        Connection connection = control.connect(1, "watch the drain");
        try {
            Channel channel = connection.createChannel();
            while (!quiet(by, QUIET) || channel.messageCount(queue) > 0) {
                if (quiet(by, STALLED)) {
                    problems.add("nothing more came out of " + queue + " for " + STALLED.toSeconds() + " s, and "
                            + channel.messageCount(queue) + " messages are ready in it");
                    break;
                }
                TimeUnit.MILLISECONDS.sleep(100);
            }
        } finally {
            Clients.close(connection);
        }
        by.forEach(LoadConsumer::stop);
        join(threads.stream().filter(Thread::isAlive).filter(t -> isOne(by, t)).toList());
        for (NodeAddress node : nodes) {
            long depth = depth(node.number(), queue);
            history.add(t -> new Drained(t, queue, depth));
        }
    }

    private boolean isOne(List<LoadConsumer> by, Thread thread) {
        return by.stream().anyMatch(c -> thread.getName().equals(settings.name + "." + c.name()));
    }

    private static boolean quiet(List<LoadConsumer> by, Duration time) {
        return by.stream().allMatch(c -> System.nanoTime() - c.lastDelivery() > time.toNanos());
    }

    /** As this node says, without consumers: what was unacknowledged is ready again. */
    private long depth(int node, String queue) throws IOException, TimeoutException {
        Connection connection = control.connect(node, "depth");
        try {
            return connection.createChannel().messageCount(queue);
        } finally {
            Clients.close(connection);
        }
    }

    private void join(List<Thread> some) throws InterruptedException {
        long deadline = System.nanoTime() + JOIN.toNanos();
        for (Thread thread : some) {
            thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())));
            if (thread.isAlive()) {
                problems.add(thread.getName() + " did not end within " + JOIN.toSeconds() + " s");
                thread.interrupt();
            }
        }
    }

    /** The judgement of each history, by queue; after {@link #finish}. */
    public Map<String, Verdict> verdicts() {
        backlogHistory.close();
        liveHistory.close();
        lateHistory.close();
        Map<String, Verdict> verdicts = new LinkedHashMap<>();
        verdicts.put("backlog", HistoryChecker.check(backlogHistory.file(), Order.REAL_TIME));
        verdicts.put("live", HistoryChecker.check(liveHistory.file(), Order.PER_PUBLISHER));
        verdicts.put("late", HistoryChecker.check(lateHistory.file(), Order.NONE));
        return verdicts;
    }

    /** Besides the histories: what hung, stalled or broke in the load itself. */
    public List<String> problems() {
        return List.copyOf(problems);
    }

    @Override
    public void close() {
        publishers.forEach(LoadPublisher::stop);
        consumers.forEach(LoadConsumer::stop);
        lateConsumers.forEach(LoadConsumer::stop);
        rejecters.forEach(LoadRejecter::stop);
        toggler.stop();
        backlogHistory.close();
        liveHistory.close();
        lateHistory.close();
    }
}
