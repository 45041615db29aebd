package io.tallymq.broker.logs;

import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.Machines;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ArgumentsCodec;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.HeaderOverlay;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.SeqRanges;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.queue.QueueArguments;
import io.tallymq.broker.settings.Deduplication;
import io.tallymq.broker.settings.ExchangeSettings;
import io.tallymq.broker.settings.PolicyTable;
import io.tallymq.broker.settings.QueueSettings;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.store.MemoryStore;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** What a store has of messages and of what is remembered of them, read without the machine's help. */
final class Stored {
    /** Of a record of chunks to be taken out: behind its piece there are others. */
    private static final int OWED_PIECES = 2;
    /** Octets of a queue's state before its tagged fields. */
    private static final int STATE_BYTES = 106;
    /** Tag there: up to which departure a purge took what is not out, and octets. */
    private static final int VANISHING = 12;
    /** Tag there: how often it was purged while some rested or were aside. */
    private static final int PURGES = 9;
    /** Tag of what rests or is aside: how often its queue was purged before. */
    private static final int BEFORE = 1;
    /** Tag of what a holder has. */
    private static final int PURGED_AHEAD = 4;
    /** In a departure: of all connections, of all channels. */
    private static final long ALL = -1;

    /** One queue, by its messages' numbers. */
    static final class Queue {
        final long number;
        final BrokerView.QueueInfo info;
        final QueueSettings settings;
        final boolean stream;
        final TreeMap<Long, StoredMessage> live = new TreeMap<>();
        /** By who holds them, who left and has not given them back included. */
        final TreeMap<Long, TreeSet<Long>> held = new TreeMap<>();

        /** Of what holders have, what is gone when it comes back: they were assigned it ahead when the queue was purged. */
        final TreeMap<Long, TreeSet<Long>> purgedAhead = new TreeMap<>();

        /** As many of these nobody sees. */
        long unseen;

        final TreeSet<Long> dead = new TreeSet<>();
        final TreeSet<Long> resting = new TreeSet<>();
        /** What rested, was put aside or held by who had left, is gone, and is taken out by later entries. */
        final TreeSet<Long> purged = new TreeSet<>();
        /** What is put aside, and how. */
        final TreeMap<Long, Deferral> deferred = new TreeMap<>();
        /** Headers that settles added. */
        final TreeMap<Long, HeaderOverlay> overlays = new TreeMap<>();

        final TreeMap<String, Long> offsets = new TreeMap<>();
        private long purges;
        /** Messages of its first chunk that is there. */
        int firstChunk;

        Queue(long number, BrokerView.QueueInfo info) {
            this.number = number;
            this.info = info;
            this.stream = QueueArguments.isStream(info.spec());
            this.settings = QueueSettings.of(
                    info.policy() == null
                            ? info.spec().arguments()
                            : PolicyTable.effective(
                                    QueueArguments.owner(info.spec()),
                                    info.spec().arguments(),
                                    info.policy().definition()));
        }

        TreeSet<Long> allPurgedAhead() {
            TreeSet<Long> all = new TreeSet<>();
            purgedAhead.values().forEach(all::addAll);
            return all;
        }

        TreeSet<Long> allHeld() {
            TreeSet<Long> all = new TreeSet<>();
            held.values().forEach(all::addAll);
            return all;
        }

        /** What is to be had, or on its way back from somebody who left. */
        TreeSet<Long> free(TreeSet<Long> holders) {
            TreeSet<Long> free = new TreeSet<>(live.keySet());
            held.forEach((holder, its) -> {
                if (holders.contains(holder)) {
                    free.removeAll(its);
                }
            });
            free.removeAll(dead);
            free.removeAll(resting);
            free.removeAll(deferred.keySet());
            return free;
        }
    }

    /**
     * A message is put aside.
     *
     * @param due when it comes back by itself, milliseconds since the epoch; {@link Long#MAX_VALUE}: never
     */
    record Deferral(String token, long due, long bytes) {}

    /** An exchange, and what it goes by. */
    record Exchange(long number, String name, ExchangeSpec spec, ExchangeSettings settings) {
        Deduplication deduplication() {
            return spec.type().equals("x-message-deduplication")
                    ? Deduplication.by(spec.arguments())
                    : Deduplication.of(spec.arguments());
        }
    }

