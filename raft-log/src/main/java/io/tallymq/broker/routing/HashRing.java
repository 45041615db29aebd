package io.tallymq.broker.routing;

import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.MessageProperties.Property;
import io.tallymq.broker.settings.ArgumentTable;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * x-consistent-hash: each message goes to one binding, chosen by a hash of its routing key, of a header or of a property. A binding's
 * key is its weight: how many points of the ring are its own. A binding that comes or goes moves what goes to its points and nothing
 * else, whatever the order in which they came.
 */
final class HashRing implements BindingTable {
    static final String HASH_HEADER = ArgumentTable.HASH_HEADER;
    static final String HASH_PROPERTY = "hash-property";

    /** Properties that may be hashed, as clients name them. */
    private static final Map<String, Property> PROPERTIES = new TreeMap<>(Map.of(
            "message_id", Property.MESSAGE_ID,
            "correlation_id", Property.CORRELATION_ID,
            "timestamp", Property.TIMESTAMP));

    /** Of 64: the points of a binding of weight 1, as long as all weights together leave room for so many. */
    private static final int POINTS_SHIFT = 6;
    /** Most points of a ring, beside one for each binding: what it takes to arrange it anew is bounded. */
    private static final int MOST_POINTS = 1 << 16;
    /** Most changes that wait for the next search. */
    private static final int AT_ONCE = 1_000;
    /** One of so many is looked up faster than it is found by going through all. */
    private static final int FEW = 16;
    /** Searches behind a change that look at all points: one who changes it again and again does not have it arranged each time. */
    static final int LOOKS = 16;
    /** The same where a look takes a walk through many bindings, and about as long as to arrange them. */
    private static final int LOOKS_AT_MANY = 2;
    /** More bindings than this are many. */
    static final int MANY = 500;
    /** Largest weight. */
    static final int MOST_WEIGHT = 10_000;

    private final String header;
    private final Property property;
    private final TreeSet<Binding> all = new TreeSet<>();
    /** Of these, what has died: it is left out before anything is chosen, for a replica that was restored does not have it. */
    private final List<Binding> lost = new ArrayList<>();
    /** How many of the dead are still to be removed. */
    private int dying;
    /** Of all of them. */
    private long weights;
    /** Some came since the ring was arranged, or went; each once, however often. Looked up, never gone through: what went. */
    private final Set<Binding> added = new LinkedHashSet<>();

    private final Set<Binding> removed = new LinkedHashSet<>();

    private HashPoints ring = HashPoints.NONE;
    private int arrangements;
    /** Searches since the last change. */
    private int looks;

    /** @param arguments of the exchange, for which {@link #refusal} was null */
    HashRing(Arguments arguments) {
        header = (String) arguments.get(HASH_HEADER);
        String named = (String) arguments.get(HASH_PROPERTY);
        property = named == null ? null : PROPERTIES.get(named);
    }

    /** Why an exchange can not hash by this; null when it can. */
    static Reply.Rejected refusal(Arguments arguments, String resource) {
        Object header = arguments.get(HASH_HEADER);
        Object on = arguments.get(ArgumentTable.HASH_ON);
        Object property = arguments.get(HASH_PROPERTY);
        String problem = null;
        if (header != null && property != null) {
            problem = "give one of '" + HASH_HEADER + "' and '" + HASH_PROPERTY + "', not both";
        } else if (on != null && property != null || header != null && on != null && !header.equals(on)) {
            problem = "give one of '" + HASH_HEADER + "', '" + HASH_PROPERTY + "' and '" + ArgumentTable.HASH_ON + "'";
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
        if (all.add(binding)) {
            weights += weight(binding.key().routingKey());
            added.add(binding);
            looks = 0;
            arrangeSome();
        }
    }

    @Override
    public void remove(Binding binding) {
        if (binding.dead) {
            dying--;
            if (dying == 0) {
                leaveOutDead();
            }
        } else if (all.remove(binding)) {
            left(binding);
            arrangeSome();
        }
    }

    private void left(Binding binding) {
        weights -= weight(binding.key().routingKey());
        added.remove(binding);
        removed.add(binding);
        looks = 0;
    }

    @Override
    public void lost(Binding binding) {
        if (binding.dead) { // one that is unbound is removed at once
            lost.add(binding);
            dying++;
        }
    }

    /** All of them at once, in one walk if they are many: a queue that goes may have had most of the bindings. */
    private void leaveOutDead() {
        if (lost.size() < all.size() / FEW) {
            lost.forEach(all::remove);
        } else if (!lost.isEmpty()) {
            all.removeIf(b -> b.dead);
        }
        lost.forEach(this::left);
        lost.clear();
    }

    @Override
    public void match(String routingKey, RouteSearch found) {
        leaveOutDead();
        if (all.isEmpty()) {
            return;
        }
        Object hashed = hashed(routingKey, found);
        if (hashed == null) {
            return; // the search has noted that it can't be answered without a message
        }
        found.ring(points());
        Binding owner = owner(RouteHash.ofValue(hashed), found.rings());
        if (owner != null) {
            found.follow(owner);
        }
    }

    private Binding owner(long hash, RingRoom room) {
        if (!isArranged() && (all.size() == 1 || looks < mostLooks())) {
            looks++;
            return HashPoints.owner(hash, shift(weights), all);
        }
        arrange();
        room.used(this);
        return ring.owner(hash);
    }

    /** To put a few into a ring that is there takes less than one look at many bindings. */
    private int mostLooks() {
        return all.size() <= MANY ? LOOKS : isAlmostArranged() ? 0 : LOOKS_AT_MANY;
    }

    private boolean isAlmostArranged() {
        return ring != HashPoints.NONE && shift(weights) == ring.shift() && added.size() <= all.size() / 4;
    }

    private boolean isArranged() {
        return ring != HashPoints.NONE && added.isEmpty() && removed.isEmpty();
    }

    /** The points are forgotten; who searches next finds them anew. */
    void giveUp() {
        ring = HashPoints.NONE;
        added.clear();
        removed.clear();
        looks = 0;
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

    /** No search waits for more than some changes. */
    private void arrangeSome() {
        if (added.size() + removed.size() >= AT_ONCE) {
            arrange();
        }
    }

    /**
     * Each binding's points depend on itself alone, and on how many points there may be for a weight: so that what others do moves nothing
     * of it, until all weights together are another power of two of the ring's room.
     */
    private void arrange() {
        leaveOutDead();
        if (isArranged()) {
            return;
        }
        arrangements++;
        ring = isAlmostArranged() ? ring.with(removed, added) : HashPoints.of(shift(weights), all);
        added.clear();
        removed.clear();
    }

    /** How often the ring was arranged. */
    int arrangements() {
        return arrangements;
    }

    /** Points of the ring as it was arranged last. */
    int size() {
        return ring.size();
    }

    /** A binding has its weight's points times two to this power. */
    private static int shift(long weights) {
        int shift = POINTS_SHIFT;
        while (shift > 0 && weights << shift > MOST_POINTS) {
            shift--;
        }
        while (shift <= 0 && weights >> -shift > MOST_POINTS) {
            shift--;
        }
        return shift;
    }

    /** About how many it has, arranged or not. */
    private long points() {
        int shift = shift(weights);
        return all.size() + (shift >= 0 ? weights << shift : weights >> -shift);
    }

    static long points(Binding b, int shift) {
        long weight = weight(b.key().routingKey());
        return weight == 0 ? 0 : shift >= 0 ? weight << shift : Math.max(1, weight >> -shift);
    }
}
