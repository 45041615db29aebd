package io.tallymq.raft.session;

import io.tallymq.broker.Session;
import io.tallymq.broker.SessionListener;
import io.tallymq.broker.command.CloseConnection;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.CommandCodec;
import io.tallymq.broker.command.CommandKind;
import io.tallymq.broker.command.DropUpload;
import io.tallymq.broker.command.Sent;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.raft.anatomy.Times;
import io.tallymq.raft.pace.RareSenders;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client connection of this node. The methods of {@link Session} belong to its event loop, the shortcuts to the lock of
 * the {@link Outbox}, and the gathered events to the applying thread.
 */
public final class ClientSession implements Session {
    private static final Logger LOG = LoggerFactory.getLogger(ClientSession.class);

    private static final int SCRATCH = 128;
    /** An array that grew beyond this for a large command is not kept: there are thousands of sessions. */
    private static final int KEEP = 16 << 10;

    private final ConnectionId id;
    private final SessionListener listener;
    private final Executor loop;
    private final Outbox outbox;
    private final Predicate<ClientSession> mayDeliver;
    private ByteWriter scratch = new ByteWriter(SCRATCH);
    /** The loop's thread, once it is known. For assertions alone. */
    private Thread submitter;
    /** The connection was announced to the cluster, so its end has to be, too. The loop's. */
    private boolean opened;
    /** The client is gone: it hears nothing any more. The loop's. */
    private boolean silent;
    /** The client is gone, or the cluster does not know the connection any more: nothing goes into the log. */
    private volatile boolean ended;

    // The outbox's: what this session did last in the batch with this serial.
    private long marksOf;
    private Mark lastMark;
    private Mark[] marks = new Mark[2];
    private long routeOf;
    private PublishTarget lastTarget;
    private int lastRoute;
    private long mayEndIn;
    private long acksOf;
    private AckRanges lastAcks;
    final RareSenders.Sender sender = new RareSenders.Sender();
    /** Registration of the node that this session belongs to. Set by the outbox. */
    long generation;

    /** A large message goes back to the client, part by part; what came after it is told later. The loop's. */
    private boolean waiting;

    private boolean publishesUnconfirmed;

    private final LaterEvents later = new LaterEvents();

    /** Waits for {@link SessionEvent.Deliverable}. See {@link Withholding}. */
    volatile boolean withheld;

    /** All events of before so many gaps of the lease were told. The loop's, and its creator's. */
    volatile long leaseGaps;

    /** Heard that publishers are blocked. Guarded by {@link Blocking}. */
    boolean blocked;

    private final ReplyBudget replyBudget;

    // The applying thread's.
    private List<SessionEvent> events = new ArrayList<>();

    /** Where the store has the bodies that are on their way in, by upload. */
    private final Map<Long, Long> uploads = new HashMap<>();

    ClientSession(
            ConnectionId id,
            SessionListener listener,
            Executor loop,
            Outbox outbox,
            NodeReplies replies,
            Predicate<ClientSession> mayDeliver) {
        this.replyBudget = new ReplyBudget(replies);
        this.id = id;
        this.listener = listener;
        this.loop = loop;
        this.outbox = outbox;
        this.mayDeliver = mayDeliver;
    }

    @Override
    public ConnectionId id() {
        return id;
    }

    @Override
    public void submit(Command command, Consumer<Reply> onReply) {
        if (ended) {
            return;
        }
        assert isOnLoop() : "two threads submit commands of connection " + id;
        opened |= command.kind() == CommandKind.OPEN_CONNECTION;
        scratch.clear();
        CommandCodec.write(scratch, id.node(), command);
        outbox.command(this, scratch, outbox.units(command), command.kind() == CommandKind.ON_CHANNEL, onReply);
        if (scratch.array().length > KEEP) {
            scratch = new ByteWriter(SCRATCH);
        }
    }

    /** For tests: bytes that it keeps for its next command. */
    int kept() {
        return scratch.array().length;
    }

    /** Two threads would write into each other's bytes, and what comes of that is in the log of all nodes. */
    private boolean isOnLoop() {
        submitter = submitter == null ? Thread.currentThread() : submitter;
        return submitter == Thread.currentThread();
    }

    @Override
    public void submit(Command command) {
        submit(command, null);
    }

