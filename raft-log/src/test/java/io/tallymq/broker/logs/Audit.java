package io.tallymq.broker.logs;

import static io.tallymq.broker.logs.Ledger.check;

import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.Machines;
import io.tallymq.broker.command.BindQueue;
import io.tallymq.broker.command.BodyPart;
import io.tallymq.broker.command.CallOff;
import io.tallymq.broker.command.CloseChannel;
import io.tallymq.broker.command.CloseConnection;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.CommitTx;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.NodeLost;
import io.tallymq.broker.command.NodeUp;
import io.tallymq.broker.command.OnChannel;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.PurgeQueue;
import io.tallymq.broker.command.Recover;
import io.tallymq.broker.command.ScheduleMessage;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.SettleWith;
import io.tallymq.broker.command.StoreOffset;
import io.tallymq.broker.command.TakeBack;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.logs.EntryNotes.Published;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.SeqRanges;
import io.tallymq.broker.queue.QueueArguments;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.view.BrokerView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import java.util.function.Predicate;

/**
 * Keeps books of a {@link FeatureRun}, from commands, replies and effects, and compares them behind each entry with what the store has and
 * with what the machine counts: each message is in one place, and went there in a way that is known.
 */
final class Audit {
    /** The level from which on a transaction is refused that settles what is not held. */
    private static final int ALL_HELD = 5;

    private final Clients clients;
    private final Ledger ledger = new Ledger();
    /** The messages of all chunks ever, by queue and number. */
    private final Map<Long, TreeMap<Long, StoredMessage>> messages = new TreeMap<>();

    private final PublishNotes publishes;
    private final List<Delivery> unread = new ArrayList<>();
    private final List<AuditCheck> checks = List.of(
            new AuditQueues(),
            new AuditLetters(),
            new AuditAside(),
            new AuditOutcomes(),
            new AuditMemories(),
            new AuditRules());
    private final AuditSettles aside;
    /** How often a message of each queue may have failed, by the highest limit that it ever had. */
    private final Map<Long, Long> tries = new TreeMap<>();

    private Watch watch;
    private Stored before;
    private EntryNotes notes = new EntryNotes();
    private BrokerMachine machine;
    private long now;
    /** The number of the queue that the command in hand names: it may be gone behind it. */
    private long named;
    /** All that the transaction in hand settles is held, but for what was late in this very entry. */
    private boolean settlesHeld;
    /** How many the entry in hand had before the one in hand. */
    private int commands;

    Audit(Clients clients) {
        this.clients = clients;
        this.aside = new AuditSettles(ledger, clients);
        this.publishes = new PublishNotes(clients);
    }

    /** The machine's store, watched. */
    MessageStore watch(MessageStore store) {
        watch = new Watch(store, messages);
        return watch;
    }

    /** The names of queues that have something aside, by its token. */
    Map<String, String> deferred() {
        Map<String, String> all = new TreeMap<>();
        before.queues.values().forEach(q -> q.deferred.values().forEach(d -> all.put(d.token(), q.info.name())));
        return all;
    }

    /** A command is about to be carried out. */
    void before(Command c, String node, long time, BrokerMachine its) {
        machine = its;
        now = time;
        publishes.none();
        switch (c.kind()) {
            case SETTLE -> settle((Settle) c);
            case SETTLE_WITH -> {
                SettleWith s = (SettleWith) c;
                named = s.defer() == null ? 0 : number(s.defer().replyTo());
                aside.settles(s, notes, before);
            }
            case RECOVER -> {
                Recover r = (Recover) c;
                returned(ch -> ch.connection().equals(r.connection()) && ch.number() == r.channel());
            }
            case TAKE_BACK -> {
                TakeBack t = (TakeBack) c;
                LongPredicate sent = in(t.sent());
                letGo(t.consumer(), s -> !sent.test(s), notes.returned);
            }
            case CLOSE_CHANNEL -> {
                CloseChannel l = (CloseChannel) c;
                gone(ch -> ch.connection().equals(l.connection()) && ch.number() == l.channel());
            }
            case CLOSE_CONNECTION -> gone(ch -> ch.connection().equals(((CloseConnection) c).connection()));
            case NODE_UP -> gone(ch -> ch.connection().node().equals(((NodeUp) c).node()));
            case NODE_LOST -> gone(ch -> ch.connection().node().equals(((NodeLost) c).node()));
            case STORE_OFFSET -> storeOffset((StoreOffset) c);
            case PURGE_QUEUE -> named = number(((PurgeQueue) c).name());
            case BODY_PART -> publishes.part((BodyPart) c);
            case PUBLISH -> publishes.published((Publish) c, node, time, notes);
            case COMMIT_TX -> publishes.published(((CommitTx) c).publishes(), node, time, notes);
            default -> {}
        }
        if (c instanceof CommitTx tx) { // how, its reply tells
            settlesHeld = true;
            for (Settle s : tx.settles()) {
                settlesHeld &= ledger.hasAll(s);
                letGo(s.holder(), in(s.ranges()), notes.pending);
            }
        }
    }

