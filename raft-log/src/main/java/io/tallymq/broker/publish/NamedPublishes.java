package io.tallymq.broker.publish;

import io.tallymq.broker.chunk.PublishRun;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.life.Connections;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.message.Terms;
import io.tallymq.broker.queue.Queue;
import io.tallymq.broker.queue.QueueArguments;
import io.tallymq.broker.receipts.Looks;
import io.tallymq.broker.receipts.Named;
import io.tallymq.broker.receipts.Outcome;
import io.tallymq.broker.receipts.Producer;
import io.tallymq.broker.receipts.Producers;
import io.tallymq.broker.spec.ClaimedPlace;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.RoutingTarget;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Publishes that have names, and those with conditions: what came before is confirmed and goes nowhere, what is too old, void or of somebody whose
 * place was taken is refused.
 */
final class NamedPublishes {
    /** What became before of a transaction's publishes is looked for with so many reads of the store at most; 64 neighbours of a producer are one. */
    private static final int MOST_LOOKS = 64;
    /** A transaction may bring so many producers of whom nothing is known: room for all is made at once, in place of others. */
    static final int MOST_NEWCOMERS = 500;

    private final Producers producers;
    private final Connections connections;
    private final Named named;
    private final Predicate<String> vhostIsThere;

    private PublishRun run;
    /** The producer in hand, and of which connection and id it was asked for; null: of none. */
    private Producer producer;

    private String vhost;
    private String producerId;
    private int origin;
    private Producer.By by;
    /** It may not publish as him unless the message says of which epoch it is. */
    private boolean isOlder;
    /** What the connection says of that; -1: nothing. */
    private long epoch;
    /** The message looked at last is of somebody whose place was taken. */
    private boolean fenced;
    /** It is noted that this entry uses him. */
    private boolean isUsed;
    /** Why the message looked at last is refused; null if it is not. */
    private Reply.Rejected refusal;
    /** Names, and the last number of each producer, of a transaction that is only looked at; null: of none. */
    private TreeSet<String> names;

    private final Map<String, Long> lasts = new TreeMap<>();
    /** Of a transaction: the first number of each producer of whom nothing is known yet. */
    private final Map<String, Long> firsts = new TreeMap<>();

    /** Of a transaction: producers that are not known, or asleep. It is of one virtual host. */
    private final TreeSet<String> newcomers = new TreeSet<>();
    /** And those of them that are asleep, by their ids. */
    private final TreeMap<String, Producer> asleep = new TreeMap<>();
    /** And those that are, as often as they publish in it. */
    private final List<Producer> known = new ArrayList<>();
    /** One of those that are not known has a number below the first that it brings: no matter, unless it may have been forgotten. */
    private boolean goesBack;

    /** What a transaction brings to queues, by their numbers. */
    private final Map<Long, Long> brings = new TreeMap<>();

    private int duplicates;
    /** Neither these nor those that reach no queue, which never count as come. */
    private int others;
    /** A name or an id stands twice in it. */
    private boolean isTwice;
    /** Some of the others, which may have reached no queue before. */
    private final List<Numbered> undecided = new ArrayList<>();

    private record Numbered(Producer producer, long seq) {}

    /** @param vhostIsThere whether there is a virtual host of that name, which stays */
    NamedPublishes(Producers producers, Connections connections, Named named, Predicate<String> vhostIsThere) {
        this.vhostIsThere = vhostIsThere;
        this.producers = producers;
        this.connections = connections;
        this.named = named;
    }

    Named named() {
        return named;
    }

    void begin(PublishRun r) {
        run = r;
        vhost = null;
        names = null;
    }

    /** A slice of the run begins, maybe on a replica that was restored behind the one before: what is looked for costs each as much. */
    void beginSlice() {
        vhost = null;
    }

    /** From now on the run is only looked at, as a transaction, or carried out. */
    void looks(boolean only) {
        names = only ? new TreeSet<>() : null;
        lasts.clear();
        firsts.clear();
        newcomers.clear();
        known.clear();
        asleep.clear();
        goesBack = false;
        brings.clear();
        duplicates = 0;
        others = 0;
        isTwice = false;
        undecided.clear();
        vhost = null;
    }

    /**
     * A transaction was looked at: why it may not come, or null. Then there is room for all producers that are new with it; its other ones keep their
     * places.
     */
    Reply.Rejected looked(Stamp entry) {
        Reply.Rejected partly = partlyDone();
        if (partly != null || newcomers.isEmpty()) {
            return partly;
        }
        if (newcomers.size() > MOST_NEWCOMERS) {
            return new Reply.Rejected(
                    506,
                    Reply.Reason.LIMIT,
                    "a transaction brings " + newcomers.size() + " producers that are not known, and may bring "
                            + MOST_NEWCOMERS + ": divide it");
        }
        if (goesBack && (producers.mayHaveLost(vhost) || producers.mayLose(newcomers.size()))) {
            return Reply.precondition(
                    Reply.Reason.TOO_OLD,
                    "a producer that may have been forgotten begins in this transaction with a number that is not its lowest: nothing of it was done");
        }
        known.forEach(p -> producers.used(p, entry.index(), entry.time(), null)); // no newcomer takes their places
        asleep.values().forEach(producers::renew);
        return producers.makeRoom(vhost, newcomers.size(), entry.time());
    }

