package io.tallymq.broker.ids;

import io.tallymq.broker.receipts.Whereabouts;
import io.tallymq.broker.view.IdReceipt;
import io.tallymq.broker.view.IdsView;
import io.tallymq.broker.view.Receipt;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.ToLongBiFunction;

/** What is told of publishes that have ids. */
public final class IdAnswers implements IdsView {
    private final Ids ids;
    private final ToLongBiFunction<String, String> exchanges;
    private final LongSupplier applied;
    private final LongSupplier clock;
    private final Whereabouts queues;

    /**
     * Made once.
     *
     * @param exchanges the number of an exchange by virtual host and name; 0 for none
     * @param applied index of the last entry that is applied
     * @param clock the state's time, milliseconds since the epoch
     */
    public IdAnswers(
            Ids ids,
            ToLongBiFunction<String, String> exchanges,
            LongSupplier applied,
            LongSupplier clock,
            Whereabouts queues) {
        this.ids = ids;
        this.exchanges = exchanges;
        this.applied = applied;
        this.clock = clock;
        this.queues = queues;
    }

    @Override
    public IdReceipt receipt(String vhost, String exchange, String id) {
        IdSet set = ids.of(exchanges.applyAsLong(vhost, exchange));
        if (set == null) {
            return null;
        }
        long now = clock.getAsLong();
        Kept there = IdText.isId(id) ? ids.find(set, IdText.octets(id)) : null;
        Kept k = ids.isKnown(set, there, now) ? there : null;
        List<Receipt.Place> places = k == null
                ? List.of()
                : k.scheduled() > 0
                        ? List.of(queues.waiting())
                        : k.places().stream().map(queues::now).toList();
        return new IdReceipt(
                vhost,
                exchange,
                id,
                k == null ? "unseen" : k.isVoid() ? "void" : "stored",
                k != null,
                k == null
                        ? null
                        : new Receipt.Entry(
                                k.entry().term(), k.entry().index(), k.entry().time()),
                k == null ? 0 : k.queues(),
                places,
                k == null ? 0 : k.duplicates(),
                set.knownBehind(now),
                set.settings().window(),
                applied.getAsLong());
    }

    @Override
    public IdReceipt receipt(String vhost, String exchangeAndId) {
        for (int dot = exchangeAndId.lastIndexOf('.'); dot > 0; dot = exchangeAndId.lastIndexOf('.', dot - 1)) {
            String exchange = exchangeAndId.substring(0, dot);
            if (ids.of(exchanges.applyAsLong(vhost, exchange)) != null && dot + 1 < exchangeAndId.length()) {
                return receipt(vhost, exchange, exchangeAndId.substring(dot + 1));
            }
        }
        return null;
    }

    @Override
    public long count() {
        return ids.count();
    }
}
