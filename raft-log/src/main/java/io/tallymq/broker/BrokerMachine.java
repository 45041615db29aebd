package io.tallymq.broker;

import io.tallymq.broker.command.Administer;
import io.tallymq.broker.command.BindExchange;
import io.tallymq.broker.command.BindQueue;
import io.tallymq.broker.command.BodyPart;
import io.tallymq.broker.command.ByUser;
import io.tallymq.broker.command.Cancel;
import io.tallymq.broker.command.ClearPolicy;
import io.tallymq.broker.command.CloseChannel;
import io.tallymq.broker.command.CloseConnection;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.CommitTx;
import io.tallymq.broker.command.ConsumeReplies;
import io.tallymq.broker.command.Credit;
import io.tallymq.broker.command.Decision;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.command.DeleteExchange;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.DropUpload;
import io.tallymq.broker.command.FenceProducer;
import io.tallymq.broker.command.ForceClose;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.NodeLost;
import io.tallymq.broker.command.NodeUp;
import io.tallymq.broker.command.OnChannel;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.command.PauseQueue;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.PurgeQueue;
import io.tallymq.broker.command.Qos;
import io.tallymq.broker.command.Raise;
import io.tallymq.broker.command.Recover;
import io.tallymq.broker.command.Redrive;
import io.tallymq.broker.command.SetPolicy;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.SettleWith;
import io.tallymq.broker.command.StoreOffset;
import io.tallymq.broker.command.Subscribe;
import io.tallymq.broker.command.TakeBack;
import io.tallymq.broker.command.TakeMatching;
import io.tallymq.broker.command.VoidId;
import io.tallymq.broker.command.VoidPublish;
import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.life.Absence;
import io.tallymq.broker.life.Admission;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.WorkLimits;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.message.UnknownFormatException;
import io.tallymq.broker.moving.PublishCounts;
import io.tallymq.broker.queue.Disuse;
import io.tallymq.broker.reports.DueLately;
import io.tallymq.broker.spec.DeferredName;
import io.tallymq.broker.spec.DirectReplyTo;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.view.Foreseen;
import io.tallymq.format.Versions;
import java.util.Map;
import java.util.function.Function;

/**
 * The replicated broker: one entry of the log after the other in, replies and effects out. What it decides depends on the
 * entries alone. It keeps itself in a {@link MessageStore}, from which it comes back exactly as it was at the last commit.
 *
 * <p>Used by one thread at a time. An exception out of it is a bug: the node must stop, for the other replicas will do the
 * same with this entry.
 */
public final class BrokerMachine extends BrokerProcessing {
    /** What this program knows of how commands act and what is stored, see decision 013. */
    public static final Versions LEVELS = new Versions(1, 5);

    private Stamp entry;
    private String node;