    private long number(String queue) {
        return machine.queue("/", queue).isPresent() ? Machines.queueNumber(machine, queue) : 0;
    }

    /** Of a reader, as far as it is known that it is one. */
    private void storeOffset(StoreOffset s) {
        Clients.Taker t = clients.takers.get(s.consumer());
        List<BrokerView.ConsumerView> same = machine.consumers().stream()
                .filter(v -> v.connection().equals(t.channel.connection())
                        && v.channel() == t.channel.number()
                        && v.spec().equals(t.spec))
                .toList();
        boolean reads = !same.isEmpty()
                && same.stream()
                        .allMatch(v -> QueueArguments.isStream(
                                machine.queue("/", v.queue()).orElseThrow().spec()));
        if (reads) {
            notes.offsets.put(t.spec.tag(), s.offset());
        }
    }

    private static LongPredicate in(long[] ranges) {
        SeqRanges all = new SeqRanges();
        for (int i = 0; i < ranges.length; i += 2) {
            all.add(ranges[i], ranges[i + 1]);
        }
        return all::contains;
    }

    private void letGo(long holder, LongPredicate which, Map<Long, Set<Long>> to) {
        Ledger.Account a = ledger.of(holder);
        if (a != null) {
            EntryNotes.add(to, a.queue, ledger.letGo(holder, which));
        }
    }

    private void settle(Settle s) {
        letGo(s.holder(), in(s.ranges()), notes.settled(effective(s)));
    }

    /** Behind an error that has ended the channel it means nothing: what was sent comes again. */
    private Settle.Outcome effective(Settle s) {
        Ledger.Account a = ledger.of(s.holder());
        boolean isVoid = a != null && !a.noAck && s.outcome() != Settle.Outcome.RELEASE && clients.hasEnded(a.channel);
        return isVoid ? Settle.Outcome.REJECT_REQUEUE : s.outcome();
    }

    private void returned(Predicate<Clients.Channel> which) {
        ledger.of(which).forEach(h -> letGo(h, s -> true, notes.returned));
    }

    private void gone(Predicate<Clients.Channel> which) {
        returned(which);
        ledger.of(which).forEach(ledger::forget);
    }

    /** The command was carried out. */
    void after(Command c, Reply r) {
        Command command = c instanceof OnChannel on ? on.command() : c;
        switch (command.kind()) {
            case SETTLE_WITH -> aside.settled((SettleWith) command, r, named, notes, now);
            case GET -> aside.fetched((Get) command, r, notes, before, commands == 0, now);
            case SCHEDULE_MESSAGE -> scheduled((ScheduleMessage) command, r);
            case COMMIT_TX -> committed((CommitTx) command, r);
            case PURGE_QUEUE -> {
                if (r instanceof Reply.Removed n) {
                    notes.purged.merge(named, n.messages(), Long::sum);
                }
            }
            case CALL_OFF -> {
                if (r == Reply.OK) {
                    CallOff off = (CallOff) command;
                    if (off.id().isEmpty()) {
                        notes.calledOffNumbers.add(off.number());
                    } else {
                        notes.calledOff.add(off.id());
                    }
                }
            }
            case BIND_QUEUE -> notes.bound.add(((BindQueue) command).binding().source());
            case DECLARE_QUEUE, DECLARE_EXCHANGE, DELETE_QUEUE, DELETE_EXCHANGE -> notes.redeclared = true;
            case SET_POLICY, CLEAR_POLICY -> notes.policies = true;
            default -> {}
        }
        publishes.none();
        commands++;
    }

    private void scheduled(ScheduleMessage s, Reply r) {
        Published p = new Published(
                StoredMessage.of(
                        ByteReader.int64(s.record(), MessageRecord.bodyOffset(s.record(), 0)), s.record(), 0, 0),
                s.route(),
                false,
                true,
                false,
                s.id());
        p.operators = true;
        p.isVoid = !(r instanceof Reply.Scheduled);
        boolean isNew =
                before.scheduled.values().stream().noneMatch(w -> w.sid().equals(s.id()));
        boolean known = commands > 0 || p.isVoid;
        check(known || ((Reply.Scheduled) r).isNew() == isNew, s.id() + " is new: " + isNew + ", and is told " + r);
        notes.published.add(p);
    }

