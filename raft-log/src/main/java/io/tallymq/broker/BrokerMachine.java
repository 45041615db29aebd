package io.tallymq.broker;

import io.tallymq.format.Versions;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The replicated broker: one entry of the log after the other in, replies and effects out. What it decides depends on the
 * entries alone. It keeps itself in a {@link MessageStore}, from which it comes back exactly as it was at the last commit.
 *
 * <p>Used by one thread at a time. An exception out of it is a bug: the node must stop, for the other replicas will do the
 * same with this entry.
 */
public final class BrokerMachine implements BrokerView {
    /** What this program knows of how commands act and what is stored, see decision 013. */
    public static final Versions LEVELS = new Versions(1, 1);

    /** Tag of the machine's record: {@link Progress}. */
    private static final int WITHIN = 1;

    /** Where every log begins. */
    private static final int FIRST_LEVEL = 1;

    private final MessageStore store;
    private final MachineLimits limits;
    private final Versions levels;
    private final Dirty dirty;
    private final Handouts handouts;
    private final Leaving leaving;
    private final SharedBodies sharedBodies;
    private final Owed owed;
    private final Uploads uploads;
    private final Nodes nodes;
    private final Connections connections;
    private final Queues queues;
    private final Topology topology;
    private final QueueCommands queueCommands;
    private final ConsumerCommands consumerCommands;
    private final Publishing publishing;
    private final LifeCommands lifeCommands;

    private long nextNumber = 1;
    private long nextShared = 1;
    private long clock;
    private int level = FIRST_LEVEL;
    private long applied = -1;
    /** The last entry all of which is applied. */
    private long wholeTerm;

    private long wholeIndex = -1;
    /** What is done of the entry after it, when a commit came within; else null. */
    private Progress within;

    private long unwritten;
    /** What the store was asked to commit last. */
    private MessageStore.Applied committing;

    private Entry entry;
    private String node;
    private final RecentDigests recentDigests = new RecentDigests();

    /** Takes the state from the store; a new store begins with what every broker has. */
    public BrokerMachine(MessageStore store) {
        this(store, LEVELS);
    }

    /** As a program with other levels would: for tests. */
    public BrokerMachine(MessageStore store, Versions levels) {
        this(store, MachineLimits.FORMAT_1, levels);
    }

    BrokerMachine(MessageStore store, MachineLimits limits) {
        this(store, limits, LEVELS);
    }

    private BrokerMachine(MessageStore store, MachineLimits limits, Versions levels) {
        this.store = store;
        this.limits = limits;
        this.levels = levels;
        dirty = new Dirty(store);
        handouts = new Handouts(dirty, limits.work().handOuts());
        leaving = new Leaving(store, dirty, handouts, limits.work().perEntry());
        sharedBodies = new SharedBodies(store);
        uploads = new Uploads(store);
        nodes = new Nodes(store);
        connections = new Connections(store);
        owed = new Owed(store, sharedBodies);
        queues = new Queues(store, sharedBodies, owed, dirty, handouts, leaving, limits);
        topology = new Topology(store, queues::find, () -> nextNumber++, limits);
        queueCommands =
                new QueueCommands(queues, topology, connections, dirty, handouts, leaving, () -> nextNumber++, limits);
        consumerCommands = new ConsumerCommands(
                queues, queueCommands, connections, dirty, handouts, leaving, () -> nextNumber++, limits);
        publishing = new Publishing(
                store, topology, connections, uploads, sharedBodies, () -> nextShared++, dirty, handouts, limits);
        lifeCommands = new LifeCommands(nodes, connections, uploads, queues, consumerCommands, limits.state());
        restore();
    }

    private void restore() {
        MessageStore.Applied last = store.applied();
        if (last != null) {
            level = last.level();
            if (!levels.include(level)) {
                throw new UnknownFormatException(UnknownFormatException.level("The store", level, levels));
            }
            clock = last.clock();
            applied = last.index();
            wholeTerm = last.term();
            wholeIndex = last.index();
            store.scan(Keys.of(Keys.MACHINE), (k, v) -> {
                ByteReader r = new ByteReader(v);
                nextNumber = r.int64();
                nextShared = r.int64();
                publishing.restoreDropped(r.int64());
                queues.retired.decode(r);
                TaggedFields.readRecord(r, (tag, value) -> {
                    if (tag == WITHIN) {
                        within = Progress.read(value);
                    }
                    return tag == WITHIN;
                });
            });
        }
        nodes.restore();
        connections.restore();
        uploads.restore();
        owed.restore();
        leaving.restore();
        queues.restore();
        topology.restore();
        for (Holder h : queues.holders()) {
            if (h.departure() == null) {
                connections.get(h.connection()).add(h);
                h.queue().refresh(h);
            }
        }
        connections.parkAll();
        for (Queue q : queues.all()) {
            if (q.owner() != null) {
                connections.get(q.owner()).exclusiveQueues.add(q.number());
            }
        }
    }

