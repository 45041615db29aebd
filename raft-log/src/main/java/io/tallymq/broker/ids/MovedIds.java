package io.tallymq.broker.ids;

import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageHeaders;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.receipts.MovedPlaces;
import io.tallymq.broker.receipts.Placed;
import java.util.List;
import java.util.function.ToLongBiFunction;

/** Tells what is known of ids where their messages are now. Costs nothing as long as no exchange remembers ids. */
public final class MovedIds {
    private static final String FIRST_EXCHANGE = "x-first-death-exchange";

    private final Ids ids;
    private final ToLongBiFunction<String, String> exchanges;
    private IdSet set;

    /** @param exchanges the number of an exchange by virtual host and name; 0 for none */
    public MovedIds(Ids ids, ToLongBiFunction<String, String> exchanges) {
        this.ids = ids;
        this.exchanges = exchanges;
    }

    /** Whether there is anything to tell. */
    public boolean concern() {
        return !ids.isEmpty();
    }

    /**
     * A message left a queue for others, or for nowhere.
     *
     * @param exchange where it was published, if it never died
     * @param from the queue's number, the name and the message's number there
     */
    public void moved(byte[] record, int at, String vhost, String exchange, Placed from, String why, List<Placed> to) {
        Kept was = find(record, at, vhost, exchange);
        MovedPlaces now = was == null ? null : MovedPlaces.of(was.places(), was.queues(), from, why, to, false);
        if (now != null) {
            ids.moved(set, was, now.queues(), now.places());
        }
    }

    /** A scheduled message has come to its queues. */
    public void released(byte[] record, int at, String vhost, String exchange, long number, List<Placed> to) {
        Kept was = find(record, at, vhost, exchange);
        if (was != null && was.scheduled() == number) {
            List<Placed> places = to.isEmpty() ? MovedPlaces.NOWHERE : to;
            ids.moved(set, was, places.size(), places);
        }
    }

    /** What is known of the id of a message; that it is this message which stands there the caller has to see. */
    private Kept find(byte[] record, int at, String vhost, String published) {
        set = ids.of(exchanges.applyAsLong(vhost, exchange(record, at, published)));
        byte[] id = set == null ? null : IdText.of(record, at, set.settings());
        return id == null || IdText.isNoneToUse(id) ? null : ids.find(set, id);
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
