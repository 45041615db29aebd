package io.tallymq.broker.logs;

import io.tallymq.broker.command.Settle;
import io.tallymq.broker.effect.Delivery;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongPredicate;
import java.util.function.Predicate;

/** Who holds what, as deliveries and settles tell; behind each entry it has to be what the store says. */
final class Ledger {
    /** What one holder has of a queue. */
    static final class Account {
        final long queue;
        final Clients.Channel channel;
        final boolean noAck;
        final TreeSet<Long> has = new TreeSet<>();
        /** So many of them it has lost because it took too long; which is not told. */
        long late;
        /** It takes what is put aside, which it may beside a single active consumer. */
        boolean takes;

        Account(long queue, Clients.Channel channel, boolean noAck) {
            this.queue = queue;
            this.channel = channel;
            this.noAck = noAck;
        }
    }

    private final Map<Long, Account> accounts = new TreeMap<>();

    /** Who holds the message, 0 for nobody. */
    long holder(long queue, long seq) {
        for (Map.Entry<Long, Account> e : accounts.entrySet()) {
            if (e.getValue().queue == queue && e.getValue().has.contains(seq)) {
                return e.getKey();
            }
        }
        return 0;
    }

    /** What a holder has; null if it never had anything. */
    Account of(long holder) {
        return accounts.get(holder);
    }

    /** Whether all that is settled is held. */
    boolean hasAll(Settle s) {
        Account a = accounts.get(s.holder());
        boolean all = a != null;
        for (int i = 0; i < s.ranges().length && all; i += 2) {
            long length = s.ranges()[i + 1] - s.ranges()[i] + 1;
            all = a.has.subSet(s.ranges()[i], true, s.ranges()[i + 1], true).size() == length;
        }
        return all;
    }

    /** Those of some channels. */
    List<Long> of(Predicate<Clients.Channel> which) {
        return accounts.entrySet().stream()
                .filter(e -> which.test(e.getValue().channel))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** Those who hold something, or have. */
    TreeSet<Long> holders() {
        return new TreeSet<>(accounts.keySet());
    }

    void delivered(long holder, Clients.Channel channel, boolean noAck, Delivery d) {
        Account a = accounts.computeIfAbsent(holder, h -> new Account(d.chunk().queue(), channel, noAck));
        for (int i = 0; i < d.count(); i++) {
            long seq = d.firstSeq() + i;
            long other = holder(a.queue, seq);
            if (other != 0) {
                Account had = accounts.get(other);
                check(
                        had.late-- > 0,
                        seq + " of queue " + a.queue + " goes to " + holder + ", and " + other + " has it");
                had.has.remove(seq);
            }
            a.has.add(seq);
        }
    }

    void late(long holder, long messages) {
        accounts.get(holder).late += messages;
    }

    /** The holder lets go of some. Returns which these are. */
    TreeSet<Long> letGo(long holder, LongPredicate which) {
        TreeSet<Long> some = new TreeSet<>();
        Account a = accounts.get(holder);
        if (a != null) {
            a.has.stream().filter(which::test).forEach(some::add);
            a.has.removeAll(some);
        }
        return some;
    }

    /** The holder is gone. */
    void forget(long holder) {
        accounts.remove(holder);
    }

    /** Compares with the store, and takes over which ones were late. Who is not known here has left. */
    void settle(Stored now) {
        accounts.values().removeIf(a -> !now.queues.containsKey(a.queue));
        accounts.forEach((holder, a) -> {
            TreeSet<Long> stored = now.queues.get(a.queue).held.getOrDefault(holder, new TreeSet<>());
            check(a.has.containsAll(stored), holder + " is to have " + a.has + ", and has " + stored);
            TreeSet<Long> lost = new TreeSet<>(a.has);
            lost.removeAll(stored);
            check(lost.size() == a.late, holder + " has lost " + lost + ", and was late with " + a.late);
            a.has.removeAll(lost);
            a.late = 0;
        });
    }

    static void check(boolean ok, String what) {
        if (!ok) {
            throw new AssertionError(what);
        }
    }
}