    /**
     * Begins an entry: the batch {@code seq} of one start of a node. Everything but {@link Admission#ACCEPTED} means that its
     * commands must not be applied.
     *
     * @param nodeUp whether its first command is {@link Command.NodeUp}
     */
    public Admission begin(Entry e, String fromNode, long epoch, long seq, boolean nodeUp) {
        clock = Math.max(clock, e.time());
        entry = new Entry(e.term(), e.index(), clock);
        node = fromNode;
        applied = e.index();
        return nodes.admit(fromNode, epoch, seq, nodeUp);
    }

    /** Applies one command of the entry that was begun. */
    public Reply apply(Command command, Effects effects) {
        return switch (command.kind()) {
            case NODE_UP, NODE_LOST, RAISE, OPEN_CONNECTION, CLOSE_CONNECTION, CLOSE_CHANNEL -> life(command, effects);
            case DECLARE_EXCHANGE, DELETE_EXCHANGE, BIND_EXCHANGE -> exchange(command);
            case DECLARE_QUEUE, DELETE_QUEUE, PURGE_QUEUE, BIND_QUEUE -> queue(command, effects);
            case ON_CHANNEL -> onChannel((Command.OnChannel) command, effects);
            case SUBSCRIBE, GET, RECOVER, QOS -> consume(command, effects);
            case CANCEL -> consumerCommands.cancel((Command.Cancel) command, effects);
            case TAKE_BACK -> consumerCommands.takeBack((Command.TakeBack) command, effects);
            case CREDIT -> consumerCommands.credit((Command.Credit) command, effects);
            case SETTLE -> consumerCommands.settle((Command.Settle) command, effects);
            case PUBLISH -> {
                boolean more = true;
                while (more) {
                    more = publish((Command.Publish) command, effects);
                }
                yield Reply.OK;
            }
            case BODY_PART -> bodyPart((Command.BodyPart) command);
            case DROP_UPLOAD -> dropUpload((Command.DropUpload) command);
            case PROBE -> new Reply.Probed(entry.index(), ((Command.Probe) command).digest() ? probe() : 0);
        };
    }

    /** The digest; 0 when the following entries compute it, because the state is large. */
    private long probe() {
        Sizes s = sizes();
        if (s.queues() + s.exchanges() + s.bindings() / 16 + s.consumers() + s.connections()
                <= limits.work().perEntry()) {
            return recentDigests.note(entry.index(), this::digest);
        }
        recentDigests.begin(entry.index(), this::digestWalk);
        return 0;
    }

    /**
     * Carries out a part of a run of publishes, of bounded work; returns whether there is more, for which to call again with the
     * same command. In between {@link #commitWithin} may write what was done.
     */
    public boolean publish(Command.Publish command, Effects effects) {
        boolean more = publishing.publish(entry, node, command, effects);
        unwritten += publishing.work();
        return more;
    }

    /** Units of work of publishes since the last commit: what the store and the memory beside its budgets hold grows with it. */
    public long unwritten() {
        return unwritten;
    }

    private Reply onChannel(Command.OnChannel c, Effects effects) {
        if (connections.hasEnded(c.connection(), c.channel())) {
            return Reply.IGNORED;
        }
        Reply reply = apply(c.command(), effects);
        if (reply instanceof Reply.Rejected) {
            connections.end(c.connection(), c.channel());
        }
        return reply;
    }

    private Reply life(Command command, Effects effects) {
        if (command instanceof Command.Decision decision && decision.term() != entry.term()) {
            return LATE;
        } else if (command instanceof Command.NodeUp up) {
            lifeCommands.nodeUp(up, effects);
        } else if (command instanceof Command.NodeLost lost) {
            lifeCommands.nodeLost(lost, effects);
        } else if (command instanceof Command.Raise raise) {
            raise(raise.level());
        } else if (command instanceof Command.OpenConnection open) {
            return lifeCommands.open(open);
        } else if (command instanceof Command.CloseConnection close) {
            lifeCommands.close(close, effects);
        } else if (command instanceof Command.CloseChannel close) {
            lifeCommands.closeChannel(close, effects);
        }
        return Reply.OK;
    }

    private void raise(int to) {
        if (to > levels.max()) {
            String what = "The log from entry " + entry.index() + " on";
            throw new UnknownFormatException(UnknownFormatException.level(what, to, levels));
        }
        level = Math.max(level, to);
    }

