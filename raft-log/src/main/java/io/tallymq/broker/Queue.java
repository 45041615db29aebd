package io.tallymq.broker;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A queue: its messages, who consumes them and who is next. */
final class Queue implements RoutingTarget {
    private final long number;
    private final String vhost;
    private final String name;
    private final QueueSpec spec;
    private final ConnectionId owner;
    final QueueLog log;
    private final TreeMap<Long, Holder> consumers = new TreeMap<>();
    private final TreeMap<Long, Holder> eligible = new TreeMap<>();
    private final TreeMap<Long, Holder> holders = new TreeMap<>();
    private long lastServed;
    private boolean hadConsumer;
    private long unacked;
    final QueueCounters counters = new QueueCounters();
    boolean dirty;
    boolean deleted;
    /** The chunk being made of the entry in hand, or null. */
    ChunkBuilder building;

    Queue(long number, Command.DeclareQueue d, MessageStore store, SharedBodies sharedBodies, MachineLimits limits) {
        this(
                number,
                d.vhost(),
                d.name(),
                d.spec(),
                d.spec().exclusive() ? d.connection() : null,
                new QueueLog(number, store, sharedBodies, limits));
    }

    private Queue(long number, String vhost, String name, QueueSpec spec, ConnectionId owner, QueueLog log) {
        this.number = number;
        this.vhost = vhost;
        this.name = name;
        this.spec = spec;
        this.owner = owner;
        this.log = log;
    }

    @Override
    public long number() {
        return number;
    }

    @Override
    public String vhost() {
        return vhost;
    }

    @Override
    public String name() {
        return name;
    }

    QueueSpec spec() {
        return spec;
    }

    /** The connection that alone may use it, or null. */
    ConnectionId owner() {
        return owner;
    }

    int consumerCount() {
        return consumers.size();
    }

    long unacked() {
        return unacked;
    }

    List<Holder> holders() {
        return new ArrayList<>(holders.values());
    }

    boolean hasExclusiveConsumer() {
        return consumers.values().stream().anyMatch(c -> c.spec().exclusive());
    }

    void addHolder(Holder h) {
        holders.put(h.number(), h);
        if (!h.isGetter()) {
            consumers.put(h.number(), h);
            hadConsumer = true;
        }
        refresh(h);
    }

    /** The consumer gets nothing more. */
    void cancel(Holder h) {
        h.cancelled = true;
        consumers.remove(h.number());
        eligible.remove(h.number());
    }

    void removeHolder(Holder h) {
        holders.remove(h.number());
    }

    /** The last consumer of an auto-delete queue has gone. */
    boolean isAbandoned() {
        return spec.autoDelete() && hadConsumer && consumers.isEmpty();
    }

    /** Notices a change of a holder's credit. */
    void refresh(Holder h) {
        if (h.isEligible()) {
            eligible.put(h.number(), h);
        } else {
            eligible.remove(h.number());
        }
    }

    /** Hands ready messages to consumers with credit, in turn. */
    void dispatch(Dirty work, Effects effects) {
        while (!eligible.isEmpty()) {
            Map.Entry<Long, Holder> next = eligible.higherEntry(lastServed);
            Holder h = (next != null ? next : eligible.firstEntry()).getValue();
            long most = eligible.size() == 1 ? h.credit : 1;
            Delivery d = assign(h, most, work);
            if (d == null) {
                return;
            }
            lastServed = h.number();
            h.credit -= d.count();
            refresh(h);
            effects.deliver(h, d);
        }
    }

