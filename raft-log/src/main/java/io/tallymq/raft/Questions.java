package io.tallymq.raft;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.timer.Timers;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What nodes ask each other over their link, beside the log: an answer of some kilobytes, within a second or not at all. Neither a question nor an
 * answer is sent again. What is asked and answered is the front ends' business. Any thread.
 */
final class Questions {
    private static final Logger LOG = LoggerFactory.getLogger(Questions.class);
    /** First bytes of a message that is no batch. */
    private static final int QUESTION = 0xfe;

    private static final int ANSWER = 0xfd;
    private static final int HEADER = 9;

    /** The level whose programs answer. To others a question would be a batch that they do not know. */
    static final int LEVEL = 5;
    /** Bytes of a question or an answer: batches share the link with it. */
    static final int MOST_BYTES = 64 << 10;
    /** Of this node that nobody has answered yet, as of the others that wait to be answered here. */
    static final int MOST = 64;

    static final Duration PATIENCE = Duration.ofSeconds(1);

    /** The way to another node; false when there is none now. */
    interface Way {
        boolean send(String node, byte[] bytes);
    }

    private record Asked(String node, CompletableFuture<byte[]> answer) {}

    private final ScheduledExecutorService thread;
    private final AtomicLong next;
    private final Map<Long, Asked> open = new ConcurrentHashMap<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile UnaryOperator<byte[]> answerer;
    private Way way;
    private Timers timers;

    /**
     * Asks nothing yet.
     *
     * @param first number of a question: another one than at the start before, whose answers may still be on their way
     * @param thread answers, and completes what is answered
     */
    Questions(long first, ScheduledExecutorService thread) {
        this.next = new AtomicLong(first);
        this.thread = thread;
    }

    void connect(Way to, Timers by) {
        way = to;
        timers = by;
    }

    /** From now on the others get answers; of what throws they get none. */
    void answerer(UnaryOperator<byte[]> with) {
        answerer = with;
    }

    /** Fails when that node is not reached, has not answered in time, or too much is asked already. */
    CompletableFuture<byte[]> ask(String node, byte[] question) {
        var answer = new CompletableFuture<byte[]>();
        long number = next.getAndIncrement();
        if (open.size() >= MOST) {
            answer.completeExceptionally(new IllegalStateException("too many questions are open"));
            return answer;
        }
        open.put(number, new Asked(node, answer));
        try {
            var alarm = timers.after(
                    thread, PATIENCE.toNanos(), TimeUnit.NANOSECONDS, "giving a question up", () -> fail(number));
            answer.whenComplete((done, error) -> {
                open.remove(number);
                alarm.cancel(false);
            });
            if (!way.send(node, message(QUESTION, number, question))) {
                fail(number);
            }
        } catch (RejectedExecutionException e) {
            LOG.debug("The node has stopped: nothing is asked any more", e);
            fail(number);
        }
        return answer;
    }

    private void fail(long number) {
        Asked asked = open.remove(number);
        if (asked != null) {
            asked.answer.completeExceptionally(new IllegalStateException("no answer of node " + asked.node));
        }
    }

    private static byte[] message(int kind, long number, byte[] bytes) {
        return new ByteWriter(HEADER + bytes.length)
                .uint8(kind)
                .int64(number)
                .raw(bytes, 0, bytes.length)
                .toBytes();
    }

    /** Whether it was a question or an answer. Never blocks. */
    boolean take(String from, byte[] bytes) {
        int kind = bytes.length < HEADER ? 0 : bytes[0] & 0xff;
        if (kind != QUESTION && kind != ANSWER) {
            return false;
        }
        if (waiting.incrementAndGet() > MOST) {
            waiting.decrementAndGet();
            return true; // nobody waits for more than a second
        }
        try {
            thread.execute(() -> {
                waiting.decrementAndGet();
                handle(from, kind, new ByteReader(bytes, 1, bytes.length - 1));
            });
        } catch (RejectedExecutionException e) {
            LOG.debug("The node has stopped: nobody is answered any more", e);
        }
        return true;
    }

    private void handle(String from, int kind, ByteReader r) {
        long number = r.int64();
        if (kind == QUESTION) {
            answer(from, number, r.rest());
            return;
        }
        Asked asked = open.get(number);
        if (asked != null && asked.node.equals(from)) {
            asked.answer.complete(r.rest());
        }
    }

    private void answer(String to, long number, byte[] question) {
        UnaryOperator<byte[]> with = answerer;
        if (with == null) {
            return;
        }
        try {
            byte[] answer = with.apply(question);
            if (answer.length <= MOST_BYTES) {
                way.send(to, message(ANSWER, number, answer));
            }
        } catch (RuntimeException e) {
            LOG.warn("A question of node {} got no answer", to, e);
        }
    }
}