    /** How much of it is there already. */
    private Reply.Rejected partlyDone() {
        return duplicates == 0 || !isTwice && (others == 0 || others == reachedNoQueue())
                ? null
                : Reply.precondition(
                        Reply.Reason.IN_USE,
                        duplicates + " of the transaction's " + (duplicates + others)
                                + " publishes came before, by their names or ids, or twice in it, and the others did not: nothing of it was done");
    }

    /** How many of the others came before and reached no queue then: they may come now. */
    private int reachedNoQueue() {
        Looks looks = new Looks();
        int n = 0;
        while (n < undecided.size()
                && looks.reads() <= MOST_LOOKS
                && looks.isUnroutable(undecided.get(n).producer, undecided.get(n).seq)) {
            n++;
        }
        return n;
    }

    /** The one of a transaction looked at last came before by its id, whether it has a name or not. */
    void cameBefore() {
        duplicates++;
        others--;
    }

    /** The one of a transaction looked at last has the id of another one of it. */
    void isTwice() {
        cameBefore();
        isTwice = true;
    }

    /** The one of a transaction looked at last has a name or an id, and reaches no queue: it may come as often as it likes. */
    void reachesNothing() {
        others--;
    }

    /** One of a transaction has no name. */
    void unnamed() {
        others++;
    }

    /** Whether a message that has a name came before; if not, {@link #refusal} tells whether it may come. */
    boolean isDuplicate(int i, Terms terms, Stamp entry) {
        refusal = null;
        find(i, terms.producer(), entry);
        long seq = terms.seq();
        long stated = terms.epoch() >= 0 ? terms.epoch() : epoch;
        fenced = producer != null && isFenced(stated);
        if (fenced) {
            refusal = new Reply.Rejected(406, Reply.Reason.FENCED, fencedText(stated));
        } else if (Producer.isForgotten(seq, lastKnown())) {
            refusal = new Reply.Rejected(
                    406,
                    Reply.Reason.TOO_OLD,
                    "number " + seq + " of producer '" + producerId + "' is too old: its last one is " + lastKnown()
                            + ", and whether this one came before is not known any more");
        } else if (Producer.isTooFar(seq, lastKnown())) {
            refusal = Producer.tooFar(producerId, seq, lastKnown());
        } else if (seq < knownSince(seq)) {
            refusal = new Reply.Rejected(
                    406,
                    Reply.Reason.TOO_OLD,
                    "number " + seq + " of producer '" + producerId + "' is too old: it was forgotten meanwhile,"
                            + " and whether what is below " + knownSince(seq) + " came before is not known any more");
        } else if (producer != null && producer.isVoid(seq)) {
            refusal = new Reply.Rejected(
                    406,
                    Reply.Reason.VOID,
                    "number " + seq + " of producer '" + producerId + "' was made void: it may not come");
        } else if (isNew()) {
            refusal = producers.refusal(vhost, entry.time());
            if (names != null) {
                newcomers.add(producerId);
            }
        }
        if (refusal == null && producer != null && producer.isDecided(seq)) {
            duplicates++;
            cameAgain(seq, entry);
            return true;
        }
        others++;
        return names != null && refusal == null && isTwice(seq);
    }

    /** Whether it takes a place when something of it comes. */
    private boolean isNew() {
        return producer == null || producer.isAsleep();
    }

    /** Who says of which epoch he is may publish in it from whatever connection; who does not, from those that are not older than it. */
    private boolean isFenced(long stated) {
        return stated >= 0 ? stated < producer.epoch() : isOlder;
    }

    private String fencedText(long stated) {
        String who = stated >= 0 ? "a publish of epoch " + stated : "this one";
        return "another connection took the place of producer '" + producerId + "' (epoch " + producer.epoch() + "): "
                + who + " may not publish as it any more";
    }

    /** Of a transaction: one name twice. */
    private boolean isTwice(long seq) {
        if (!names.add(vhost + '\0' + producerId + '\0' + seq)) {
            isTwice();
            return true;
        }
        return false;
    }

    /** Unless it is only looked at. */
    private void cameAgain(long seq, Stamp entry) {
        if (names == null) {
            producers.again(made(seq, entry), seq);
        }
    }

    private void used(Stamp entry) {
        if (names == null && !isUsed) {
            producers.used(producer, entry.index(), entry.time(), by);
            isUsed = true;
        }
    }

