package io.tallymq.node.proof.lanes;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import io.tallymq.node.proof.history.Body;
import io.tallymq.node.proof.history.Feature;
import io.tallymq.node.proof.history.HistoryEvent;
import io.tallymq.node.proof.history.HistoryEvent.Answering;
import io.tallymq.node.proof.history.HistoryEvent.DeadLettered;
import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryLog;
import io.tallymq.node.proof.history.MessageId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * One channel's life of a {@link LaneConsumer}. What comes is noted on the client's threads, everything else happens on the consumer's own, which
 * waits for nothing while it has messages: an ack is late only if the consumer means it to be.
 */
final class ConsumerSession extends DefaultConsumer {
    private static final long QUESTION_NANOS = TimeUnit.MILLISECONDS.toNanos(1_500);
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private record Came(MessageId id, Envelope envelope, long time) {
        /** Whether the broker may have taken it back. */
        boolean isLate() {
            return System.nanoTime() - time > TimeUnit.MILLISECONDS.toNanos(Feature.CONSUMER_TIMEOUT_MILLIS / 2);
        }
    }

    /** @param time when it is to be answered */
    private record Due(long time, Kind kind, Came what) {}

    private final LaneConsumer owner;
    private final LaneConsumer.Plan plan;
    private final String name;
    private final Channel channel;
    private final HistoryLog history;
    private final Random random;
    private final BlockingQueue<Came> inbox = new LinkedBlockingQueue<>();
    private final PriorityQueue<Due> due = new PriorityQueue<>(Comparator.comparingLong(Due::time));
    private final List<Came> heldBack = new ArrayList<>();
    private volatile int unanswered;
    private volatile boolean cancelled;
    private volatile boolean cancelOk;
    private boolean over;
    private long nextQuestion;
    private CompletableFuture<Void> question = CompletableFuture.completedFuture(null);

    ConsumerSession(
            LaneConsumer owner,
            LaneConsumer.Plan plan,
            String name,
            Channel channel,
            HistoryLog history,
            Random random) {
        super(channel);
        this.owner = owner;
        this.plan = plan;
        this.name = name;
        this.channel = channel;
        this.history = history;
        this.random = random;
    }

    boolean idle() {
        return inbox.isEmpty() && unanswered == 0;
    }

    // ---- the client's thread

    @Override
    public void handleDelivery(String tag, Envelope envelope, BasicProperties properties, byte[] body) {
        MessageId id = Body.id(body);
        String crc = Body.crc(body);
        Object header =
                properties.getHeaders() == null ? null : properties.getHeaders().get("x-delivery-count");
        long count = header instanceof Number n ? n.longValue() : -1;
        synchronized (this) {
            if (over) {
                return; // Nobody sees it any more.
            }
            history.add(t -> plan.letters()
                    ? new DeadLettered(t, plan.queue(), id)
                    : new Delivered(t, name, plan.queue(), id, envelope.isRedeliver(), count, crc));
            owner.came();
            inbox.add(new Came(id, envelope, System.nanoTime()));
        }
    }

    /** All that came before has been noted. */
    @Override
    public void handleCancelOk(String tag) {
        cancelOk = true;
    }

    @Override
    public void handleCancel(String tag) {
        cancelled = true;
        if (plan.isCancelled()) {
            note(Kind.CANCELLED);
        } else {
            owner.problem("the broker cancelled " + name);
        }
    }

    // ---- the consumer's

    private void note(Kind kind) {
        history.add(t -> new HistoryEvent.Channel(kind, t, name));
    }

    void run() throws IOException, InterruptedException {
        boolean lost = true;
        try {
            channel.basicQos(plan.prefetch());
            askAndWait();
            serve();
            lost = false;
        } finally {
            synchronized (this) {
                over = true;
                if (lost) {
                    note(Kind.GONE);
                }
            }
        }
    }

    private void serve() throws IOException, InterruptedException {
        while (plan.choice().lastly() && !owner.draining()) {
            if (owner.stopsWithin(LOOK_NANOS) || !channel.isOpen()) {
                return;
            }
        }
        String tag = channel.basicConsume(plan.queue(), false, plan.choice().arguments(), this);
        long leaves = leaves();
        while (!owner.stopped() && channel.isOpen()) {
            take(LOOK_NANOS);
            answerDue(System.nanoTime());
            askNowAndThen();
            if (cancelled) {
                wasCancelled();
                return;
            }
            if (System.nanoTime() > leaves && !owner.draining()) {
                cancel(tag);
                if (plan.leave().closes()) {
                    close();
                    return;
                }
                stayAway();
                tag = channel.basicConsume(plan.queue(), false, plan.choice().arguments(), this);
                leaves = leaves();
            }
        }
        ShutdownSignalException reason = channel.getCloseReason();
        if (reason != null) {
            throw reason;
        }
    }