    private Reply exchange(Command command) {
        if (command instanceof Command.DeclareExchange d) {
            return topology.declareExchange(d.vhost(), d.name(), d.spec(), d.passive());
        } else if (command instanceof Command.DeleteExchange d) {
            return topology.deleteExchange(d.vhost(), d.name(), d.ifUnused());
        }
        Command.BindExchange b = (Command.BindExchange) command;
        return topology.bindExchange(b.vhost(), b.binding(), b.add());
    }

    private Reply queue(Command command, Effects effects) {
        if (command instanceof Command.DeclareQueue d) {
            return known(d.connection()) ? queueCommands.declare(d) : FENCED;
        } else if (command instanceof Command.DeleteQueue d) {
            return queueCommands.delete(d, effects);
        } else if (command instanceof Command.PurgeQueue p) {
            return queueCommands.purge(p);
        }
        return queueCommands.bind((Command.BindQueue) command);
    }

    private Reply consume(Command command, Effects effects) {
        if (command instanceof Command.Subscribe s) {
            return known(s.connection()) ? consumerCommands.subscribe(s, effects) : FENCED;
        } else if (command instanceof Command.Get g) {
            return known(g.connection()) ? consumerCommands.get(g, effects) : FENCED;
        } else if (command instanceof Command.Qos q) {
            return known(q.connection()) ? consumerCommands.qos(q, effects) : FENCED;
        }
        Command.Recover r = (Command.Recover) command;
        return known(r.connection()) ? consumerCommands.recover(r, effects) : FENCED;
    }

    private static final Reply.Rejected LATE = new Reply.Rejected(
            541,
            Reply.Reason.FENCED,
            "a leader decided this in another term than the one it was written in: it has no effect");

    private static final Reply.Rejected FENCED =
            new Reply.Rejected(320, Reply.Reason.FENCED, "the cluster has closed this connection; connect again");

    private boolean known(ConnectionId id) {
        return connections.get(id) != null;
    }

    private Reply bodyPart(Command.BodyPart p) {
        if (!known(p.connection())) {
            return FENCED;
        }
        long before = nextShared;
        Uploads.Upload u = uploads.part(p, before);
        if (u.shared() == before) {
            nextShared++;
        }
        return new Reply.Uploaded(u.shared());
    }

    private Reply dropUpload(Command.DropUpload d) {
        Uploads.Upload u = uploads.take(d.connection().node(), d.upload());
        if (u != null) {
            uploads.drop(u);
        }
        return Reply.OK;
    }

    /** Ends the batch. */
    public void end() {
        entry = null;
        node = null;
    }

    /** All batches of the entry are applied. */
    public void applied(long term, long index, Effects effects) {
        recentDigests.step(limits.work().perEntry());
        leaving.step(queues, effects);
        handouts.step(effects);
        advanced(term, index);
    }

    /** An entry of Raft's own is applied. */
    public void advanced(long term, long index) {
        owed.step(limits.work().perEntry());
        topology.sweep(limits.work().perEntry());
        moveTo(term, index);
    }

    /**
     * Whether something is left to be done by later entries, each of which does some: the log should go on even if nobody wants
     * anything.
     */
    public boolean owes() {
        return handouts.waiting() > 0
                || !leaving.isEmpty()
                || recentDigests.walks() > 0
                || !owed.isEmpty()
                || topology.owes();
    }

    /** Whether what is left to be done can not go on before a {@link #commit}. */
    public boolean waitsForCommit() {
        return owed.waitsForCommit();
    }

    /** How often queues were looked at for something to hand out, since the start. */
    long looks() {
        return handouts.looks();
    }

    /** How much that is: queues with more to hand out or to take back, who left, digests, ranges of chunks, bindings. */
    public int owed() {
        return handouts.waiting() + leaving.owed() + recentDigests.walks() + owed.ranges() + topology.owed();
    }

    private void moveTo(long term, long index) {
        wholeTerm = term;
        wholeIndex = index;
        applied = index;
        within = null;
    }

    /** How much of an entry that is to be applied now was carried out before a crash; null for nothing. */
    public Progress progress(long index) {
        return within != null && within.index() == index ? within : null;
    }

    /** Goes on with a batch that {@link #begin} admitted before a crash. */
    public void resume(Entry e, String fromNode) {
        entry = new Entry(e.term(), e.index(), clock);
        node = fromNode;
        applied = e.index();
        handouts.resume(within.handOuts());
    }

