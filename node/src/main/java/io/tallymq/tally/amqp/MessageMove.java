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
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/** Takes messages there and publishes them here: acknowledged there when they are confirmed here, over connections that are made again. */
final class MessageMove {
    /**
     * What is to be moved.
     *
     * @param count so many at most
     * @param retrySeconds to connect for so long before giving up
     * @param heldSeconds after a lost connection to the other broker nothing has to come for so long before the queue is taken for empty
     */
    record Wish(
            String queue,
            String to,
            boolean follow,
            long count,
            boolean dropUserId,
            int retrySeconds,
            int heldSeconds) {}

    private static final long LOOK_MILLIS = 200;
    private static final long PAUSE_MILLIS = 500;
    private static final long SECOND_NANOS = 1_000_000_000;
    /** For the answers to what is under way when it ends. */
    private static final long LAST_ANSWERS_NANOS = 15 * SECOND_NANOS;

    private static final int ABORT_MILLIS = 1_000;
    /** Bodies under way of a queue that is asked for each. */
    private static final long MOST_BYTES = 32 << 20;

    private final OldBroker from;
    private final AmqpNodes nodes;
    private final Wish wish;
    private final BooleanSupplier stop;
    private final Output out;
    private long moved;
    private long cameAgain;
    /** Those of which nobody knows, and that have not come again yet. */
    private long inDoubt;

    /** The other broker may not know yet that a connection to it has gone, and hold messages for that: its queue looks empty. */
    private boolean mayHold;
    /** Nothing has come since then, of a queue that had nothing. */
    private long quietSince;

    private boolean heldTold;

    private long lastTold = System.nanoTime();
    private volatile long lastProgress = System.nanoTime();

    /** @param stop whether to end as soon as nothing is under way */
    MessageMove(OldBroker from, AmqpNodes nodes, Wish wish, BooleanSupplier stop, Output out) {
        this.from = from;
        this.nodes = nodes;
        this.wish = wish;
        this.stop = stop;
        this.out = out;
    }

    long moved() {
        return moved;
    }

    /** So many at most are here and may be there still, or here twice. */
    long perhapsTwice() {
        return cameAgain + inDoubt;
    }

    ObjectNode numbers() {
        return Output.object().put("moved", moved).put("perhaps_twice", perhapsTwice());
    }

    /** Until it is empty there, or so many are moved, or it is to stop. */
    void run() throws InterruptedException {
        for (int attempt = 0; moved < wish.count && !stop.getAsBoolean(); attempt++) {
            Connection there = null;
            Connection here = null;
            try {
                there = from.connect();
                here = nodes.connect("tally drain-from", attempt);
                if (moved(there, here, attempt > 0)) {
                    return;
                }
            } catch (IOException e) {
                again(Reasons.failure(e));
            } catch (ShutdownSignalException e) {
                again(Reasons.failure(e));
            } catch (Failure e) {
                again(e);
            } finally {
                if (!closes(there)) {
                    mayHold = true;
                    quietSince = System.nanoTime();
                }
                abort(here);
            }
        }
    }

    /** Whether the other end has said that it is closed: it has put back into the queue what it held for it. */
    private static boolean closes(Connection connection) {
        try {
            if (connection != null) {
                connection.close(ABORT_MILLIS);
            }
            return true;
        } catch (IOException | ShutdownSignalException e) {
            abort(connection);
            return false;
        }
    }

    /** Closes it as well as that goes: what is on its way arrives. */
    private static void abort(Connection connection) {
        if (connection != null) {
            connection.abort(ABORT_MILLIS);
        }
    }

    /** Over these two; true when all is done. */
    private boolean moved(Connection there, Connection here, boolean again) throws IOException, InterruptedException {
        Blockage blocked = Blockage.on(here, out);
        Run run = new Run(there, here, again);
        try (Patience patience = new Patience(run::waited, wish.retrySeconds, () -> here.abort(ABORT_MILLIS))) {
            try {
                return run.toTheEnd();
            } catch (IOException | ShutdownSignalException e) {
                if (patience.hasEnded()) {
                    throw Failure.unreachable(
                            "nothing was confirmed for " + wish.retrySeconds + " s" + blocked.because());
                }
                throw e;
            }
        } finally {
            inDoubt += run.inDoubt();
        }
    }

