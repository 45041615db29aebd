package io.tallymq.tally.amqp;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.ShutdownSignalException;
import io.tallymq.tally.context.Failure;
import io.tallymq.tally.output.Output;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Takes messages there and publishes them here: acknowledged there when they are confirmed here, over connections that are made again. */
final class MessageMove {
    /**
     * What is to be moved.
     *
     * @param count so many at most
     * @param retrySeconds to connect for so long before giving up
     */
    record Wish(String queue, String to, boolean follow, long count, boolean dropUserId, int retrySeconds) {}

    private static final int PREFETCH = 500;
    private static final long LOOK_MILLIS = 200;
    private static final long PAUSE_MILLIS = 500;
    private static final long SECOND_NANOS = 1_000_000_000;
    private static final String CC = "CC";

    private final OldBroker from;
    private final AmqpNodes nodes;
    private final Wish wish;
    private final Output out;
    private long moved;
    private long perhapsTwice;
    private long lastTold = System.nanoTime();
    private long lastProgress = System.nanoTime();

    MessageMove(OldBroker from, AmqpNodes nodes, Wish wish, Output out) {
        this.from = from;
        this.nodes = nodes;
        this.wish = wish;
        this.out = out;
    }

    long moved() {
        return moved;
    }

    long perhapsTwice() {
        return perhapsTwice;
    }

    ObjectNode numbers() {
        return Output.object().put("moved", moved).put("perhaps_twice", perhapsTwice);
    }

    /** Until it is empty there, or so many are moved. */
    void run() throws InterruptedException {
        for (int attempt = 0; moved < wish.count; attempt++) {
            try (Connection there = from.connect();
                    Connection here = nodes.connect("tally drain-from", attempt)) {
                if (new Run(there, here, attempt > 0).toTheEnd()) {
                    return;
                }
            } catch (IOException e) {
                again(Reasons.failure(e));
            } catch (ShutdownSignalException e) {
                again(Reasons.failure(e));
            } catch (Failure e) {
                again(e);
            }
        }
    }

    private void again(Failure why) throws InterruptedException {
        if (why.exitCode() != Failure.UNREACHABLE) {
            throw DrainFromCommand.refused(why.getMessage(), moved);
        }
        if (System.nanoTime() - lastProgress > wish.retrySeconds * SECOND_NANOS) {
            throw Failure.unreachable(why.getMessage() + " (" + moved + " messages were moved before)");
        }
        out.progress("tally: " + why.getMessage() + "; trying again");
        Thread.sleep(PAUSE_MILLIS);
    }

    private void progress() {
        lastProgress = System.nanoTime();
        if (lastProgress - lastTold >= SECOND_NANOS) {
            lastTold = lastProgress;
            out.progress(moved + " messages moved");
        }
    }

    /** What is under way between two connections. */
    private final class Run {
        private final Channel source;
        private final Channel sink;
        private final BlockingQueue<Delivery> arrived = new LinkedBlockingQueue<>();
        /** Confirm number here to delivery tag there. */
        private final TreeMap<Long, Long> open = new TreeMap<>();

        private final List<Long> confirmed = new ArrayList<>();
        private final boolean again;
        /** What was moved before and what came over this connection: what came over an earlier one and was not moved comes again. */
        private long taken = moved;

        private String refused;
        private volatile boolean cancelled;

        Run(Connection there, Connection here, boolean again) throws IOException {
            this.again = again;
            sink = here.createChannel();
            sink.addReturnListener(back -> refuse("'" + wish.to + "' of this cluster: " + back.getReplyText()
                    + (back.getReplyCode() == AMQP.NO_ROUTE ? ", no such queue: declare it first" : "")));
            sink.addConfirmListener(
                    this::confirm,
                    (n, all) -> refuse("'" + wish.to + "' of this cluster refuses messages (basic.nack): it is full"));
            sink.confirmSelect();
            source = there.createChannel();
            source.basicQos((int) Math.min(PREFETCH, wish.count - moved));
            source.basicConsume(wish.queue, false, (tag, delivery) -> arrived.add(delivery), tag -> cancelled = true);
        }

        private synchronized void refuse(String why) {
            refused = refused == null ? why : refused;
        }

        private synchronized void confirm(long number, boolean all) {
            var answered = all ? open.headMap(number, true) : open.subMap(number, true, number, true);
            confirmed.addAll(answered.values());
            answered.clear();
        }

        /** What is confirmed here is acknowledged there. Whether something is still under way. */
        private boolean settle() throws IOException {
            List<Long> tags;
            boolean left;
            synchronized (this) {
                if (refused != null) {
                    throw Failure.refused(refused);
                }
                tags = List.copyOf(confirmed);
                confirmed.clear();
                left = !open.isEmpty();
            }
            for (long tag : tags) {
                source.basicAck(tag, false);
                moved++;
            }
            if (!tags.isEmpty()) {
                progress();
            }
            return left;
        }

        /** True when all is done; throws before. */
        boolean toTheEnd() throws IOException, InterruptedException {
            while (true) {
                boolean last = cancelled; // nothing comes after that
                Delivery delivery = arrived.poll(hasOpen() ? 1 : LOOK_MILLIS, TimeUnit.MILLISECONDS);
                if (delivery != null && taken < wish.count) {
                    taken++;
                    // what was published before a connection was lost comes again with this flag
                    perhapsTwice += again && delivery.getEnvelope().isRedeliver() ? 1 : 0;
                    publish(delivery);
                }
                boolean underWay = settle();
                requireOpen();
                if (delivery == null && !underWay) {
                    if (isDone(last)) {
                        return true;
                    } else if (last) {
                        throw Failure.unreachable("the other broker cancelled the consumer of '" + wish.queue + "'");
                    }
                }
            }
        }

        private synchronized boolean hasOpen() {
            return !open.isEmpty();
        }

        private void requireOpen() {
            if (!source.isOpen()) {
                throw source.getCloseReason();
            } else if (!sink.isOpen()) {
                throw sink.getCloseReason();
            }
        }

        private boolean isDone(boolean last) throws IOException {
            if (moved >= wish.count) {
                return true;
            }
            if (!last) {
                lastProgress = System.nanoTime();
            }
            return !wish.follow && source.messageCount(wish.queue) == 0 && arrived.isEmpty();
        }

        private void publish(Delivery delivery) throws IOException {
            synchronized (this) {
                open.put(sink.getNextPublishSeqNo(), delivery.getEnvelope().getDeliveryTag());
            }
            sink.basicPublish("", wish.to, true, properties(delivery.getProperties()), delivery.getBody());
        }

        private BasicProperties properties(BasicProperties given) {
            BasicProperties.Builder kept = given.builder();
            Map<String, Object> headers = given.getHeaders();
            if (headers != null && headers.containsKey(CC)) {
                Map<String, Object> others = new LinkedHashMap<>(headers);
                others.put("x-original-cc", others.remove(CC));
                kept.headers(others);
            }
            return (wish.dropUserId ? kept.userId(null) : kept).build();
        }
    }
}
