package io.tallymq.broker.view;

import io.tallymq.broker.view.BrokerView.Place;
import io.tallymq.broker.view.BrokerView.Step;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;

/** Cuts the state's lists into steps, so that nobody who looks at much of it keeps the applying thread waiting. */
public final class ListSteps {
    private ListSteps() {}

    /** A place in what is ordered by numbers. */
    public record AtNumber(long number) implements Place {}

    /** A place in what is ordered by virtual host and name. */
    public record AtName(String vhost, String name) implements Place {}

    /**
     * The next rows.
     *
     * @param rest what comes behind the place where the last step ended
     * @param view a row, or null for what is not shown
     */
    public static <S, T> Step<T> take(Iterator<S> rest, int most, Function<S, T> view, Function<S, Place> placeOf) {
        List<T> items = new ArrayList<>();
        S last = null;
        while (items.size() < most && rest.hasNext()) {
            last = rest.next();
            T row = view.apply(last);
            if (row != null) {
                items.add(row);
            }
        }
        return new Step<>(items, rest.hasNext() ? placeOf.apply(last) : null);
    }
}