    private void again(Failure why) throws InterruptedException {
        String told = why.getMessage() + " (" + moved + " messages were moved before"
                + (perhapsTwice() == 0
                        ? ")"
                        : "; up to " + perhapsTwice() + " are in both queues or may be here twice)");
        if (why.exitCode() != Failure.UNREACHABLE) {
            throw Failure.refused(told);
        }
        if (System.nanoTime() - lastProgress > wish.retrySeconds * SECOND_NANOS) {
            throw Failure.unreachable(told);
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
        private final Incoming intake;
        /** By the number of their confirm here. */
        private final TreeMap<Long, MovedMessage> open = new TreeMap<>();

        private final List<Long> confirmed = new ArrayList<>();
        private final boolean again;
        /** What was moved before and what came over this connection: what came over an earlier one and was not moved comes again. */
        private long taken = moved;

        private long published;
        private String refused;
        /** Something came back, and nobody knows which: what is confirmed afterwards may be that. */
        private boolean unclear;

        private boolean settled;
        /** Consumers of the queue when this one was none. */
        private long others;

        Run(Connection there, Connection here, boolean again) throws IOException {
            this.again = again;
            sink = here.createChannel();
            sink.addReturnListener(back -> {
                refuse("'" + wish.to + "' of this cluster: " + back.getReplyText()
                        + (back.getReplyCode() == AMQP.NO_ROUTE ? ", no such queue: declare it first" : ""));
                cameBack(back.getBody());
            });
            sink.addConfirmListener(this::confirm, (n, all) -> {
                refuse("'" + wish.to + "' of this cluster refuses messages (basic.nack): it is full");
                forget(n, all); // behind why: without it nothing would be under way, and all be done
            });
            sink.confirmSelect();
            source = there.createChannel();
            intake = intake(there);
        }

        /** Of a queue that may go with its last consumer none is made: its end, or that of its connection, would be that of what is left there. */
        private Incoming intake(Connection there) throws IOException {
            if (AutoDelete.isRuledOut(there, wish.queue)) {
                return new Intake(source, wish.queue, wish.count - moved);
            }
            if (!again) {
                out.progress(
                        "tally: '" + wish.queue + "' may go with its last consumer: its messages are taken one by one");
            }
            return new Gets(source, wish.queue, this::hasRoom);
        }

        private synchronized boolean hasRoom() {
            return taken < wish.count
                    && open.size() < Gets.MOST
                    && open.values().stream().mapToLong(MovedMessage::bytes).sum() < MOST_BYTES;
        }

        private synchronized void refuse(String why) {
            refused = refused == null ? why : refused;
        }

        /** It is confirmed afterwards, and is not here. Which of several with the same body it is nobody can tell. */
        private synchronized void cameBack(byte[] body) {
            List<Long> those = open.entrySet().stream()
                    .filter(e -> e.getValue().has(body))
                    .map(Map.Entry::getKey)
                    .toList();
            if (those.size() == 1) {
                open.remove(those.get(0));
            } else {
                unclear = true;
            }
        }

        private synchronized NavigableMap<Long, MovedMessage> answered(long number, boolean all) {
            return all ? open.headMap(number, true) : open.subMap(number, true, number, true);
        }

        private synchronized void forget(long number, boolean all) {
            answered(number, all).clear();
        }

        private synchronized void confirm(long number, boolean all) {
            var answered = answered(number, all);
            if (!unclear) {
                answered.values().forEach(m -> confirmed.add(m.tag()));
                answered.clear();
            }
        }

        /** How long nothing was confirmed of what is under way. */
        synchronized long waited() {
            return open.isEmpty() ? 0 : System.nanoTime() - lastProgress;
        }

        /** What may be here, and is not taken from there for sure: an ack may be lost with its connection. */
        synchronized long inDoubt() {
            return settled ? open.size() + confirmed.size() : Math.min(published, 2L * intake.window());
        }

        /** What is confirmed here is acknowledged there. Whether something is still under way. */
        private boolean settle() throws IOException {
            List<Long> tags;
            boolean left;
            synchronized (this) {
                tags = List.copyOf(confirmed);
                confirmed.clear();
                left = !open.isEmpty() && !unclear;
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
            while (why() == null && !stop.getAsBoolean()) {
                boolean last = intake.isCancelled(); // nothing comes after that
                Delivery delivery = intake.poll(hasOpen() ? 1 : LOOK_MILLIS);
                take(delivery);
                boolean underWay = settle();
                requireOpen();
                if (delivery == null && !underWay) {
                    if (isDone(last)) {
                        settleAll();
                        requireTaken(); // what was refused since the loop asked is not under way any more
                        inDoubt = moved < wish.count ? 0 : inDoubt; // it is empty there: nothing comes again
                        tellOfOthers();
                        return true;
                    } else if (last) {
                        settleAll();
                        throw Failure.unreachable("the other broker cancelled the consumer of '" + wish.queue + "'");
                    }
                }
            }
            settleAll();
            requireTaken();
            return true;
        }

        /** @param delivery null for none */
        private void take(Delivery delivery) throws IOException {
            if (delivery == null || taken >= wish.count) {
                return;
            }
            taken++;
            quietSince = System.nanoTime();
            if (again && delivery.getEnvelope().isRedeliver()) {
                // what was published before a connection was lost comes again with this flag
                cameAgain++;
                inDoubt = Math.max(0, inDoubt - 1);
            }
            publish(delivery);
        }

        private void requireTaken() {
            if (why() != null) {
                throw Failure.refused(why());
            }
        }

        private synchronized String why() {
            return refused;
        }

        /** Nothing is published any more: what is under way is answered, and acknowledged there. */
        private void settleAll() throws IOException, InterruptedException {
            long end = System.nanoTime() + LAST_ANSWERS_NANOS;
            while (settle() && System.nanoTime() < end) {
                requireOpen();
                Thread.sleep(1);
            }
            source.basicQos(0); // is answered when the acks before it have arrived
            synchronized (this) {
                settled = true;
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

        private boolean isDone(boolean last) throws IOException, InterruptedException {
            if (moved >= wish.count) {
                return true;
            }
            if (!last) {
                lastProgress = System.nanoTime();
            }
            return !wish.follow
                    && source.messageCount(wish.queue) == 0
                    && intake.isEmpty()
                    && isNothingHeld()
                    && isDry();
        }

        private boolean isNothingHeld() {
            if (!mayHold || System.nanoTime() - quietSince >= wish.heldSeconds * SECOND_NANOS) {
                return true;
            }
            if (!heldTold) {
                heldTold = true;
                out.progress(
                        "tally: the queue is empty, but the other broker may hold messages for a connection that was"
                                + " lost; waiting until nothing has come for " + wish.heldSeconds + " s");
            }
            return false;
        }

        /** What the queue has given away may still be on its way to here, so nothing is to be on its way. */
        private boolean isDry() throws IOException, InterruptedException {
            intake.stop();
            if (intake.isEmpty() && !isLeft()) {
                return true;
            }
            takeWhatCame();
            intake.goOn();
            return false;
        }

        private void tellOfOthers() {
            if (others > 0) {
                out.progress(
                        "tally: '" + wish.queue + "' there has other consumers (" + others
                                + "): what they hold without an ack is not moved, and is in the queue again if they never ack it");
            }
        }

        /** If the queue has gone after all, this is all there is of it: to consume again ends the channel then. */
        private void takeWhatCame() throws IOException, InterruptedException {
            for (Delivery came = intake.poll(0); came != null && why() == null; came = intake.poll(0)) {
                take(came);
            }
            while (settle()) {
                requireOpen();
                Thread.sleep(1);
            }
        }

        /** Over another channel: the queue may have gone with its last consumer. */
        private boolean isLeft() throws IOException {
            Channel look = source.getConnection().createChannel();
            try {
                AMQP.Queue.DeclareOk is = look.queueDeclarePassive(wish.queue);
                others = is.getConsumerCount();
                return is.getMessageCount() > 0;
            } catch (IOException e) {
                if (e.getCause() instanceof ShutdownSignalException closed && Reasons.code(closed) == AMQP.NOT_FOUND) {
                    return false;
                }
                throw e;
            } finally {
                look.abort();
            }
        }

        private void publish(Delivery delivery) throws IOException {
            synchronized (this) {
                if (open.isEmpty()) {
                    lastProgress = System.nanoTime(); // from now on it is waited for
                }
                published++;
                open.put(
                        sink.getNextPublishSeqNo(),
                        MovedMessage.of(delivery.getEnvelope().getDeliveryTag(), delivery.getBody()));
            }
            sink.basicPublish("", wish.to, true, properties(delivery.getProperties()), delivery.getBody());
        }

        private BasicProperties properties(BasicProperties given) {
            BasicProperties kept = MovedHeaders.of(given);
            return wish.dropUserId ? kept.builder().userId(null).build() : kept;
        }
    }
}