    final Map<Long, Queue> queues = new TreeMap<>();
    final Map<Long, Watch.Waiting> scheduled = new TreeMap<>();
    /** By owner: keys and when each expires (0: never), in their order. */
    final Map<Long, LinkedHashMap<String, Long>> seen = new TreeMap<>();

    /** By exchange: messages kept for new bindings. */
    final Map<Long, List<Long>> recent = new TreeMap<>();

    final Map<Long, Exchange> exchanges = new TreeMap<>();
    final BrokerView.Counters totals;

    private final MemoryStore store;

    /** @param messages of all chunks ever, by queue and number */
    Stored(MemoryStore store, BrokerMachine machine, Map<Long, TreeMap<Long, StoredMessage>> messages) {
        this.store = store;
        this.totals = machine.totals();
        for (BrokerView.QueueInfo i : machine.queues()) {
            long number = Machines.queueNumber(machine, i.name());
            queues.put(number, new Queue(number, i));
        }
        readChunks(messages);
        readHeld();
        readVanishing();
        ranges(Keys.DEAD, (q, first, last, r) -> add(q.dead, first, last));
        ranges(Keys.RESTING, (q, first, last, r) -> {
            r.varint();
            add(tag(r, BEFORE) == q.purges ? q.resting : q.purged, first, last);
        });
        readAside();
        readOffsets();
        readSchedule();
        readExchanges(machine);
        readMemories();
    }

    /** The exchange of this name; null for none. */
    Exchange exchange(String name) {
        return exchanges.values().stream()
                .filter(x -> x.name.equals(name))
                .findFirst()
                .orElse(null);
    }

    private static void add(TreeSet<Long> to, long first, long last) {
        for (long s = first; s <= last; s++) {
            to.add(s);
        }
    }

    Queue named(String name) {
        return queues.values().stream()
                .filter(q -> q.info.name().equals(name))
                .findFirst()
                .orElse(null);
    }

    private void readChunks(Map<Long, TreeMap<Long, StoredMessage>> messages) {
        Map<Long, List<long[]>> owed = new TreeMap<>();
        store.scan(Keys.of(Keys.OWED), (k, v) -> {
            ByteReader r = new ByteReader(v);
            boolean pieces = r.uint8() == OWED_PIECES;
            List<long[]> its = owed.computeIfAbsent(ByteReader.int64(k, 1), q -> new ArrayList<>());
            its.add(new long[] {r.int64(), r.int64()});
            for (long n = pieces ? r.varint() : 0; n > 0; n -= 2) {
                its.add(new long[] {r.varint(), r.varint()});
            }
        });
        readFarewells(owed);
        for (Queue q : queues.values()) {
            for (Chunk c : store.chunks(q.number, 0, Long.MAX_VALUE)) {
                boolean gone = owed.getOrDefault(q.number, List.of()).stream()
                        .anyMatch(o -> c.firstSeq() >= o[0] && c.firstSeq() < o[1]);
                if (!gone) {
                    q.firstChunk = q.firstChunk == 0 ? c.count() : q.firstChunk;
                    q.live.putAll(messages.get(q.number).subMap(c.firstSeq(), c.endSeq()));
                }
            }
        }
        store.scan(Keys.of(Keys.SETTLED), (k, v) -> {
            Queue q = queues.get(ByteReader.int64(k, 1));
            long first = ByteReader.int64(k, 9);
            if (q != null) {
                BitSet.valueOf(v).stream().forEach(i -> q.live.remove(first + i));
            }
        });
    }

    /** Of which nothing was delivered: they were purged, and are told of before they are taken out. */
    private void readFarewells(Map<Long, List<long[]>> owed) {
        store.scan(Keys.of(Keys.FAREWELL), (k, v) -> {
            ByteReader r = new ByteReader(v);
            boolean begun = r.bool();
            r.bool();
            r.uint8();
            r.string();
            r.string();
            if (!begun) {
                owed.computeIfAbsent(ByteReader.int64(k, 1), q -> new ArrayList<>())
                        .add(new long[] {ByteReader.int64(k, 9), r.int64()});
            }
        });
    }