    private void committed(CommitTx tx, Reply r) {
        check(
                r != Reply.OK || settlesHeld || machine.level() < ALL_HELD,
                tx + " settles what is not held, and is committed");
        publishes.committed(r == Reply.OK);
        boolean ack = r == Reply.OK;
        for (Settle s : tx.settles()) {
            Settle.Outcome how = ack ? effective(s) : Settle.Outcome.REJECT_REQUEUE;
            Ledger.Account a = ledger.of(s.holder());
            if (a != null) {
                Set<Long> its = EntryNotes.of(notes.pending, a.queue);
                LongPredicate which = in(s.ranges());
                its.stream()
                        .filter(which::test)
                        .forEach(seq -> EntryNotes.add(notes.settled(how), a.queue, Set.of(seq)));
            }
        }
        notes.pending.clear();
    }

    void delivered(long holder, Clients.Channel channel, boolean noAck, Delivery d) {
        for (int i = 0; i < d.count(); i++) {
            StoredMessage m = message(d, i);
            check(m != null, "a delivery of " + (d.firstSeq() + i) + ", which never came");
            check(
                    d.attempts() <= tries.getOrDefault(d.chunk().queue(), Long.MAX_VALUE) || notes.policies,
                    "message " + m.id() + " is delivered after " + d.attempts() + " failures");
            check(now <= m.expires(), "message " + m.id() + " is delivered, and has expired at " + m.expires());
        }
        aside.delivered(d, notes, before);
        ledger.delivered(holder, channel, noAck, d);
        unread.add(d);
    }

    private StoredMessage message(Delivery d, int i) {
        return messages.getOrDefault(d.chunk().queue(), new TreeMap<>()).get(d.firstSeq() + i);
    }

    void timedOut(long holder, long lost) {
        ledger.late(holder, lost);
    }

    void unroutable(int ordinal) {
        publishes.at(ordinal).unroutable = true;
    }

    void publishing(int first, int end, long queue) {
        for (int i = first; i < end; i++) {
            Published p = publishes.at(i);
            check(p.landed.add(queue), p + " comes to queue " + queue + " twice");
        }
    }

    void replied(int ordinal) {
        publishes.at(ordinal).replied = true;
    }

    void refused(int ordinal, Reply.Rejected why) {
        publishes.refused(ordinal, why, notes);
    }

    /** An entry is applied and committed. */
    void entry(Replica replica) {
        try {
            Stored stored = new Stored(replica.store, replica.machine, messages);
            if (before == null) {
                before = stored;
            }
            ledger.settle(stored);
            stored.queues.values().forEach(q -> {
                long limit = q.settings.deliveryLimit();
                tries.merge(q.number, limit < 0 ? Long.MAX_VALUE : limit, Math::max);
            });
            read(replica.store, stored);
            AuditEntry e = new AuditEntry(
                    before, stored, notes, watch.takeArrivals(), watch.takeScheduled(), ledger, replica.machine, now);
            landLarge(e);
            checks.forEach(c -> c.look(e));
            before = stored;
            notes = new EntryNotes();
            commands = 0;
        } catch (AssertionError e) {
            throw new AssertionError("entry " + replica.index() + ": " + e.getMessage(), e);
        }
    }

    /** Of bodies in parts it is not told where they go. */
    private static void landLarge(AuditEntry e) {
        e.notes().published.stream().filter(p -> p.external && !p.later).forEach(p -> e.arrivals().stream()
                .filter(a -> !a.message().died() && a.message().id() == p.message.id())
                .forEach(a -> p.landed.add(a.queue())));
    }

    /** What was delivered is what came. */
    private void read(MessageStore store, Stored now) {
        for (Delivery d : unread) {
            ChunkBody body = store.load(d.chunk());
            for (int i = 0; body != null && i < d.count(); i++) {
                StoredMessage m = message(d, i);
                int at = body.at(d.from() + i);
                boolean there = now.queues.containsKey(d.chunk().queue())
                        && now.queues.get(d.chunk().queue()).live.containsKey(d.firstSeq() + i);
                check(!there || Bodies.id(store, body.bytes(), at) == m.id(), "wrong body of " + m.id());
            }
        }
        unread.clear();
    }
}