    @Override
    public void publish(int channel, long seq, PublishTarget target, Content content) {
        if (!ended) {
            outbox.message(this, channel, seq, target, content);
        }
    }

    @Override
    public long uploadPart(long upload, Content part) {
        if (ended) {
            return upload == 0 ? -1 : upload;
        }
        long number = upload == 0 ? outbox.nextUpload() : upload;
        outbox.part(this, number, part);
        return number;
    }

    @Override
    public void publishUpload(
            int channel, long seq, PublishTarget target, Content properties, long upload, long bodyLength) {
        if (!ended) {
            outbox.uploadedMessage(this, new Outbox.Upload(channel, seq, upload, bodyLength), target, properties);
        }
    }

    @Override
    public void commit(int channel, List<Settle> settles, List<Staged> publishes, Consumer<Reply> onReply) {
        if (!ended) {
            outbox.transaction(this, channel, settles, publishes, onReply);
        }
    }

    @Override
    public void ack(long holder, long firstSeq, long lastSeq) {
        if (!ended) {
            outbox.ack(this, holder, firstSeq, lastSeq);
        }
    }

    @Override
    public boolean isWritable(boolean publisher) {
        return !later.isFull() && outbox.isWritable(publisher, publishesUnconfirmed);
    }

    @Override
    public void publishesUnconfirmed(boolean does) {
        publishesUnconfirmed = does;
    }

    /** Whether its client publishes without waiting for anything. The loop's. */
    boolean publishesUnconfirmed() {
        return publishesUnconfirmed;
    }

    @Override
    public boolean mayDeliver() {
        // In this order: what ended the session was applied before the lease could hold again, though told later.
        return !later.takeAway() && mayDeliver.test(this) && !ended;
    }

    @Override
    public void close(List<Sent> sent) {
        silent = true;
        try {
            if (opened) {
                submit(new CloseConnection(id, sent));
            }
        } finally {
            end();
            outbox.forget(this);
        }
    }

    /** Nothing goes into the log any more. Any thread. */
    void end() {
        ended = true;
        replyBudget.end();
    }

    /** Room for the direct replies that its client was not sent yet. Any thread. */
    ReplyBudget replyBudget() {
        return replyBudget;
    }

    // ---- shortcuts, guarded by the outbox

    Mark mark(long batch, int channel) {
        if (marksOf != batch) {
            return null;
        }
        if (lastMark.channel == channel) {
            return lastMark;
        }
        return channel < marks.length ? marks[channel] : null;
    }

    void mark(long batch, int channel, Mark mark) {
        if (marksOf != batch) {
            Arrays.fill(marks, null);
            marksOf = batch;
        }
        if (channel >= marks.length) {
            marks = Arrays.copyOf(marks, Math.max(channel + 1, 2 * marks.length));
        }
        marks[channel] = mark;
        lastMark = mark;
    }

    /** Something was put into the batch that may end one of the channels. */
    void mayEndIn(long batch) {
        mayEndIn = batch;
    }

    boolean mayHaveEndedIn(long batch) {
        return mayEndIn == batch;
    }

    int route(long batch, PublishTarget target) {
        return routeOf == batch && lastTarget == target ? lastRoute : -1;
    }

    void route(long batch, PublishTarget target, int route) {
        routeOf = batch;
        lastTarget = target;
        lastRoute = route;
    }

    AckRanges acks(long batch, long holder) {
        return acksOf == batch && lastAcks.holder() == holder ? lastAcks : null;
    }

    void acks(long batch, AckRanges ranges) {
        acksOf = batch;
        lastAcks = ranges;
    }

    // ---- events, gathered by the applying thread

    /** Returns whether it is the first since {@link #dispatch}. */
    boolean add(SessionEvent event) {
        int last = events.size() - 1;
        if (event instanceof SessionEvent.Confirmed now
                && last >= 0
                && events.get(last) instanceof SessionEvent.Confirmed before
                && before.channel() == now.channel()) {
            events.set(last, now);
            return false;
        }
        events.add(event);
        return last < 0;
    }

    void uploaded(long upload, long shared) {
        uploads.put(upload, shared);
    }

    /** The upload has ended. Returns where the store had it, or has it until it is dropped; null when unknown. */
    Long endUpload(long upload) {
        return uploads.remove(upload);
    }