    private void readHeld() {
        store.scan(Keys.of(Keys.HELD), (k, v) -> {
            Queue q = queues.get(ByteReader.int64(k, 1));
            if (q == null) {
                return;
            }
            ByteReader r = new ByteReader(v);
            r.bool();
            r.int64();
            r.int64();
            r.varint();
            r.varint();
            SeqRanges held = new SeqRanges();
            held.read(r);
            TreeSet<Long> its = new TreeSet<>();
            held.forEach((a, b) -> add(its, a, b));
            if (!its.isEmpty()) {
                q.held.put(ByteReader.int64(k, 9), its);
            }
            TaggedFields.readRecord(r, (tag, field) -> {
                if (tag == PURGED_AHEAD) {
                    SeqRanges purged = new SeqRanges();
                    purged.read(field);
                    purged.forEach((a, b) ->
                            add(q.purgedAhead.computeIfAbsent(ByteReader.int64(k, 9), h -> new TreeSet<>()), a, b));
                }
                return true;
            });
        });
        store.scan(Keys.of(Keys.HELD_BLOCK), (k, v) -> {
            Queue q = queues.get(ByteReader.int64(k, 1));
            SeqRanges some = new SeqRanges();
            some.read(new ByteReader(v));
            if (q != null) {
                TreeSet<Long> its = q.held.computeIfAbsent(ByteReader.int64(k, 9), h -> new TreeSet<>());
                some.forEach((a, b) -> add(its, a, b));
            }
        });
    }

    /** What a purge took of holders who had left is gone for everybody, and later entries take it out. */
    private void readVanishing() {
        Map<Long, byte[]> departures = new TreeMap<>();
        store.scan(Keys.of(Keys.LEAVING), (k, v) -> departures.put(ByteReader.int64(k, 1), v));
        Map<Long, Long> left = new TreeMap<>();
        store.scan(Keys.of(Keys.HOLDER), (k, v) -> {
            long holder = ByteReader.int64(k, 9);
            departures.forEach((number, d) -> {
                if (covers(d, holder, new ByteReader(v))) {
                    left.putIfAbsent(holder, number);
                }
            });
        });
        store.scan(Keys.of(Keys.QUEUE_STATE), (k, v) -> {
            Queue q = queues.get(ByteReader.int64(k, 1));
            byte[] fields = Arrays.copyOfRange(v, STATE_BYTES, v.length);
            if (q != null) {
                q.purges = tag(new ByteReader(fields), PURGES);
            }
            long upTo = tag(new ByteReader(fields), VANISHING);
            if (q != null && upTo > 0) {
                List<Long> gone = q.held.keySet().stream()
                        .filter(h -> left.getOrDefault(h, Long.MAX_VALUE) <= upTo)
                        .toList();
                gone.forEach(h -> q.purged.addAll(q.held.remove(h)));
                q.purgedAhead.keySet().removeAll(gone);
            }
        });
        store.scan(Keys.of(Keys.HOLDER), (k, v) -> {
            Queue q = queues.get(ByteReader.int64(k, 1));
            long holder = ByteReader.int64(k, 9);
            if (q != null && q.purgedAhead.containsKey(holder)) {
                long its = q.purgedAhead.get(holder).size();
                q.unseen += left.containsKey(holder)
                        ? its
                        : Math.min(its, Math.max(0, q.held.get(holder).size() - prefetch(new ByteReader(v))));
            }
        });
    }

    private static int prefetch(ByteReader holder) {
        holder.string();
        holder.int64();
        holder.uint16();
        holder.bool();
        holder.string();
        holder.bool();
        holder.bool();
        return holder.int32();
    }

    /** Whether the holder of this record went by that departure. */
    private static boolean covers(byte[] departure, long number, ByteReader holder) {
        ByteReader d = new ByteReader(departure);
        boolean node = d.string().equals(holder.string());
        long connection = d.int64();
        long channel = d.int64();
        boolean its = connection == ALL || connection == holder.int64();
        return node && its && (channel == ALL || channel == holder.uint16()) && number < d.int64();
    }

    /** The number with which the value of a tag begins; 0 without it. */
    private static long tag(ByteReader r, int wanted) {
        long[] found = {0};
        TaggedFields.readRecord(r, (tag, field) -> {
            if (tag == wanted) {
                found[0] = field.varint();
            }
            return true;
        });
        return found[0];
    }

