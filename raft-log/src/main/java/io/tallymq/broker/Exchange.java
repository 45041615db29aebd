package io.tallymq.broker;

import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/** A declared exchange with the bindings from it and, from other exchanges, to it. */
final class Exchange {
    private final String vhost;
    private final String name;
    private final ExchangeSpec spec;
    private final ExchangeType type;
    private final BindingTable table;
    private final TreeSet<Binding> outgoing = new TreeSet<>();
    private final TreeSet<Binding> incoming = new TreeSet<>();
    private long visit;

    Exchange(String vhost, String name, ExchangeSpec spec) {
        this.vhost = vhost;
        this.name = name;
        this.spec = spec;
        this.type = ExchangeType.of(spec.type());
        this.table = type.newTable();
    }

    String vhost() {
        return vhost;
    }

    String name() {
        return name;
    }

    ExchangeSpec spec() {
        return spec;
    }

    ExchangeType type() {
        return type;
    }

    /** The bindings of which this exchange is the source. */
    SortedSet<Binding> outgoing() {
        return Collections.unmodifiableSortedSet(outgoing);
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

    void match(String routingKey, RouteSearch found) {
        table.match(routingKey, found);
    }

    /** True for the first call with this number: how a search visits each exchange once, whatever cycles there are. */
    boolean visit(long search) {
        boolean first = visit != search;
        visit = search;
        return first;
    }
}