    private void cancel(String tag) throws IOException, InterruptedException {
        cancelOk = false;
        channel.basicCancel(tag);
        while (!cancelOk && channel.isOpen()) {
            TimeUnit.MILLISECONDS.sleep(1);
        }
    }

    private long leaves() {
        long every = TimeUnit.MILLISECONDS.toNanos(plan.leave().everyMillis());
        return System.nanoTime() + every / 2 + (long) (random.nextDouble() * every);
    }

    /** Waits a little for a message, and decides what to do with all that came. */
    private void take(long nanos) throws InterruptedException {
        Due next = due.peek();
        long wait = next == null ? nanos : Math.min(nanos, next.time - System.nanoTime());
        Came came = inbox.poll(Math.max(0, wait), TimeUnit.NANOSECONDS);
        for (; came != null; came = inbox.poll()) {
            boolean atOnce = owner.draining() || plan.letters();
            Manners.Answer answer =
                    atOnce ? Manners.Answer.ack(0) : plan.manners().answer(came.envelope, random);
            if (answer.kind() != null) {
                long after = TimeUnit.MILLISECONDS.toNanos(answer.afterMillis());
                due.add(new Due(System.nanoTime() + after, answer.kind(), came));
            } else if (heldBack.isEmpty()) {
                heldBack.add(came);
            } else {
                due.add(new Due(
                        System.nanoTime(), Kind.ACKED, came)); // One at a time, so that it is known what was taken.
            }
            unanswered = due.size() + heldBack.size();
        }
    }

    private void answerDue(long until) throws IOException {
        while (!due.isEmpty() && due.peek().time <= until) {
            Due one = due.poll();
            unanswered = due.size() + heldBack.size();
            answer(one.kind, one.what);
        }
    }

    private void answer(Kind kind, Came what) throws IOException {
        if (!plan.letters()) {
            history.add(t -> new Answering(kind, t, name, what.id));
        }
        long tag = what.envelope.getDeliveryTag();
        switch (kind) {
            case ACKED -> channel.basicAck(tag, false);
            case REQUEUED -> channel.basicNack(tag, false, true);
            default -> channel.basicReject(tag, true);
        }
    }

    private void askNowAndThen() throws IOException {
        if (System.nanoTime() > nextQuestion && question.isDone()) {
            ask();
        }
    }

    /** A question that is answered only after all acks before it were applied. */
    private void ask() throws IOException {
        nextQuestion = System.nanoTime() + QUESTION_NANOS;
        if (plan.letters()) {
            return; // Nobody judges these channels.
        }
        note(Kind.ASKED);
        AMQP.Queue.Declare passive =
                new AMQP.Queue.Declare.Builder().queue(plan.queue()).passive().build();
        question = channel.asyncCompletableRpc(passive).thenAccept(answer -> {
            synchronized (this) {
                if (!over) {
                    note(Kind.SETTLED);
                }
            }
        });
    }

    private void askAndWait() throws IOException, InterruptedException {
        awaitAnswer();
        ask();
        awaitAnswer();
    }

    private void awaitAnswer() throws InterruptedException {
        while (!question.isDone() && channel.isOpen()) {
            TimeUnit.MILLISECONDS.sleep(1);
        }
    }

    /** It was cancelled by itself, and holds what it has for a while; then it answers all of it. */
    private void stayAway() throws IOException, InterruptedException {
        if (owner.stopsWithin(TimeUnit.MILLISECONDS.toNanos(plan.leave().holdMillis()))) {
            return;
        }
        answerAll();
        askNowAndThen();
        owner.stopsWithin(TimeUnit.MILLISECONDS.toNanos(plan.leave().awayMillis()));
    }

    private void answerAll() throws IOException, InterruptedException {
        take(0);
        answerDue(Long.MAX_VALUE);
    }

    /** Everything that it was sent is known: the reply to its cancel came behind that. What it holds goes back. */
    private void close() throws IOException, InterruptedException {
        askAndWait();
        synchronized (this) {
            over = true;
            note(Kind.CLOSED);
        }
        inbox.clear();
        due.clear();
        unanswered = 0;
        channel.abort();
    }

    /** The broker has cancelled it for what it holds back: an ack for that comes too late, means nothing, and is no error. */
    private void wasCancelled() throws IOException, InterruptedException {
        if (!plan.isCancelled()) {
            return;
        }
        answerAll();
        for (Came came : heldBack) {
            if (came.isLate()) {
                channel.basicAck(came.envelope.getDeliveryTag(), false);
            } else {
                answer(Kind.ACKED, came); // Somebody else's delay was the cause.
            }
        }
        askAndWait();
        synchronized (this) {
            over = true;
            note(Kind.CLOSED);
        }
        heldBack.clear();
        unanswered = 0;
    }
}