    private interface Range {
        void is(Queue q, long first, long last, ByteReader rest);
    }

    private void ranges(byte type, Range to) {
        store.scan(Keys.of(type), (k, v) -> {
            Queue q = queues.get(ByteReader.int64(k, 1));
            ByteReader r = new ByteReader(v);
            long first = ByteReader.int64(k, 9);
            if (q != null) {
                to.is(q, first, first + r.varint(), r);
            }
        });
    }

    private void readAside() {
        store.scan(Keys.of(Keys.DEFERRED), (k, v) -> {
            Queue q = queues.get(ByteReader.int64(k, 1));
            if (q != null) {
                ByteReader r = new ByteReader(v);
                long due = r.varint();
                long bytes = r.varint();
                Deferral d = new Deferral(r.string(), due == 0 ? Long.MAX_VALUE : due, bytes);
                long seq = ByteReader.int64(k, 9);
                if (tag(r, BEFORE) == q.purges) {
                    q.deferred.put(seq, d);
                } else {
                    q.purged.add(seq);
                }
            }
        });
        store.scan(Keys.of(Keys.OVERLAY), (k, v) -> {
            Queue q = queues.get(ByteReader.int64(k, 1));
            if (q != null) {
                q.overlays.put(ByteReader.int64(k, 9), new HeaderOverlay(new ByteReader(v).bytes()));
            }
        });
        for (Queue q : queues.values()) {
            q.live.keySet().removeAll(q.purged);
            q.overlays.keySet().removeAll(q.purged);
        }
    }

    private void readOffsets() {
        store.scan(Keys.of(Keys.STREAM_OFFSET), (k, v) -> {
            Queue q = queues.get(ByteReader.int64(k, 1));
            if (q != null) {
                q.offsets.put(new String(k, 9, k.length - 9, StandardCharsets.UTF_8), new ByteReader(v).varint());
            }
        });
    }

    private void readSchedule() {
        store.scan(Keys.of(Keys.SCHEDULE), (k, v) -> {
            long number = ByteReader.int64(k, 9);
            byte[] value = store.get(Keys.of(Keys.SCHEDULED, number));
            scheduled.put(number, Watch.waiting(store, number, value));
        });
    }

    private void readExchanges(BrokerMachine machine) {
        Map<String, Arguments> policies = new TreeMap<>();
        machine.exchanges()
                .forEach(x -> policies.put(
                        x.name(),
                        x.policy() == null ? Arguments.NONE : x.policy().definition()));
        store.scan(Keys.of(Keys.EXCHANGE), (k, v) -> {
            ByteReader r = new ByteReader(v);
            long number = r.int64();
            r.string();
            String name = r.string();
            ExchangeSpec spec = new ExchangeSpec(r.string(), r.bool(), r.bool(), r.bool(), ArgumentsCodec.read(r));
            ExchangeSettings settings = ExchangeSettings.of(spec.arguments(), policies.get(name));
            exchanges.put(number, new Exchange(number, name, spec, settings));
        });
    }

    private void readMemories() {
        Map<Long, Long> forgotten = new TreeMap<>();
        store.scan(Keys.of(Keys.SEEN), (k, v) -> {
            long owner = ByteReader.int64(k, 1);
            long place = ByteReader.int64(k, 9);
            ByteReader r = new ByteReader(v);
            String key = r.string();
            if (place == 0) {
                forgotten.put(owner, r.varint());
            } else if (place >= forgotten.getOrDefault(owner, 0L)
                    && (queues.containsKey(owner) || exchanges.containsKey(owner))) {
                seen.computeIfAbsent(owner, o -> new LinkedHashMap<>()).put(key, r.varint());
            }
        });
        store.scan(Keys.of(Keys.RECENT), (k, v) -> {
            ByteReader r = new ByteReader(v);
            Route route = new Route(r.string(), r.string(), r.string());
            StoredMessage m = StoredMessage.of(store, r.bytes(), 0, 0);
            long owner = ByteReader.int64(k, 1);
            if (exchanges.containsKey(owner) && route.exchange().equals(exchanges.get(owner).name)) {
                recent.computeIfAbsent(owner, o -> new ArrayList<>()).add(m.id());
            }
        });
    }
}