    /**
     * Tells the client what was gathered.
     *
     * @param times counts how long it takes until the client was told; null: nobody does
     * @param told to be run then, on the loop; null for nothing
     */
    void dispatch(Times times, Runnable told) {
        List<SessionEvent> row = events;
        events = new ArrayList<>();
        if (times == null && told == null) {
            post(row);
            return;
        }
        long begun = System.nanoTime();
        run(() -> {
            tell(row);
            if (times != null) {
                times.add(System.nanoTime() - begun);
            }
            if (told != null) {
                told.run();
            }
        });
    }

    /** Runs events on the session's loop. Any thread. */
    void post(List<SessionEvent> row) {
        run(() -> tell(row));
    }

    /** As above, and then something else; null for nothing. */
    void post(List<SessionEvent> row, Runnable told) {
        run(() -> {
            tell(row);
            if (told != null) {
                told.run();
            }
        });
    }

    private void run(Runnable telling) {
        try {
            loop.execute(telling);
        } catch (RejectedExecutionException e) {
            LOG.debug("The event loop of connection {} has ended before the connection", id, e);
            end();
            outbox.forget(this);
        }
    }

    private void tell(List<SessionEvent> row) {
        try {
            if (waiting) {
                later.add(tellUnordered(row));
            } else {
                tellInOrder(row);
            }
            if (!silent) {
                listener.eventsEnd();
            }
        } catch (RuntimeException | Error e) {
            failed(e);
        }
    }

    /**
     * An event is lost, an Error's too: memory of sockets may just be short. Nothing that comes behind it is told, as it would be told as if it had
     * not been lost: a confirm would cover a publish that was refused.
     */
    private void failed(Throwable e) {
        LOG.error("Connection {} failed on an event and is closed", id, e);
        silent = true;
        try {
            listener.closed("internal error");
        } catch (RuntimeException | Error again) {
            LOG.error("Connection {} failed on its end, too", id, again);
            close(List.of()); // else the cluster would keep for ever what it holds
        }
    }

    private void tellInOrder(List<SessionEvent> row) {
        for (int i = 0; i < row.size() && !silent; i++) {
            SessionEvent event = row.get(i);
            if (event instanceof ReturnedUpload) {
                waiting = true;
                later.add(tellUnordered(row.subList(i + 1, row.size())));
                event.tell(listener);
                return;
            }
            event.tell(listener);
        }
    }

    /** Tells what does not wait; returns the rest. */
    private List<SessionEvent> tellUnordered(List<SessionEvent> row) {
        List<SessionEvent> rest = new ArrayList<>(row.size());
        for (SessionEvent event : row) {
            if (event.isOrdered()) {
                rest.add(event);
            } else if (!silent) {
                event.tell(listener);
            }
        }
        return rest;
    }

    /** Nobody reads the upload's body. Any thread. */
    void dropUpload(long upload) {
        try {
            loop.execute(() -> submit(new DropUpload(id, upload)));
        } catch (RejectedExecutionException ended) {
            LOG.debug("The event loop of connection {} has ended before the connection", id, ended);
        }
    }

    /** The message that came back was written, or can't be: what waited for it is told, but not within this call. */
    void goOn() {
        try {
            loop.execute(this::tellLater);
        } catch (RejectedExecutionException ended) {
            LOG.debug("The event loop of connection {} has ended before the connection", id, ended);
        }
    }

    /** Nothing was handed out while a consumer had not heard that it had lost what it was given. */
    private void deliverAgain() {
        try {
            listener.deliverable();
            listener.eventsEnd();
        } catch (RuntimeException | Error e) {
            failed(e);
        }
    }

    private void tellUntilOneIsLarge() {
        try {
            for (SessionEvent event; !waiting && !silent && (event = later.poll()) != null; ) {
                waiting = event instanceof ReturnedUpload;
                event.tell(listener);
            }
            if (!silent) {
                listener.eventsEnd();
            }
        } catch (RuntimeException | Error e) {
            failed(e);
        }
    }

    private void tellLater() {
        waiting = false;
        boolean full = later.isFull();
        boolean held = later.takeAway();
        tellUntilOneIsLarge();
        if (held && !later.takeAway() && !silent) {
            deliverAgain();
        }
        if (full && !later.isFull() && !silent) {
            tell(List.of(new SessionEvent.Writable()));
        }
    }
}
