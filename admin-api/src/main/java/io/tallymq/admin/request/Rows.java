package io.tallymq.admin.request;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Function;
import java.util.function.Predicate;

/** Iterators made of iterators, which never hold more than one item. */
public final class Rows {
    private Rows() {}

    public static <T> Iterator<T> filtered(Iterator<T> all, Predicate<T> wanted) {
        return flat(all, item -> wanted.test(item) ? once(item) : none());
    }

    /** Several for each. */
    public static <S, T> Iterator<T> flat(Iterator<S> all, Function<S, Iterator<T>> several) {
        return new Iterator<>() {
            private Iterator<T> now = none();

            @Override
            public boolean hasNext() {
                while (!now.hasNext() && all.hasNext()) {
                    now = several.apply(all.next());
                }
                return now.hasNext();
            }

            @Override
            public T next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                return now.next();
            }
        };
    }

    private static <T> Iterator<T> none() {
        return java.util.Collections.emptyIterator();
    }

    private static <T> Iterator<T> once(T item) {
        return java.util.List.of(item).iterator();
    }
}
