package io.tallymq.raft.session;

import io.tallymq.broker.Broker;
import io.tallymq.broker.Session;
import io.tallymq.broker.SessionListener;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.command.Sent;
import io.tallymq.broker.command.Subscribe;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.spec.ConnectionInfo;
import io.tallymq.broker.spec.ConsumerSpec;
import io.tallymq.broker.spec.QueueSpec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** A client without a wire: a session with a loop of its own, which writes down all it hears. */
public final class Client implements SessionListener, AutoCloseable {
    private static final long PATIENCE_SECONDS = 30;

    public final Session session;
    private final ExecutorService loop = Executors.newSingleThreadExecutor(r -> {
        Thread t = new Thread(r, "client-loop");
        t.setDaemon(true);
        return t;
    });
    private final Broker broker;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<String> heard = new ArrayList<>();
    private final List<Delivery> deliveries = new ArrayList<>();
    private final boolean autoAck;

    public Client(Broker broker) {
        this(broker, false);
    }

    public Client(Broker broker, boolean autoAck) {
        this.broker = broker;
        this.autoAck = autoAck;
        session = broker.connect("/", this, loop);
    }

    public static Session.PublishTarget to(String queue) {
        return new Session.PublishTarget("/", "", queue, false);
    }

    public static Session.Content content(String body) {
        return content(body.getBytes(StandardCharsets.UTF_8));
    }

    public static Session.Content content(byte[] b) {
        return content(b, null);
    }

    /** One whose publisher asks for its times. */
    public static Session.Content traced(String body, String messageId) {
        return content(body.getBytes(StandardCharsets.UTF_8), new Session.Trace("", messageId, ""));
    }

    private static Session.Content content(byte[] b, Session.Trace trace) {
        return new Session.Content() {
            @Override
            public Session.Trace trace() {
                return trace;
            }

            @Override
            public byte[] properties() {
                return new byte[2];
            }

            @Override
            public int bodyLength() {
                return b.length;
            }

            @Override
            public void copyBody(byte[] to, int offset) {
                System.arraycopy(b, 0, to, offset, b.length);
            }
        };
    }

    /** Runs on the loop and waits. */
    public void on(Consumer<Session> work) {
        await(loop.submit(() -> work.accept(session)));
    }

    public Reply call(Command command) {
        return await(start(command));
    }

    public java.util.concurrent.CompletableFuture<Reply> start(Command command) {
        java.util.concurrent.CompletableFuture<Reply> reply = new java.util.concurrent.CompletableFuture<>();
        loop.execute(() -> session.submit(command, reply::complete));
        return reply;
    }

