package io.tallymq.tally.local;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.tally.context.Surroundings;
import io.tallymq.tally.output.Output;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;

/** Starts a cluster, says when it serves, and stays until it is told to stop. */
final class LocalWatch {
    private static final int FAILED = 1;
    private static final long WAIT_MILLIS = 200;
    private static final long LOOK_MILLIS = 500;
    private static final long TELL_SECONDS = 30;

    private final LocalPlan plan;
    private final Surroundings surroundings;
    private final LocalVoice voice;
    private final LocalProcesses processes;
    private final LocalHealth health;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);

    LocalWatch(LocalPlan plan, Surroundings surroundings, LocalVoice voice) {
        this.plan = plan;
        this.surroundings = surroundings;
        this.voice = voice;
        processes = new LocalProcesses(plan, voice);
        health = new LocalHealth(surroundings);
    }

    /**
     * The exit code, if nobody tells it to stop: then this process ends with 0.
     *
     * @param lock is given back when the nodes' process ids are written
     */
    int run(LocalLock lock) throws InterruptedException {
        Thread hook = new Thread(this::stopAndEnd, "stop");
        Runtime.getRuntime().addShutdownHook(hook);
        int code = watched(lock);
        if (isTold()) {
            new CountDownLatch(1).await(); // the hook ends the process
        }
        ended.countDown();
        return code;
    }

    /** SIGINT, SIGTERM, SIGHUP; or this process is at its end already. */
    private void stopAndEnd() {
        if (ended.getCount() == 0) {
            return;
        }
        processes.stopping();
        stop.countDown();
        voice.say("stopping");
        try {
            processes.stopAll();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        voice.say("stopped; the data is in " + plan.directory());
        Runtime.getRuntime().halt(0);
    }

    private boolean isTold() {
        return stop.getCount() == 0;
    }

    private boolean nap(long millis) throws InterruptedException {
        return !stop.await(millis, TimeUnit.MILLISECONDS);
    }

    private int watched(LocalLock lock) throws InterruptedException {
        Path launcher = LocalDirectory.programs(surroundings).resolve("tallymq");
        if (plan.isOfAll()) {
            plan.settings().write(plan.directory());
        }
        plan.nodes().forEach(node -> processes.add(node, node.start(launcher, plan.settings())));
        lock.close();
        if (!awaitServing()) {
            processes.stopAll();
            return FAILED;
        }
        while (!processes.lookAfter().isEmpty()) {
            if (!nap(LOOK_MILLIS)) {
                return 0;
            }
        }
        if (isTold()) {
            return 0;
        }
        processes.stopAll();
        voice.say("no node that was started here is left");
        return processes.wasStoppedByHand() && !plan.isOfAll() ? 0 : FAILED;
    }

    /** False if no node is left. */
    private boolean awaitServing() throws InterruptedException {
        long begun = System.nanoTime();
        long told = begun;
        List<LocalNode> waiting = plan.nodes();
        while (true) {
            List<LocalNode> alive = processes.lookAfter();
            if (alive.isEmpty()) {
                return isTold();
            }
            List<LocalNode> still = new ArrayList<>();
            for (LocalNode node : alive) {
                if (contains(waiting, node) && !health.serves(plan.settings(), node.number())) {
                    still.add(node);
                }
            }
            waiting = still;
            if (waiting.isEmpty()) {
                tellReady(alive, seconds(begun));
                return true;
            }
            if (seconds(told) >= TELL_SECONDS) {
                told = System.nanoTime();
                voice.say("after " + seconds(begun) + " s not serving yet: " + names(waiting) + "; a majority of "
                        + plan.settings().nodes() + " nodes has to run. Logs: " + plan.directory() + "/node<i>/log");
            }
            if (!nap(WAIT_MILLIS)) {
                return true;
            }
        }
    }

    private static boolean contains(List<LocalNode> nodes, LocalNode one) {
        return nodes.stream().anyMatch(node -> node.number() == one.number());
    }

    private static long seconds(long since) {
        return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - since);
    }

    private static String names(List<LocalNode> nodes) {
        return nodes.stream().map(LocalNode::name).collect(Collectors.joining(", "));
    }

    private static String ports(List<LocalNode> nodes, IntUnaryOperator port) {
        return nodes.stream()
                .map(node -> Integer.toString(port.applyAsInt(node.number())))
                .collect(Collectors.joining(", "));
    }

    private void tellReady(List<LocalNode> alive, long seconds) {
        LocalSettings s = plan.settings();
        ObjectNode facts = Output.object()
                .put("ready", true)
                .put("directory", plan.directory().toString());
        ArrayNode nodes = facts.putArray("nodes");
        alive.forEach(node -> nodes.addObject()
                .put("name", node.name())
                .put("amqp_port", s.amqpPort() + node.number() - 1)
                .put("http_port", s.httpPort() + node.number() - 1));
        voice.ready(
                names(alive) + " of " + s.nodes() + " serve after " + seconds + " s; AMQP on 127.0.0.1 port "
                        + ports(alive, i -> s.amqpPort() + i - 1) + "; HTTP on port "
                        + ports(alive, i -> s.httpPort() + i - 1),
                facts);
        LocalLogin user = LocalLogin.of(surroundings);
        String login = user.user() + ":" + (user.isUsual() ? user.password() : "PASSWORD");
        int first = alive.get(0).number() - 1;
        voice.hint("Publish with a confirm (needs python3 and pika: pip install pika):");
        voice.hint("  python3 -c \"import pika; c = pika.BlockingConnection(pika.URLParameters('amqp://" + login
                + "@127.0.0.1:" + (s.amqpPort() + first) + "/%2F')); ch = c.channel(); ch.confirm_delivery();"
                + " ch.queue_declare('hello', durable=True); ch.basic_publish('', 'hello', b'hello',"
                + " pika.BasicProperties(delivery_mode=2), mandatory=True); print('confirmed'); c.close()\"");
        voice.hint("HTTP: curl -u " + login + " http://127.0.0.1:" + (s.httpPort() + first) + "/api/cluster");
        voice.hint("Data and logs: " + plan.directory() + ". Ctrl-C stops the cluster.");
    }
}