    /** Gives the next ready messages, at most so many and all of one chunk, to a holder; null when none is ready. */
    Delivery assign(Holder h, long most, Dirty work) {
        Delivery d;
        if (log.hasReturned()) {
            QueueLog.Returned r = log.takeReturned(most);
            d = new Delivery(h.number(), r.chunk(), r.from(), r.to(), true, r.attempts());
            counters.redelivered += d.count();
        } else {
            Chunk c = log.chunkAtCursor();
            if (c == null) {
                return null;
            }
            int from = log.cursorIn(c);
            int n = (int) Math.min(most, c.count() - from);
            log.take(c, n);
            d = new Delivery(h.number(), c, from, from + n, false, 0);
        }
        h.held.add(d.firstSeq(), d.firstSeq() + d.count() - 1);
        unacked += d.count();
        counters.delivered += d.count();
        work.touched(this);
        work.touched(h);
        return d;
    }

    /** A holder lets go of messages, in one of several ways; those it does not hold are passed over. */
    void settle(Holder h, long from, long to, Command.Outcome outcome, Dirty work) {
        h.held.remove(from, to, (a, b) -> {
            long n = b - a + 1;
            unacked -= n;
            switch (outcome) {
                case ACK -> {
                    counters.acked += n;
                    log.settle(a, b);
                }
                case DISCARD -> log.settle(a, b);
                case NACK_REQUEUE -> log.giveBack(a, b, false);
                case REJECT_REQUEUE -> log.giveBack(a, b, true);
            }
            h.settled(n);
        });
        refresh(h);
        work.touched(this);
        work.touched(h);
    }

    /** The holder is gone; what it held is ready again. */
    void returnAll(Holder h, Command.Outcome how, Dirty work) {
        List<long[]> held = new ArrayList<>();
        h.held.forEach((a, b) -> held.add(new long[] {a, b}));
        held.forEach(r -> settle(h, r[0], r[1], how, work));
    }

    byte[] encodeSpec() {
        ByteWriter w = new ByteWriter(96);
        w.string(vhost).string(name).bool(spec.durable()).bool(spec.exclusive()).bool(spec.autoDelete());
        ArgumentsCodec.write(w, spec.arguments());
        w.bool(owner != null);
        if (owner != null) {
            w.string(owner.node()).int64(owner.number());
        }
        return w.toBytes();
    }

    static Queue decode(
            long number, byte[] value, MessageStore store, SharedBodies sharedBodies, MachineLimits limits) {
        ByteReader r = new ByteReader(value);
        String vhost = r.string();
        String name = r.string();
        QueueSpec spec = new QueueSpec(r.bool(), r.bool(), r.bool(), ArgumentsCodec.read(r));
        ConnectionId owner = r.bool() ? new ConnectionId(r.string(), r.int64()) : null;
        return new Queue(number, vhost, name, spec, owner, new QueueLog(number, store, sharedBodies, limits));
    }

    byte[] encodeState() {
        ByteWriter w = new ByteWriter(112);
        w.int64(lastServed).bool(hadConsumer);
        counters.encode(w);
        log.encode(w);
        return w.toBytes();
    }

    /** Restores what {@link #encodeState} wrote; the holders were decoded before. */
    void decodeState(byte[] value, List<Holder> restored) {
        ByteReader r = new ByteReader(value);
        lastServed = r.int64();
        hadConsumer = r.bool();
        counters.decode(r);
        for (Holder h : restored) {
            holders.put(h.number(), h);
            unacked += h.held.count();
            if (!h.isGetter() && !h.cancelled) {
                consumers.put(h.number(), h);
            }
            refresh(h);
        }
        log.decode(r, restored);
    }

    BrokerView.QueueInfo info() {
        long all = log.ready() + unacked;
        long readyBytes = all == 0 ? 0 : (long) ((double) log.chunkBytes() * log.ready() / all);
        return new BrokerView.QueueInfo(
                vhost, name, spec, owner, log.ready(), unacked, readyBytes, consumers.size(), counters.view());
    }

    void digest(StateDigest d) {
        d.add(number).add(encodeSpec()).add(lastServed).add(hadConsumer).add(unacked);
        counters.digest(d);
        log.digest(d);
        holders.values().forEach(h -> h.digest(d));
    }
}