    /**
     * Whether a store whose record under {@link io.tallymq.broker.store.Keys#MACHINE} this is was written in the middle of an entry. Only
     * the log that has the entry can go on from there.
     */
    public static boolean isWithinEntry(byte[] machineRecord) {
        return MachineRecord.isWithinEntry(machineRecord);
    }

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
        super(store, limits, levels);
    }

    /**
     * Begins an entry: the batch {@code seq} of one start of a node. Everything but {@link Admission#ACCEPTED} means that its
     * commands must not be applied.
     *
     * @param nodeUp whether its first command is {@link NodeUp}
     */
    public Admission begin(Stamp e, String fromNode, long epoch, long seq, boolean nodeUp) {
        long before = clock;
        clock = Math.max(clock, e.time());
        if (level >= Absence.LEVEL) {
            absence.ended(before, clock);
        }
        entry = new Stamp(e.term(), e.index(), clock);
        node = fromNode;
        applied = e.index();
        return nodes.admit(fromNode, epoch, seq, nodeUp);
    }

    /** Applies one command of the entry that was begun. */
    public Reply apply(Command command, Effects effects) {
        return switch (command.kind()) {
            case NODE_UP -> lifeCommands.nodeUp((NodeUp) command, effects);
            case NODE_LOST -> decided((NodeLost) command, lost -> lifeCommands.nodeLost(lost, effects));
            case RAISE -> decided((Raise) command, this::raise);
            case OPEN_CONNECTION -> open((OpenConnection) command, effects);
            case CLOSE_CONNECTION -> lifeCommands.close((CloseConnection) command, effects);
            case FORCE_CLOSE -> forceClose((ForceClose) command, effects);
            case CLOSE_CHANNEL -> lifeCommands.closeChannel((CloseChannel) command, effects);
            case ON_CHANNEL -> onChannel((OnChannel) command, effects);
            case DECLARE_EXCHANGE -> exchangeCommands.declare((DeclareExchange) command);
            case DELETE_EXCHANGE -> exchangeCommands.delete((DeleteExchange) command);
            case BIND_EXCHANGE -> exchangeCommands.bind((BindExchange) command);
            case DECLARE_QUEUE -> declare((DeclareQueue) command, effects);
            case DELETE_QUEUE -> queueCommands.delete((DeleteQueue) command, effects);
            case PURGE_QUEUE -> queueCommands.purge((PurgeQueue) command, effects);
            case PAUSE_QUEUE -> queueCommands.pause((PauseQueue) command, effects);
            case BIND_QUEUE -> bind((BindQueue) command, effects);
            case SUBSCRIBE -> consumerCommands.subscribe((Subscribe) command, effects);
            case CANCEL -> consumerCommands.cancel((Cancel) command, effects);
            case TAKE_BACK -> consumerCommands.takeBack((TakeBack) command, effects);
            case TAKE_MATCHING -> consumerCommands.takeMatching((TakeMatching) command, effects);
            case CREDIT -> consumerCommands.credit((Credit) command, effects);
            case GET -> get((Get) command, effects);
            case SETTLE -> consumerCommands.settle((Settle) command, effects);
            case SETTLE_WITH -> settleWith((SettleWith) command, effects);
            case RECOVER -> consumerCommands.recover((Recover) command, effects);
            case STORE_OFFSET -> consumerCommands.storeOffset((StoreOffset) command);
            case CONSUME_REPLIES -> replyCommands.consume((ConsumeReplies) command);
            case QOS -> qosCommands.qos((Qos) command, effects);
            case PUBLISH -> publishAll((Publish) command, effects);
            case COMMIT_TX -> commitAll((CommitTx) command, effects);
            case BODY_PART -> uploadCommands.part((BodyPart) command);
            case DROP_UPLOAD -> uploadCommands.drop((DropUpload) command);
            case PROBE -> probe((Probe) command, effects);
            case SET_POLICY -> policyCommands.set((SetPolicy) command);
            case CALL_OFF, SCHEDULE_MESSAGE -> scheduled(command);
            case CLEAR_POLICY -> policyCommands.clear((ClearPolicy) command);
            case REDRIVE -> redrive((Redrive) command, effects);
            case ADMINISTER -> administer((Administer) command);
            case BY_USER -> noted.carryOut((ByUser) command, clock, asked -> apply(asked, effects));
            case NOTE_IMPORT, NOTE_ACTION -> Reply.OK;
            case VOID_PUBLISH -> receiptCommands.makeVoid((VoidPublish) command, entry);
            case VOID_ID -> receiptCommands.makeVoid((VoidId) command, entry);
            case FENCE_PRODUCER -> receiptCommands.fence((FenceProducer) command, entry, effects);
        };
    }

    private Reply open(OpenConnection open, Effects effects) {
        Reply.Rejected refusal = receiptCommands.refusal(open, entry);
        Reply reply = refusal != null
                ? refusal
                : lifeCommands.open(open, level < VoidPublish.LEVEL ? 0 : numbers.newNumber());
        if (reply == Reply.OK) {
            receiptCommands.opened(open, entry, effects);
        }
        return reply;
    }

    private Reply administer(Administer a) {
        return level < Administer.LEVEL
                ? Reply.belowLevel("users and vhosts are known", Administer.LEVEL, level)
                : accessCommands.administer(a, clock);
    }

    private Reply redrive(Redrive r, Effects effects) {
        if (level < Redrive.LEVEL) {
            return Reply.belowLevel("messages are moved", Redrive.LEVEL, level);
        }
        Reply reply = redriving.redrive(r, entry, effects);
        unwritten += redriving.work();
        return reply;
    }

    private Reply forceClose(ForceClose f, Effects effects) {
        return level < ForceClose.LEVEL
                ? Reply.belowLevel("connections are closed by operators", ForceClose.LEVEL, level)
                : lifeCommands.forceClose(f, effects);
    }

    private Reply declare(DeclareQueue d, Effects effects) {
        return DirectReplyTo.isName(d.name()) && !d.connection().isOperator()
                ? replyCommands.declare(d)
                : queueCommands.declare(d, effects);
    }

    private Reply bind(BindQueue b, Effects effects) {
        boolean gets = recentHistory.concerns(b);
        Reply.Rejected refused = gets ? recentHistory.refusal(b) : null;
        Reply reply = refused == null ? queueCommands.bind(b) : refused;
        if (gets && reply == Reply.OK) {
            unwritten += recentHistory.bound(b, entry, effects);
        }
        return reply;
    }

    private Reply get(Get g, Effects effects) {
        if (level < SettleWith.LEVEL || !DeferredName.isName(g.queue())) {
            return consumerCommands.get(g, effects);
        }
        Reply reply = deferral.take(g, clock);
        unwritten += deferral.work();
        return reply;
    }

    private Reply settleWith(SettleWith s, Effects effects) {
        Reply reply = settleCommands.settle(s, entry, effects);
        unwritten += deferral.work();
        return reply;
    }

    private Reply probe(Probe p, Effects effects) {
        if (p.work() > 0 && level >= Probe.WORK_LEVEL) {
            doWhatIsDue(entry, Math.min(p.work(), limits.work().perEntry()), 0, effects);
        }
        return new Reply.Probed(entry.index(), p.digest() ? probeDigest() : 0);
    }

    /**
     * Whether the transaction may take effect; if so, what it settles has. Its publishes follow, as those of a run: {@link #publish}.
     *
     * @return {@link Reply#OK}, else nothing happened
     */
    public Reply admit(CommitTx tx, Effects effects) {
        Reply reply = Reply.IGNORED;
        // Of a connection that is gone what it held is given back already: then nothing of it may happen.
        if (connections.get(tx.connection()) != null && !connections.hasEnded(tx.connection(), tx.channel())) {
            Reply.Rejected refusal = settleCommands.refusal(tx.settles());
            refusal = refusal == null ? publishing.check(entry, node, tx) : refusal;
            reply = refusal == null ? Reply.OK : refusal;
        }
        if (reply == Reply.OK) {
            tx.settles().forEach(s -> consumerCommands.settle(s, effects));
            return reply;
        }
        publishing.dropUploads(node, tx.publishes());
        if (reply instanceof Reply.Rejected) {
            connections.end(tx.connection(), tx.channel());
        }
        // The channel does not name them any more: they go back as what its client was sent.
        tx.settles()
                .forEach(s -> consumerCommands.settle(
                        new Settle(s.holder(), Settle.Outcome.REJECT_REQUEUE, s.ranges()), effects));
        return reply;
    }

    /** A transaction that was begun before a crash goes on: the rest of its publishes follows. */
    public void resumeTransaction() {
        publishing.resumeAdmitted();
    }

    private Reply commitAll(CommitTx tx, Effects effects) {
        Reply reply = admit(tx, effects);
        return reply == Reply.OK ? publishAll(tx.publishes(), effects) : reply;
    }

    private Reply publishAll(Publish p, Effects effects) {
        boolean more = true;
        while (more) {
            more = publish(p, effects);
        }
        return Reply.OK;
    }

    /** The digest; 0 when the following entries compute it, because the state is large. */
    private long probeDigest() {
        if (use.digestCost(level) <= limits.work().perEntry()) {
            return recentDigests.note(entry.index(), this::digest);
        }
        recentDigests.begin(entry.index(), this::digestWalk);
        return 0;
    }

    /**
     * Carries out a part of a run of publishes, of bounded work; returns whether there is more, for which to call again with the
     * same command. In between {@link #commitWithin} may write what was done.
     */
    public boolean publish(Publish command, Effects effects) {
        boolean more = publishing.publish(entry, node, command, effects);
        unwritten += publishing.work();
        return more;
    }

    /** Units of work of publishes since the last commit: what the store and the memory beside its budgets hold grows with it. */
    public long unwritten() {
        return unwritten + producers.held() + dirty.units();
    }

    private Reply onChannel(OnChannel c, Effects effects) {
        if (connections.hasEnded(c.connection(), c.channel())) {
            return Reply.IGNORED;
        }
        Reply reply = apply(c.command(), effects);
        if (reply instanceof Reply.Rejected why
                && (!c.isPublish() || why.reason().endsPublisher())) {
            connections.end(c.connection(), c.channel());
        }
        return reply;
    }

    /** What a leader of another term decided comes too late. */
    private <D extends Decision> Reply decided(D decision, Function<D, Reply> carryOut) {
        return decision.term() == entry.term() ? carryOut.apply(decision) : LATE;
    }

    private Reply raise(Raise raise) {
        int to = raise.level();
        if (to > levels.max()) {
            String what = "The log from entry " + entry.index() + " on";
            throw new UnknownFormatException(UnknownFormatException.level(what, to, levels));
        }
        if (level < PublishCounts.LEVEL && to >= PublishCounts.LEVEL) {
            publishCounts.begin(queues.all.published());
        }
        if (level < DueLately.LEVEL) {
            lately.begin();
        }
        boolean otherTimes = level < Disuse.LEVEL && to >= Disuse.LEVEL;
        level = Math.max(level, to);
        leaving.raised();
        queues.all().forEach(q -> q.assignment().raised());
        topology.forgetRoutes();
        if (otherTimes) {
            agenda.note(queues.all());
        }
        return Reply.OK;
    }

    private static final Reply.Rejected LATE = new Reply.Rejected(
            541,
            Reply.Reason.FENCED,
            "a leader decided this in another term than the one it was written in: it has no effect");

    /** Ends the batch. */
    public void end() {
        entry = null;
        node = null;
    }

    @Override
    public Foreseen foresee(Route route, byte[] record) {
        return foresight.look(route, record, applied, clock);
    }

    /** All batches of the entry are applied. */
    public void applied(long term, long index, Effects effects) {
        recentHistory.handed(0);
        recentDigests.step(limits.work().perEntry());
        leaving.step(queues, effects);
        policyCommands.step(effects);
        queues.timeouts().step();
        vhostRemoval.step(effects);
        WorkLimits work = limits.work();
        int more = level < DueLately.LEVEL ? 0 : work.keptUp();
        int units = level < Probe.WORK_LEVEL ? work.perEntry() : work.due();
        doWhatIsDue(new Stamp(term, index, clock), units, more, effects);
        handouts.step(effects);
        tell(new Stamp(term, index, clock), effects);
        dueWork.note(effects);
        lately.begin();
        advanced(term, index);
    }

    /** What left its queues is told: behind all by which something may leave. */
    private void tell(Stamp now, Effects effects) {
        long work = reporting.step(now, effects);
        if (work > 0) {
            unwritten += work;
            handouts.refill();
        }
    }

    /** An entry of Raft's own is applied. */
    public void advanced(long term, long index) {
        owed.step(limits.work().perEntry());
        topology.sweep(limits.work().perEntry());
        uploads.step(limits.work().perEntry());
        seen.step(limits.work().perEntry());
        recent.step(limits.work().perEntry());
        producers.step(clock, limits.work().perEntry());
        ids.step(clock, limits.work().perEntry());
        moveTo(term, index);
    }

    /** How often queues were looked at for something to hand out, since the start. */
    long looks() {
        return handouts.looks();
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
    public void resume(Stamp e, String fromNode) {
        entry = new Stamp(e.term(), e.index(), clock);
        node = fromNode;
        applied = e.index();
        handouts.resume(within.handOuts());
        recentHistory.handed(within.recent());
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
                entry.index(),
                batch,
                publishing.nextOffset() - begin,
                publishing.nextOrdinal(),
                handouts.left(),
                recentHistory.handed());
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
        return writeAgain();
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
        return queues.residentChunks();
    }
}
