package io.tallymq.admin.stats;

import io.tallymq.broker.Broker;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.broker.view.BrokerView.BindingView;
import io.tallymq.broker.view.BrokerView.ConnectionView;
import io.tallymq.broker.view.BrokerView.ConsumerView;
import io.tallymq.broker.view.BrokerView.ExchangeView;
import io.tallymq.broker.view.BrokerView.Place;
import io.tallymq.broker.view.BrokerView.QueueInfo;
import io.tallymq.broker.view.BrokerView.ScheduledView;
import io.tallymq.broker.view.BrokerView.Step;
import io.tallymq.broker.view.QueueHead;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * A list of the broker's state, read {@link #STEP} rows at a time as they are wanted: nobody who looks at all of it keeps the
 * applying thread waiting for longer than a step takes, or holds more rows than that. What is there all the time is in it once.
 * One thread at a time.
 */
public final class StateRows<T> implements Iterator<T> {
    /** Rows read at once: less than a millisecond's work. */
    public static final int STEP = 1_000;

    /** One of the lists of {@link BrokerView}. */
    @FunctionalInterface
    interface Source<T> {
        Step<T> step(BrokerView view, Place from, int most);
    }

    private final Broker broker;
    private final Source<T> source;
    private Step<T> step;
    private int at;

    private StateRows(Broker broker, Source<T> source) {
        this.broker = broker;
        this.source = source;
        step = read(null);
    }

    /** By number. The first step is read at once, as by the others. */
    public static Iterator<QueueInfo> queues(Broker broker) {
        return new StateRows<>(broker, BrokerView::queues);
    }

    /** A queue, and what of it is next as far as memory tells: null for nothing. */
    public record HeadedQueue(QueueInfo queue, QueueHead head) {}

    /** The same with what is next in each. */
    public static Iterator<HeadedQueue> headedQueues(Broker broker) {
        return new StateRows<>(broker, (view, from, most) -> {
            Step<QueueInfo> step = view.queues(from, most);
            return new Step<>(
                    step.items().stream()
                            .map(q -> new HeadedQueue(q, view.head(q.vhost(), q.name())))
                            .toList(),
                    step.next());
        });
    }

    public static Iterator<ScheduledView> scheduled(Broker broker) {
        return new StateRows<>(broker, BrokerView::scheduled);
    }

    public static Iterator<ExchangeView> exchanges(Broker broker) {
        return new StateRows<>(broker, BrokerView::exchanges);
    }

    public static Iterator<BindingView> bindings(Broker broker) {
        return new StateRows<>(broker, BrokerView::bindings);
    }

    public static Iterator<ConnectionView> connections(Broker broker) {
        return new StateRows<>(broker, BrokerView::connections);
    }

    public static Iterator<ConsumerView> consumers(Broker broker) {
        return new StateRows<>(broker, BrokerView::consumers);
    }

    private Step<T> read(Place from) {
        return broker.read(view -> source.step(view, from, STEP));
    }

    @Override
    public boolean hasNext() {
        while (at == step.items().size() && step.next() != null) {
            step = read(step.next());
            at = 0;
        }
        return at < step.items().size();
    }

    @Override
    public T next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        List<T> items = step.items();
        return items.get(at++);
    }
}