    private void find(int i, String wanted, Stamp entry) {
        Origins origins = run.origins();
        int from = origins.of(run.ordinal(i));
        String in = run.table()[run.route(i)].vhost();
        if (in.equals(vhost) && wanted.equals(producerId) && from == origin) {
            return;
        }
        vhost = in;
        producerId = wanted;
        origin = from;
        isUsed = false;
        producer = look();
        ConnectionId id = from < 0 ? null : origins.connection(from);
        by = id == null || id.isOperator() ? null : new Producer.By(id, connections.openedAt(id));
        isOlder = producer != null && by != null && producer.isFenced(by.opened());
        epoch = by == null ? -1 : ClaimedPlace.of(connections.infoOf(id)).epochOf(producerId);
        if (names != null && producer != null) {
            note(producer);
        }
    }

    private void note(Producer p) {
        if (p.isAsleep()) {
            asleep.put(producerId, p);
        } else {
            known.add(p);
        }
    }

    private Producer look() {
        Producer p = producers.look(vhost, producerId);
        if (p != null && p.isAsleep()) {
            named.read();
        }
        return p;
    }

    /** The lowest number of which it is known whether it came: this one if it is the first that comes of who may have been forgotten. */
    private long knownSince(long seq) {
        if (producer != null && !producer.begins()) {
            return producer.knownSince();
        }
        if (names == null) {
            return seq;
        }
        Long first = firsts.putIfAbsent(vhost + '\0' + producerId, seq);
        boolean past = producer != null
                || producers.mayHaveLost(vhost)
                || producers.mayLose(firsts.size()); // one of the transaction's own may take another one's place
        goesBack |= first != null && seq < first;
        return first == null || !past ? seq : first;
    }

    /** -1 for none, also behind what the transaction itself brings. */
    private long lastKnown() {
        Long foreseen = names == null ? null : lasts.get(vhost + '\0' + producerId);
        long last = producer == null ? -1 : producer.last();
        return foreseen == null ? last : Math.max(foreseen, last);
    }

    /** Why the message looked at last may not come; null when it may. */
    Reply.Rejected refusal() {
        return refusal;
    }

    /** Why a message's conditions are not met; null when they are. Those before it are placed. */
    Reply.Rejected unmet(int i, Terms terms, RoutingTarget[] targets) {
        if (terms.expectLast() >= 0) {
            long last = Math.max(0, lastKnown());
            if (!terms.hasName() || last != terms.expectLast()) {
                return new Reply.Rejected(
                        406,
                        Reply.Reason.CONDITION,
                        "the last number of producer '" + terms.producer() + "' is " + last + ", and x-expect-last is "
                                + terms.expectLast());
            }
        }
        for (int t = 0; terms.below() >= 0 && t < targets.length; t++) {
            Queue q = (Queue) targets[t];
            long ready = q.available() + q.lanes().buildingMessages() + brings.getOrDefault(q.number(), 0L);
            if (ready >= terms.below()) {
                return new Reply.Rejected(
                        406,
                        Reply.Reason.CONDITION,
                        QueueArguments.resource(q) + " has " + ready
                                + " messages ready, and x-expect-queue-length-below is " + terms.below());
            }
        }
        return null;
    }

    /** The message looked at last, of a transaction, will come. */
    void foreseen(Terms terms) {
        lasts.merge(vhost + '\0' + producerId, terms.seq(), Math::max);
        if (producer != null) {
            undecided.add(new Numbered(producer, terms.seq()));
        }
    }

    /** One of a transaction will come to these queues. */
    void comesTo(RoutingTarget[] targets) {
        for (RoutingTarget t : targets) {
            brings.merge(t.number(), 1L, Long::sum);
        }
    }

    /** The message looked at last has come, or is a duplicate of one without its name. */
    void decided(int i, Terms terms, Outcome outcome, Stamp entry) {
        named.decided(i, made(terms.seq(), entry), terms.seq(), outcome);
    }

    /** What became of the message looked at last: it is placed, or not. */
    void note(int i, Terms terms, Reply.Rejected why, boolean isPlaced, Stamp entry) {
        if (why == null && isPlaced) {
            decided(i, terms, Outcome.STORED, entry);
        } else {
            undecided(i, terms, why == null ? Outcome.UNROUTABLE : Outcome.REFUSED, why, entry);
        }
    }

    /** The message looked at last went nowhere, and may come again. */
    private void undecided(int i, Terms terms, Outcome outcome, Reply.Rejected why, Stamp entry) {
        if (fenced
                || isNew() && !(vhostIsThere.test(vhost) && producers.refusal(vhost, entry.time()) == null)
                || producer != null && isOver(terms.seq())) {
            return;
        }
        int code = why == null ? 0 : why.code();
        named.undecided(i, made(terms.seq(), entry), terms.seq(), outcome, code, why == null ? "" : why.text());
    }

    /** Whether nothing is to be noted of a number of who is known. */
    private boolean isOver(long seq) {
        return producer.isDecided(seq) || !producer.begins() && producer.isForgotten(seq);
    }

    private Producer made(long seq, Stamp entry) {
        if (isNew()) {
            long before = producers.evicted();
            producer = producers.add(vhost, producerId, entry.index(), entry.time());
            if (producers.evicted() > before) {
                named.read();
            }
        }
        producer.came(seq);
        used(entry);
        return producer;
    }
}
