package io.tallymq.broker.routing;

import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.MessageProperties.Property;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * x-consistent-hash: each message goes to one binding, chosen by a hash of its routing key, of a header or of a property. A binding's
 * key is its weight: how many points of the ring are its own. A binding that comes or goes moves what goes to its points and nothing
 * else, whatever the order in which they came.
 */
final class HashRing implements BindingTable {
    static final String HASH_HEADER = "hash-header";
    static final String HASH_PROPERTY = "hash-property";

    /** Properties that may be hashed, as clients name them. */
    private static final Map<String, Property> PROPERTIES = new TreeMap<>(Map.of(
            "message_id", Property.MESSAGE_ID,
            "correlation_id", Property.CORRELATION_ID,
            "timestamp", Property.TIMESTAMP));

    /** Points of a binding of weight 1, as long as all weights together leave room for so many. */
    private static final int POINTS = 64;
    /** Most points of a ring: what it takes to arrange it anew is bounded. */
    private static final int MOST_POINTS = 1 << 16;
    /** Largest weight. */
    static final int MOST_WEIGHT = 10_000;

    private final String header;
    private final Property property;
    private final TreeSet<Binding> all = new TreeSet<>();
    /** Hashes, ascending, and whose each one is; null when they have to be arranged. */
    private long[] points;

    private Binding[] owners;

    /** @param arguments of the exchange, for which {@link #refusal} was null */
    HashRing(Arguments arguments) {
        header = (String) arguments.get(HASH_HEADER);
        String named = (String) arguments.get(HASH_PROPERTY);
        property = named == null ? null : PROPERTIES.get(named);
    }

    /** Why an exchange can not hash by this; null when it can. */
    static Reply.Rejected refusal(Arguments arguments, String resource) {
        Object header = arguments.get(HASH_HEADER);
        Object property = arguments.get(HASH_PROPERTY);
        String problem = null;
        if (header != null && property != null) {
            problem = "give one of '" + HASH_HEADER + "' and '" + HASH_PROPERTY + "', not both";
        } else if (header != null && !(header instanceof String)) {
            problem = "invalid arg '" + HASH_HEADER + "': the name of a header expected";
        } else if (property != null && !(property instanceof String s && PROPERTIES.containsKey(s))) {
            problem = "invalid arg '" + HASH_PROPERTY + "': message_id, correlation_id or timestamp expected";
        }
        return problem == null ? null : Reply.precondition(Reply.Reason.INVALID_ARGUMENT, problem + " for " + resource);
    }

    /** Why a binding can not have this key; null when it is a weight. */
    static Reply.Rejected refusalOfWeight(String key) {
        return weight(key) >= 0
                ? null
                : Reply.precondition(
                        Reply.Reason.INVALID_ARGUMENT,
                        "the binding key '" + key + "' of an x-consistent-hash exchange is its weight: 0 to "
                                + MOST_WEIGHT);
    }

    /** -1 for what is none. */
    private static int weight(String key) {
        if (key.isEmpty() || key.length() > 5) {
            return -1;
        }
        int weight = 0;
        for (int i = 0; i < key.length(); i++) {
            char c = key.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            weight = 10 * weight + c - '0';
        }
        return weight <= MOST_WEIGHT ? weight : -1;
    }

    @Override
    public void add(Binding binding) {
        all.add(binding);
        points = null;
    }

    @Override
    public void remove(Binding binding) {
        all.remove(binding);
        points = null;
    }

    @Override
    public void lost() {
        points = null;
    }

    @Override
    public void match(String routingKey, RouteSearch found) {
        if (all.isEmpty()) {
            return;
        }
        Object hashed = hashed(routingKey, found);
        if (hashed == null) {
            return; // the search has noted that it can't be answered without a message
        }
        if (points == null) {
            arrange();
        }
        if (points.length == 0) {
            return;
        }
        int at = Arrays.binarySearch(points, RouteHash.ofValue(hashed));
        int first = at >= 0 ? at : -at - 1;
        found.follow(owners[first % points.length]);
    }

    private Object hashed(String routingKey, RouteSearch found) {
        if (header == null && property == null) {
            return routingKey;
        }
        RoutedMessage m = found.message();
        if (m == null) {
            return null;
        }
        Object value = property != null ? m.property(property) : m.headers().get(header);
        return value == null ? "" : value;
    }

    /** Each binding's points depend on itself alone, so that what others do moves nothing of it. */
    private void arrange() {
        long weights = 0;
        List<Binding> live = all.stream().filter(b -> !b.dead).toList(); // a replica that was restored has no others
        for (Binding b : live) {
            weights += weight(b.key().routingKey());
        }
        int each = POINTS;
        while (each > 1 && weights * each > MOST_POINTS) {
            each /= 2;
        }
        record Point(long hash, Binding owner) {}
        TreeSet<Point> ring =
                new TreeSet<>((p, q) -> p.hash != q.hash ? Long.compare(p.hash, q.hash) : p.owner.compareTo(q.owner));
        for (Binding b : live) {
            long own = RouteHash.of((b.toQueue() ? "q" : "x") + b.key().destination());
            long weight = weight(b.key().routingKey());
            long n = weights * each <= MOST_POINTS ? weight * each : (weight * MOST_POINTS + weights - 1) / weights;
            for (long i = 0; i < n; i++) {
                ring.add(new Point(RouteHash.mix(own + RouteHash.mix(i + 1)), b));
            }
        }
        points = new long[ring.size()];
        owners = new Binding[ring.size()];
        int i = 0;
        for (Point p : ring) {
            points[i] = p.hash;
            owners[i++] = p.owner;
        }
    }
}
