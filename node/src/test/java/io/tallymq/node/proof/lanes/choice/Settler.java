package io.tallymq.node.proof.lanes.choice;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import io.tallymq.node.proof.history.Body;
import io.tallymq.node.proof.history.HistoryEvent;
import io.tallymq.node.proof.history.HistoryEvent.Answering;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryEvent.Remark;
import io.tallymq.node.proof.history.HistoryLog;
import io.tallymq.node.proof.history.MessageId;
import io.tallymq.node.proof.lanes.Worker;
import io.tallymq.node.proof.load.Clients;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/** Consumes with settles that are confirmed. Each has a number, which the message tells from then on. */
final class Settler extends Worker {
    static final int ASIDE_MILLIS = 15_000;
    private static final int REST_MILLIS = 1_500;
    private static final int PREFETCH = 20;
    private static final long LOOK_MILLIS = 50;
    private static final long QUESTION_NANOS = TimeUnit.MILLISECONDS.toNanos(1_500);
    private static final int CONFIRM_MILLIS = 60_000;
    /** Half of them ack. */
    private static final List<String> OUTCOMES = List.of(
            "ack", "ack", "ack", "ack", "ack", "ack", "release", "release", "reject", "dead-letter", "defer", "defer");

    private static final AtomicLong STEPS = new AtomicLong();

    private record Came(Envelope envelope, MessageId id) {}

    private record Sent(MessageId id, String step, boolean isAside) {}

    private final String queue;
    private final BlockingQueue<Fetcher.Token> tokens;
    private final HistoryLog history;
    private final Random random;
    private volatile boolean draining;
    private volatile long lastDelivery = System.nanoTime();

    Settler(
            String name,
            int node,
            String queue,
            BlockingQueue<Fetcher.Token> tokens,
            Clients clients,
            HistoryLog history,
            long seed) {
        super(name, node, clients);
        this.queue = queue;
        this.tokens = tokens;
        this.history = history;
        this.random = new Random(seed);
    }

    /** From now on it only acks. */
    void drain() {
        draining = true;
    }

    boolean quiet(long nanos) {
        return System.nanoTime() - lastDelivery > nanos;
    }

    @Override
    protected void work(Connection connection, String incarnation)
            throws IOException, InterruptedException, TimeoutException {
        Channel channel = connection.createChannel();
        boolean lost = true;
        try {
            serve(channel, incarnation);
            lost = false;
        } finally {
            if (lost) {
                note(Kind.GONE, incarnation);
            }
        }
    }

    private void note(Kind kind, String name) {
        history.add(t -> new HistoryEvent.Channel(kind, t, name));
    }

    private void serve(Channel channel, String name) throws IOException, InterruptedException, TimeoutException {
        BlockingQueue<Came> inbox = new LinkedBlockingQueue<>();
        NavigableMap<Long, Sent> sent = new ConcurrentSkipListMap<>();
        channel.confirmSelect();
        channel.addConfirmListener(
                (tag, multiple) -> stands(name, multiple ? sent.headMap(tag, true) : sent.subMap(tag, true, tag, true)),
                (tag, multiple) -> problem(name + ": a settle was nacked: " + sent.get(tag)));
        channel.basicQos(PREFETCH);
        ask(channel, name);
        String consumer = channel.basicConsume(queue, false, new DefaultConsumer(channel) {
            @Override
            public void handleDelivery(String t, Envelope envelope, BasicProperties properties, byte[] body) {
                lastDelivery = System.nanoTime();
                Marks.note(history, name, queue, envelope, properties, body);
                inbox.add(new Came(envelope, Body.id(body)));
            }
        });
        long question = System.nanoTime();
        while (!stopped() && channel.isOpen()) {
            Came came = inbox.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
            if (came != null) {
                settle(channel, name, came, sent);
            }
            if (System.nanoTime() - question > QUESTION_NANOS) {
                channel.waitForConfirms(CONFIRM_MILLIS);
                ask(channel, name);
                question = System.nanoTime();
            }
        }
        if (channel.getCloseReason() != null) {
            throw channel.getCloseReason();
        }
        channel.basicCancel(consumer);
        channel.waitForConfirms(CONFIRM_MILLIS);
    }

    private void settle(Channel channel, String name, Came came, NavigableMap<Long, Sent> sent) throws IOException {
        String outcome = draining ? "ack" : OUTCOMES.get(random.nextInt(OUTCOMES.size()));
        String step = "" + STEPS.incrementAndGet();
        Map<String, Object> headers = new HashMap<>();
        Map<String, String> notes = new HashMap<>(Map.of(Remark.OUTCOME, outcome, Remark.STEP, step));
        headers.put("x-delivery-tag", came.envelope.getDeliveryTag());
        headers.put("x-outcome", outcome);
        if (!outcome.equals("ack")) {
            headers.put("x-reason", "because " + step);
            headers.put("x-set-step", step);
        }
        int delay = outcome.equals("defer") ? ASIDE_MILLIS : random.nextBoolean() ? REST_MILLIS : 0;
        if (delay > 0 && !outcome.equals("ack") && !outcome.equals("dead-letter")) {
            headers.put("x-delay", delay);
            notes.put(Remark.DELAY, "" + delay);
        }
        if (outcome.equals("defer")) {
            headers.put("x-token", queue + "-" + step);
        }
        Kind kind =
                switch (outcome) {
                    case "ack" -> Kind.ACKED;
                    case "dead-letter" -> Kind.REJECTED;
                    case "reject" -> Kind.FAILED;
                    default -> Kind.REQUEUED;
                };
        history.add(t -> new Answering(kind, t, name, came.id));
        history.add(t -> new Remark(Kind.SETTLING, t, name, came.id, notes));
        sent.put(channel.getNextPublishSeqNo(), new Sent(came.id, step, outcome.equals("defer")));
        var properties = new BasicProperties.Builder().headers(headers).build();
        channel.basicPublish("amq.settle", "", properties, new byte[0]);
    }

    private void stands(String name, NavigableMap<Long, Sent> all) {
        for (Sent one : all.values()) {
            history.add(t -> new Remark(Kind.STANDS, t, name, one.id, Map.of(Remark.STEP, one.step)));
            if (one.isAside) {
                tokens.add(new Fetcher.Token(one.id, one.step, queue + "-" + one.step));
            }
        }
        all.clear();
    }

    private void ask(Channel channel, String name) throws IOException {
        note(Kind.ASKED, name);
        channel.queueDeclarePassive(queue);
        note(Kind.SETTLED, name);
    }
}
