package io.tallymq.broker.ids;

import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageHeaders;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.receipts.MovedPlaces;
import io.tallymq.broker.receipts.Placed;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongBiFunction;

/**
 * Tells what is known of ids where their messages are now. Costs nothing as long as no exchange remembers ids. What a run moves is looked for while it is
 * placed, since that is work by which a run is cut, and told of when all of it has its place.
 */
public final class MovedIds {
    private static final String FIRST_EXCHANGE = "x-first-death-exchange";

    /** What was known of an id when it was looked for: others of the run may be of the same. */
    private record Sought(IdSet set, Kept was) {}

    private final Ids ids;
    private final ToLongBiFunction<String, String> exchanges;
    /** Of the run in hand, by message. */
    private final Map<Integer, Sought> sought = new TreeMap<>();

    private IdSet set;
    /** Of having looked for an id. */
    private int work;

    /** @param exchanges the number of an exchange by virtual host and name; 0 for none */
    public MovedIds(Ids ids, ToLongBiFunction<String, String> exchanges) {
        this.ids = ids;
        this.exchanges = exchanges;
    }

    /** Whether there is anything to tell. */
    public boolean concern() {
        return !ids.isEmpty();
    }

    /** Another run begins. */
    public void begin() {
        sought.clear();
    }

    /**
     * Message {@code i} of the run leaves where it is.
     *
     * @param exchange where it was published, if it never died
     * @return units of publishes' work of looking for its id, and of telling of it
     */
    public int leaves(int i, byte[] record, int at, String vhost, String exchange) {
        Kept was = find(record, at, vhost, exchange);
        if (was != null) {
            sought.put(i, new Sought(set, was));
        }
        return work;
    }

    /**
     * Message {@code i} left a queue for others, or for nowhere.
     *
     * @param from the queue's number, the name and the message's number there
     * @param to the first of the queues where it stands
     * @param all how many these are
     * @param waits the number that it has as long as it is kept for later at an exchange; 0: it is not
     */
    public void moved(int i, Placed from, String why, List<Placed> to, int all, long waits) {
        Sought its = sought.get(i);
        if (its != null) {
            Kept was = ids.now(its.set, its.was);
            List<Placed> next = waits == 0 ? to : List.of(Placed.waiting(waits));
            moved(its.set, was, MovedPlaces.of(was.places(), was.queues(), from, why, next, all, false));
        }
    }

    /** @param now null: it was not known to stand there */
    private void moved(IdSet its, Kept was, MovedPlaces now) {
        if (now != null) {
            ids.moved(its, was, now.queues(), now.places());
        }
    }

    /**
     * Message {@code i}, which waited for its time, has come to its queues.
     *
     * @param to the first ones
     * @param all how many these are
     */
    public void released(int i, long number, List<Placed> to, int all) {
        Sought its = sought.get(i);
        if (its != null) {
            released(its.set, ids.now(its.set, its.was), number, to.isEmpty() ? MovedPlaces.NOWHERE : to, all);
        }
    }

    /** A scheduled message never comes. Returns the units of publishes' work. */
    public int calledOff(byte[] record, String vhost, String exchange, long number, String why) {
        Kept was = find(record, 0, vhost, exchange);
        if (was != null) {
            released(set, was, number, MovedPlaces.nowhere(why), 1);
        }
        return work;
    }

    private void released(IdSet its, Kept was, long number, List<Placed> to, int all) {
        if (was.scheduled() == number) {
            ids.moved(its, was, Math.max(1, all), to);
        } else { // one of its copies, as a dead letter
            moved(its, was, MovedPlaces.ofLetter(was.places(), was.queues(), number, to, all));
        }
    }

    /** What is known of the id of a message; that it is this message which stands there the caller has to see. */
    private Kept find(byte[] record, int at, String vhost, String published) {
        set = ids.of(exchanges.applyAsLong(vhost, exchange(record, at, published)));
        byte[] id = set == null ? null : IdText.of(record, at, set.settings());
        work = 0;
        if (id == null || IdText.isNoneToUse(id)) {
            return null;
        }
        Kept was = ids.find(set, id);
        work = ids.work(set, was);
        return was;
    }

    private static String exchange(byte[] record, int at, String published) {
        if (!Extension.of(record, at).died()) {
            return published;
        }
        Object first = MessageHeaders.decode(
                        record, MessageRecord.propertiesOffset(record, at), MessageRecord.propertiesLength(record, at))
                .get(FIRST_EXCHANGE);
        return first instanceof String x ? x : published;
    }
}
