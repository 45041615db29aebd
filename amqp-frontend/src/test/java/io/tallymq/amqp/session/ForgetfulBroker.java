package io.tallymq.amqp.session;

import io.tallymq.broker.Broker;
import io.tallymq.broker.ClusterStatus;
import io.tallymq.broker.Session;
import io.tallymq.broker.SessionListener;
import io.tallymq.broker.browse.Browse;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.filter.FilterScan;
import io.tallymq.broker.filter.MessageFilter;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.view.BrokerView;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** A broker that never has a message in memory: whatever is delivered has to be read. */
public final class ForgetfulBroker implements Broker {
    private final Broker broker;
    private final UnaryOperator<CompletableFuture<ChunkBody>> chunks;
    private final UnaryOperator<CompletableFuture<byte[]>> parts;
    private final AtomicInteger reads = new AtomicInteger();

    /**
     * Wraps a broker.
     *
     * @param chunks what becomes of the reads of chunks
     * @param parts what becomes of the reads of parts of bodies
     */
    public ForgetfulBroker(
            Broker broker,
            UnaryOperator<CompletableFuture<ChunkBody>> chunks,
            UnaryOperator<CompletableFuture<byte[]>> parts) {
        this.broker = broker;
        this.chunks = chunks;
        this.parts = parts;
    }

    /** Chunks read so far. */
    public int reads() {
        return reads.get();
    }

    @Override
    public Session connect(String vhost, SessionListener listener, Executor loop) {
        return broker.connect(vhost, new ForgetfulListener(listener), loop);
    }

    @Override
    public CompletableFuture<Reply> submit(Command command) {
        return broker.submit(command);
    }

    @Override
    public <T> T read(Function<BrokerView, T> look) {
        return broker.read(look);
    }

    @Override
    public CompletableFuture<ChunkBody> load(Chunk chunk) {
        reads.incrementAndGet();
        chunk.body(null);
        return chunks.apply(broker.load(chunk));
    }

    @Override
    public CompletableFuture<List<Chunk>> chunks(long queue, long offset, int most) {
        return broker.chunks(queue, offset, most);
    }

    @Override
    public CompletableFuture<Long> offsetAt(long queue, long time) {
        return broker.offsetAt(queue, time);
    }

    @Override
    public CompletableFuture<FilterScan.Found> matching(long queue, MessageFilter filter, long[] where) {
        return broker.matching(queue, filter, where);
    }

    @Override
    public CompletableFuture<Browse.Done> browse(Browse.Where where, Browse.Visitor visitor) {
        return broker.browse(where, visitor);
    }

    @Override
    public CompletableFuture<byte[]> loadShared(long id, int part) {
        return parts.apply(broker.loadShared(id, part));
    }

    @Override
    public ClusterStatus status() {
        return broker.status();
    }

    @Override
    public String node() {
        return broker.node();
    }

    private record ForgetfulListener(SessionListener listener) implements SessionListener {
        @Override
        public void confirmed(int channel, long seq) {
            listener.confirmed(channel, seq);
        }

        @Override
        public void returned(int channel, long seq, ReturnedMessage message) {
            listener.returned(channel, seq, message);
        }

        @Override
        public void returnedInParts(int channel, long seq, ReturnedParts message, Runnable written) {
            listener.returnedInParts(channel, seq, message, written);
        }

        @Override
        public void refused(int channel, long seq, Reply.Rejected why) {
            listener.refused(channel, seq, why);
        }

        @Override
        public void deliver(int channel, String consumerTag, Delivery delivery) {
            delivery.chunk().body(null);
            listener.deliver(channel, consumerTag, delivery);
        }

        @Override
        public void cancelled(int channel, String consumerTag, long consumer) {
            listener.cancelled(channel, consumerTag, consumer);
        }

        @Override
        public void grew(int channel, long reader, Chunk chunk) {
            chunk.body(null);
            listener.grew(channel, reader, chunk);
        }

        @Override
        public void ready(int channel, long consumer, long[] ranges) {
            listener.ready(channel, consumer, ranges);
        }

        @Override
        public void timedOut(int channel, long consumer, long timeout, long messages) {
            listener.timedOut(channel, consumer, timeout, messages);
        }

        @Override
        public void giveBack(int channel, long consumer) {
            listener.giveBack(channel, consumer);
        }

        @Override
        public void closed(String reason) {
            listener.closed(reason);
        }

        @Override
        public void blocked(String reason) {
            listener.blocked(reason);
        }

        @Override
        public void unblocked() {
            listener.unblocked();
        }

        @Override
        public void writable() {
            listener.writable();
        }

        @Override
        public void deliverable() {
            listener.deliverable();
        }

        @Override
        public void leftBehind() {
            listener.leftBehind();
        }

        @Override
        public void eventsEnd() {
            listener.eventsEnd();
        }
    }
}
