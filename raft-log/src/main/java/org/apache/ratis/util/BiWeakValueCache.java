package org.apache.ratis.util;

import java.util.concurrent.ConcurrentMap;
import java.util.function.BiFunction;
import org.apache.ratis.thirdparty.com.google.common.collect.MapMaker;

/**
 * Stands in for the class of the same name in ratis-common, and caches nothing. Ratis looks every (term, index) pair up in a weak
 * map whenever one is made, several times per entry; the map keeps an entry of its own for each log entry in memory, which costs
 * more than the pair. The pairs are compared by value everywhere. It only takes effect when this module comes before
 * ratis-common on the class path; nothing breaks if it does not.
 */
public final class BiWeakValueCache<OUTER, INNER, T> {
    private final String name;
    private final BiFunction<OUTER, INNER, T> constructor;

    public BiWeakValueCache(String outerName, String innerName, BiFunction<OUTER, INNER, T> constructor) {
        this.name = "(" + outerName + ", " + innerName + ")";
        this.constructor = constructor;
    }

    /** For Ratis' cache of keys with one part, which are few. */
    static <K, V> ConcurrentMap<K, V> newMap() {
        return new MapMaker().weakValues().makeMap();
    }

    /** A new value, every time. */
    public T getOrCreate(OUTER outer, INNER inner) {
        return constructor.apply(outer, inner);
    }

    @Override
    public String toString() {
        return name;
    }
}