    public static <T> T await(Future<T> f) {
        try {
            return f.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    public Client open() {
        expect(Reply.Ok.class, call(openCommand()));
        return this;
    }

    public Command openCommand() {
        ConnectionInfo.Endpoint end = new ConnectionInfo.Endpoint("localhost", 1);
        return new OpenConnection(
                session.id(),
                new ConnectionInfo(
                        "c" + session.id().number(),
                        "/",
                        "guest",
                        end,
                        end,
                        new ConnectionInfo.Negotiated(2047, 131072, 60, "PLAIN", 0),
                        Arguments.NONE));
    }

    public void declare(String queue) {
        expect(Reply.QueueDeclared.class, call(declareCommand(queue)));
    }

    public Command declareCommand(String queue) {
        return new DeclareQueue(session.id(), "/", queue, new QueueSpec(true, false, false, Arguments.NONE), false);
    }

    public long consume(int channel, String queue, int prefetch) {
        ConsumerSpec spec = new ConsumerSpec("tag-" + queue, false, false, prefetch, 1_000, Arguments.NONE);
        return expect(Reply.Subscribed.class, call(new Subscribe(session.id(), channel, "/", queue, spec)))
                .consumer();
    }

    public static <T> T expect(Class<T> type, Reply reply) {
        if (!type.isInstance(reply)) {
            throw new AssertionError("expected " + type.getSimpleName() + ", got " + reply);
        }
        return type.cast(reply);
    }

    /** All that was heard so far. */
    public List<String> heard() {
        lock.lock();
        try {
            return List.copyOf(heard);
        } finally {
            lock.unlock();
        }
    }

    public List<Delivery> deliveries() {
        lock.lock();
        try {
            return List.copyOf(deliveries);
        } finally {
            lock.unlock();
        }
    }

    public void awaitHeard(String what) {
        awaitHeard(h -> h.contains(what), what);
    }

    public void awaitHeard(Predicate<List<String>> enough, String what) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        lock.lock();
        try {
            while (!enough.test(heard)) {
                long left = end - System.nanoTime();
                if (left <= 0) {
                    throw new AssertionError("waited in vain for " + what + ", heard " + heard);
                }
                changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        } finally {
            lock.unlock();
        }
    }

    private void hear(String what) {
        lock.lock();
        try {
            heard.add(what);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void confirmed(int channel, long seq) {
        hear("confirmed " + channel + " " + seq);
    }

    @Override
    public void returned(int channel, long seq, ReturnedMessage m) {
        String body = new String(m.bytes(), m.bodyOffset(), m.bodyLength(), StandardCharsets.UTF_8);
        String shown = body.length() > 100 ? body.length() + " bytes" : body;
        hear("returned " + channel + " " + seq + " " + m.route().routingKey() + " " + shown);
    }

    @Override
    public void returnedInParts(int channel, long seq, ReturnedParts m, Runnable written) {
        hear("returning " + channel + " " + seq + " " + m.route().routingKey() + " " + m.length() + " bytes");
        returning = m;
        returned = written;
    }

    /** What is being returned in parts, and what to run once it was read. */
    public volatile ReturnedParts returning;

    public volatile Runnable returned;

    /** Direct replies that were heard, and what to run once each was written; the loop's. */
    public final List<DirectReply> direct = new ArrayList<>();

    public final List<Runnable> unwritten = new ArrayList<>();

    @Override
    public void directReply(int channel, DirectReply m, Runnable written) {
        int properties = m.propertiesLength();
        String body = m.shared() != 0
                ? "stored " + m.bodyLength()
                : m.bodyLength() > 100
                        ? m.bodyLength() + " bytes"
                        : new String(m.bytes(), properties, m.bytes().length - properties, StandardCharsets.UTF_8);
        direct.add(m);
        unwritten.add(written);
        hear("reply " + channel + " " + m.token() + " " + body);
    }

    @Override
    public void refused(int channel, long seq, Reply.Rejected why) {
        hear("refused " + channel + " " + seq + " " + why.code());
    }

    @Override
    public void deliver(int channel, String tag, Delivery d) {
        var body = d.chunk().body() != null ? d.chunk().body() : await(broker.load(d.chunk()));
        lock.lock();
        try {
            deliveries.add(d);
        } finally {
            lock.unlock();
        }
        for (int i = d.from(); i < d.to(); i++) {
            int at = body.at(i);
            String text = MessageRecord.isExternal(body.bytes(), at)
                    ? "external " + MessageRecord.bodyLength(body.bytes(), at)
                    : new String(
                            body.bytes(),
                            MessageRecord.bodyOffset(body.bytes(), at),
                            MessageRecord.inlineLength(body.bytes(), at),
                            StandardCharsets.UTF_8);
            hear((d.redelivered() ? "redelivered " : "delivered ") + channel + " " + tag + " " + text);
        }
        if (autoAck) {
            session.ack(d.holder(), d.firstSeq(), d.firstSeq() + d.count() - 1);
        }
    }

    @Override
    public void cancelled(int channel, String tag, long consumer) {
        hear("cancelled " + channel + " " + tag);
    }

    @Override
    public void giveBack(int channel, long consumer) {
        hear("give back " + channel);
    }

    @Override
    public void closed(String reason) {
        hear("closed");
    }

    @Override
    public void blocked(String reason) {
        hear("blocked");
    }

    @Override
    public void unblocked() {
        hear("unblocked");
    }

    @Override
    public void writable() {
        hear("writable");
    }

    @Override
    public void leftBehind() {
        hear("left behind");
    }

    @Override
    public void deliverable() {
        hear("deliverable");
    }

    @Override
    public void eventsEnd() {}

    /** All it was delivered: what is settled already is passed over. */
    private List<Sent> sent() {
        return deliveries.stream()
                .map(d -> new Sent(d.holder(), new long[] {d.firstSeq(), d.firstSeq() + d.count() - 1}))
                .toList();
    }

    /** Ends the client as if its socket broke. */
    @Override
    public void close() {
        on(s -> s.close(sent()));
        loop.shutdown();
    }
}