    /**
     * Writes what changed although the entry in hand is not done: what is left of a run of publishes is to be carried out after a
     * crash, see {@link #progress}. The store's position stays that of the entry before.
     *
     * @param batch number of the batch within the entry
     * @param begin where the batch begins in the array that the command refers to
     * @return false: as {@link #commit}
     */
    public boolean commitWithin(int batch, int begin) {
        if (wholeIndex < 0) {
            return true; // there is no position to write yet: an entry that opens the log is small
        }
        within = new Progress(
                entry.index(), batch, publishing.nextOffset() - begin, publishing.nextOrdinal(), handouts.left());
        return write(wholeTerm, wholeIndex);
    }

    /**
     * Writes what changed since the last commit and makes it one with the position.
     *
     * @return false: the store has no room for it now. Nothing more may be applied before {@link #commitAgain} has succeeded
     */
    public boolean commit(long term, long index) {
        moveTo(term, index);
        return write(term, index);
    }

    /** Commits what the store had no room for. Returns false if it still has none. */
    public boolean commitAgain() {
        return store.commit(committing);
    }

    private boolean write(long term, long index) {
        unwritten = 0;
        owed.committing();
        dirty.write();
        nodes.writeDirty();
        sharedBodies.writeDirty();
        ByteWriter w = new ByteWriter(64).int64(nextNumber).int64(nextShared).int64(publishing.dropped());
        queues.retired.encode(w);
        if (within != null) {
            ByteWriter progress = new ByteWriter(24);
            within.write(progress);
            TaggedFields.write(w, WITHIN, progress.toBytes());
        }
        store.put(Keys.of(Keys.MACHINE), w.toBytes());
        committing = new MessageStore.Applied(term, index, clock, level);
        return store.commit(committing);
    }

    /** The valid epoch of a node, 0 when it never registered. */
    public long epochOf(String name) {
        return nodes.epochOf(name);
    }

    /** The last applied batch of a node's valid epoch, -1 when it never registered. */
    public long lastSeqOf(String name) {
        return nodes.lastSeqOf(name);
    }

    /** Every node that is registered and not lost, with its valid epoch. */
    public Map<String, Long> servingNodes() {
        return nodes.serving();
    }

    /** Whether the cluster gave up on a node's valid epoch. */
    public boolean isLost(String name) {
        return nodes.isLost(name);
    }

    /** Chunk descriptors in memory. */
    int residentChunks() {
        return queues.residents.count();
    }

    /** The number of a queue that exists; it names the queue's chunks. */
    long queueNumber(String vhost, String name) {
        return queues.find(vhost, name).number();
    }

    @Override
    public long appliedIndex() {
        return applied;
    }

    @Override
    public long clock() {
        return clock;
    }

    @Override
    public int level() {
        return level;
    }

    /** The levels that this program knows. */
    public Versions levels() {
        return levels;
    }

    @Override
    public Collection<String> vhosts() {
        return List.of("/");
    }

    @Override
    public Optional<QueueInfo> queue(String vhost, String name) {
        return Optional.ofNullable(queues.find(vhost, name)).map(q -> queues.info(q, connections));
    }

    @Override
    public Step<QueueInfo> queues(Place from, int most) {
        return queues.views(from, most, connections);
    }

    @Override
    public Step<ExchangeView> exchanges(Place from, int most) {
        return topology.exchanges(from, most);
    }

    @Override
    public Step<BindingView> bindings(Place from, int most) {
        return topology.bindings(from, most);
    }

    @Override
    public Step<ConnectionView> connections(Place from, int most) {
        return connections.views(from, most);
    }

    @Override
    public Step<ConsumerView> consumers(Place from, int most) {
        return queues.consumerViews(from, most, connections);
    }

    @Override
    public Sizes sizes() {
        return new Sizes(
                queues.all().size(),
                topology.exchangeCount(),
                topology.bindingCount(),
                queues.holderCount(),
                connections.count());
    }

    @Override
    public Counters totals() {
        return queues.all.view(publishing.dropped());
    }

    @Override
    public long digest() {
        DigestWalk all = digestWalk(applied);
        all.step(Long.MAX_VALUE);
        return all.value();
    }

    private DigestWalk digestWalk(long index) {
        StateDigest d = new StateDigest()
                .add((long) level)
                .add(nextNumber)
                .add(nextShared)
                .add(clock)
                .add(publishing.dropped());
        nodes.digest(d);
        return new DigestWalk(
                index,
                d,
                List.of(
                        connections::digest,
                        DigestWalk.whole(uploads::digest),
                        queues::digest,
                        DigestWalk.whole(queues.retired::digest),
                        topology::digest,
                        DigestWalk.whole(leaving::digest)));
    }

    @Override
    public List<DigestAt> recentDigests() {
        return recentDigests.all();
    }
}
