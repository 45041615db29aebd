package io.tallymq.broker.routing;

import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.settings.ArgumentRow.Owner;
import io.tallymq.broker.settings.ArgumentTable;
import io.tallymq.broker.settings.Deduplication;
import io.tallymq.broker.settings.ExchangeSettings;
import io.tallymq.broker.settings.PolicyTable;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.broker.spec.Governed;
import io.tallymq.broker.spec.PolicyInEffect;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** A declared exchange with the bindings from it and, from other exchanges, to it. */
public final class Exchange implements Governed {
    /** RabbitMQ's. */
    private static final long HISTORY_LENGTH = 20;

    private final long number;
    private final String vhost;
    private final String name;
    private final ExchangeSpec spec;
    private final ExchangeType type;
    private final BindingTable table;
    /** Null for most. */
    private Deduplication deduplication;

    private final TreeSet<Binding> outgoing = new TreeSet<>();
    private final TreeSet<Binding> incoming = new TreeSet<>();
    /** Bindings of {@link #outgoing} that are not dead. */
    private int live;

    /** Null for none. */
    private PolicyInEffect policy;

    private ExchangeSettings settings;

    private final ExchangeTraffic traffic = new ExchangeTraffic();
    private long visit;
    /** It is removed; its bindings may still stand in it. */
    boolean gone;

    /** @param number never reused: what tells it from an earlier exchange of this name */
    Exchange(long number, String vhost, String name, ExchangeSpec spec) {
        this.number = number;
        this.vhost = vhost;
        this.name = name;
        this.spec = spec;
        this.type = ExchangeType.of(spec.type()).routing(spec.arguments());
        this.table = type.newTable(spec.arguments());
        goBy(null);
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

    @Override
    public PolicyInEffect policy() {
        return policy;
    }

    void goBy(PolicyInEffect now) {
        policy = now;
        Arguments definition = now == null ? Arguments.NONE : now.definition();
        settings = ExchangeSettings.of(spec.arguments(), definition);
        Arguments all = PolicyTable.effective(Owner.EXCHANGE, spec.arguments(), definition);
        deduplication = type == ExchangeType.DEDUPLICATION ? Deduplication.by(all) : Deduplication.of(all);
    }

    ExchangeTraffic traffic() {
        return traffic;
    }

    public ExchangeSettings settings() {
        return settings;
    }

    /** How many of the last messages it keeps for new bindings; 0 for none. */
    public long historyLength() {
        if (type != ExchangeType.RECENT_HISTORY) {
            return 0;
        }
        return spec.arguments().get(ArgumentTable.HISTORY_LENGTH) instanceof Long n ? n : HISTORY_LENGTH;
    }

    /** What it remembers of messages that clients publish to it; null for nothing. */
    public Deduplication deduplication() {
        return deduplication;
    }

    ExchangeSpec spec() {
        return spec;
    }

    /** Whether it is of type x-delayed-message, by which letters wait. */
    public boolean isDelayed() {
        return ExchangeType.of(spec.type()) == ExchangeType.DELAYED_MESSAGE;
    }

    ExchangeType type() {
        return type;
    }

    /** The bindings of which this exchange is the source, the dead ones too. */
    SortedSet<Binding> outgoing() {
        return Collections.unmodifiableSortedSet(outgoing);
    }

    /** Those behind {@code b}, which need not be there any more. */
    Iterable<Binding> outgoingAfter(Binding b) {
        return outgoing.tailSet(b, false);
    }

    /** How many of them are not dead. */
    int live() {
        return live;
    }

    /** One of {@link #outgoing} has died. */
    void lost(Binding b) {
        live--;
        if (!gone) {
            table.lost(b);
        }
    }

    /** It is removed. */
    void goes(RingRoom rings) {
        gone = true;
        if (table instanceof HashRing ring) {
            rings.forget(ring);
        }
    }

    /** The bindings of which this exchange is the destination. */
    SortedSet<Binding> incoming() {
        return Collections.unmodifiableSortedSet(incoming);
    }

    /** False when it is there already. */
    boolean addOutgoing(Binding b) {
        boolean added = outgoing.add(b);
        if (added) {
            table.add(b);
            live++;
        }
        return added;
    }

    void removeOutgoing(Binding b) {
        if (outgoing.remove(b)) {
            table.remove(b);
        }
    }

    void addIncoming(Binding b) {
        incoming.add(b);
    }

    void removeIncoming(Binding b) {
        incoming.remove(b);
    }

    /** The binding that is equal to {@code b}, or null. */
    Binding find(Binding b) {
        Binding floor = outgoing.floor(b);
        return floor != null && floor.compareTo(b) == 0 ? floor : null;
    }

    /** @param more keys beside the message's own */
    void match(String routingKey, List<String> more, RouteSearch found) {
        table.match(routingKey, found);
        if (table.looksAtKeys()) {
            for (String key : more) {
                table.match(key, found);
            }
        }
    }

    /** The exchange that gets what no binding of this one matches; null for none. */
    String alternate() {
        Object declared = spec.arguments().get(ArgumentTable.ALTERNATE_EXCHANGE);
        if (!(declared instanceof String)) {
            declared = spec.arguments().get(ArgumentTable.X_ALTERNATE_EXCHANGE);
        }
        return declared instanceof String s
                ? s
                : policy == null ? null : (String) policy.definition().get(ArgumentTable.ALTERNATE_EXCHANGE);
    }

    /** True for the first call with this number: how a search visits each exchange once, whatever cycles there are. */
    boolean visit(long search) {
        boolean first = visit != search;
        visit = search;
        return first;
    }
}
