package io.tallymq.broker.receipts;

import io.tallymq.broker.spec.ReceiptName;
import io.tallymq.broker.view.Receipt;
import io.tallymq.broker.view.ReceiptsView;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;

/** What is told of publishes that have names. */
public final class Answers implements ReceiptsView {
    /** Most gaps of a producer that are told: the first ones. */
    private static final int MOST_GAPS = 100;

    private final Producers producers;
    private final LongSupplier applied;
    private final Whereabouts queues;

    /** @param applied index of the last entry that is applied */
    public Answers(Producers producers, LongSupplier applied, Whereabouts queues) {
        this.applied = applied;
        this.producers = producers;
        this.queues = queues;
    }

    @Override
    public Receipt receipt(String vhost, String id, long seq) {
        Producer p = producers.look(vhost, id);
        if (p == null) {
            return told(vhost, id, seq, producers.mayHaveLost(vhost) ? Outcome.FORGOTTEN : Outcome.UNSEEN, null, null);
        }
        Note note = p.isForgotten(seq) ? null : p.noteOf(seq);
        return told(vhost, id, seq, note == null ? withoutNote(p, seq) : note.outcome(), p, note);
    }

    /** Of one that was forgotten it stays known which numbers are decided, and not what became of them. */
    private static Outcome withoutNote(Producer p, long seq) {
        if (p.isVoid(seq)) {
            return Outcome.VOID;
        }
        return p.isForgotten(seq) || p.isDecided(seq) ? Outcome.FORGOTTEN : Outcome.UNSEEN;
    }

    private Receipt told(String vhost, String id, long seq, Outcome outcome, Producer p, Note note) {
        List<Receipt.Place> places = new ArrayList<>();
        if (note != null && outcome == Outcome.STORED && note.places().isEmpty()) {
            places.add(queues.waiting());
        } else if (note != null) {
            Placed.next(note.places(), seq - note.base()).forEach(at -> places.add(queues.now(at)));
        }
        return new Receipt(
                vhost,
                id,
                seq,
                name(outcome),
                outcome.isFinal(),
                p == null ? 0 : p.epoch(),
                p == null ? -1 : p.last(),
                note == null ? null : new Receipt.Entry(note.term(), note.index(), note.time()),
                note == null ? 0 : note.code(),
                note == null ? "" : note.text(),
                note == null ? 0 : note.queues(),
                places,
                p == null ? 0 : p.repeats(seq),
                applied.getAsLong(),
                producers.forgottenUntil(vhost));
    }

    private static String name(Enum<?> of) {
        return of.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public ReceiptName named(String vhost, String queue) {
        ReceiptName whole = ReceiptName.ofProducer(queue);
        return producers.look(vhost, whole.producer()) != null ? whole : ReceiptName.read(queue);
    }

    @Override
    public Receipt.ProducerView producer(String vhost, String id) {
        Producer p = producers.look(vhost, id);
        return p == null ? null : view(p);
    }

    @Override
    public List<Receipt.ProducerView> producers(String vhost, String after, int most) {
        return producers.after(vhost, after, most).stream().map(this::view).toList();
    }

    @Override
    public int count() {
        return producers.count();
    }

    @Override
    public long past() {
        return producers.past();
    }

    @Override
    public long forgotten() {
        return producers.evicted();
    }

    @Override
    public long lostUntil(String vhost) {
        return producers.lostUntil(vhost);
    }

    private Receipt.ProducerView view(Producer p) {
        List<long[]> gaps = p.gaps(MOST_GAPS + 1);
        return new Receipt.ProducerView(
                p.vhost(),
                p.id(),
                p.epoch(),
                p.begins() ? -1 : p.first(),
                p.last(),
                gaps.subList(0, Math.min(gaps.size(), MOST_GAPS)),
                gaps.size() > MOST_GAPS,
                p.users(),
                p.usedTime,
                applied.getAsLong(),
                producers.forgottenUntil(p.vhost()));
    }
}
