package io.tallymq.broker.logs;

import io.tallymq.broker.command.Settle;
import io.tallymq.broker.message.HeaderOverlay;
import io.tallymq.broker.message.Route;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What the commands of one entry did, as far as replies and effects tell. */
final class EntryNotes {
    /** What became of a message that a client published. */
    static final class Published {
        final StoredMessage message;
        final Route route;
        final boolean mandatory;
        /** Its time is still to come. */
        final boolean later;

        final boolean external;
        /** Its publisher's name for what waits, empty for none. */
        final String sid;
        /** The channel had ended, or its transaction is refused: nothing may become of it. */
        boolean isVoid;

        /** An operator's message for later: no client's, and no duplicate of one. */
        boolean operators;

        boolean refused;
        boolean unroutable;
        boolean replied;
        final Set<Long> landed = new TreeSet<>();

        Published(StoredMessage message, Route route, boolean mandatory, boolean later, boolean external, String sid) {
            this.message = message;
            this.route = route;
            this.mandatory = mandatory;
            this.later = later;
            this.external = external;
            this.sid = sid;
        }

        /** Nothing was told of it. */
        boolean isSilent() {
            return !isVoid && !refused && !unroutable && !replied && landed.isEmpty();
        }

        @Override
        public String toString() {
            return "message " + message.id() + " to " + route;
        }
    }

    final List<Published> published = new ArrayList<>();
    /** Messages that their holders acked, by queue. */
    final Map<Long, Set<Long>> acked = new TreeMap<>();
    /** Those that are not to come again. */
    final Map<Long, Set<Long>> discarded = new TreeMap<>();
    /** Those that go back. */
    final Map<Long, Set<Long>> returned = new TreeMap<>();

    /** Those of a transaction that is not answered yet. */
    final Map<Long, Set<Long>> pending = new TreeMap<>();

    /** How many a purge took out. */
    final Map<Long, Long> purged = new TreeMap<>();
    /** By name: messages that a queue had no room for, and that go to its dead letters if it has any. */
    final Map<String, List<StoredMessage>> refusedBy = new TreeMap<>();
    /** The newest headers that settles added to messages, by queue and number. */
    final Map<Long, Map<Long, HeaderOverlay>> overlays = new TreeMap<>();
    /** How messages were put aside, and until when if they do not expire before. */
    final Map<Long, Map<Long, Stored.Deferral>> deferred = new TreeMap<>();
    /** Messages that somebody took by their tokens. */
    final Map<Long, Set<Long>> taken = new TreeMap<>();
    /** Numbers of messages that tell of tokens, by the queues that are told. */
    final Map<Long, List<Long>> told = new TreeMap<>();
    /** Names of what waited and was called off. */
    final Set<String> calledOff = new TreeSet<>();

    final Set<Long> calledOffNumbers = new TreeSet<>();
    /** Exchanges that got new bindings. */
    final Set<String> bound = new TreeSet<>();
    /** How far readers of streams said they are, by their names. */
    final Map<String, Long> offsets = new TreeMap<>();
    /** Queues and exchanges may have become others in the middle of it. */
    boolean redeclared;
    /** What queues and exchanges go by may have changed in the middle of it. */
    boolean policies;

    /** Where messages belong that are settled so. */
    Map<Long, Set<Long>> settled(Settle.Outcome how) {
        return switch (how) {
            case ACK -> acked;
            case DISCARD -> discarded;
            case NACK_REQUEUE, REJECT_REQUEUE, RELEASE -> returned;
        };
    }

    static void add(Map<Long, Set<Long>> to, long queue, Set<Long> seqs) {
        if (!seqs.isEmpty()) {
            to.computeIfAbsent(queue, q -> new TreeSet<>()).addAll(seqs);
        }
    }

    static Set<Long> of(Map<Long, Set<Long>> all, long queue) {
        return all.getOrDefault(queue, Set.of());
    }
}
