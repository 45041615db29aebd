package io.tallymq.broker.time;

import java.util.Iterator;
import java.util.NoSuchElementException;

/** Two ordered lists as one. */
final class InOrder<T extends Comparable<T>> implements Iterator<T> {
    private final Iterator<T> one;
    private final Iterator<T> other;
    private T ofOne;
    private T ofOther;

    InOrder(Iterator<T> one, Iterator<T> other) {
        this.one = one;
        this.other = other;
        ofOne = next(one);
        ofOther = next(other);
    }

    private static <T> T next(Iterator<T> of) {
        return of.hasNext() ? of.next() : null;
    }

    @Override
    public boolean hasNext() {
        return ofOne != null || ofOther != null;
    }

    @Override
    public T next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        T first;
        if (ofOther == null || ofOne != null && ofOne.compareTo(ofOther) < 0) {
            first = ofOne;
            ofOne = next(one);
        } else {
            first = ofOther;
            ofOther = next(other);
        }
        return first;
    }
}
