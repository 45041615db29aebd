package io.tallymq.broker.logs;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** Properties of random logs: one that fails is cut down to the shortest that still does, and told with its seed. */
public final class Logs {
    private Logs() {}

    /**
     * Holds the property, of a seed and a log, against some logs.
     *
     * @param log makes the one of a seed
     */
    public static <T> void forAll(long seed, int logs, Maker<T> log, BiConsumer<Long, List<T>> property) {
        for (long s = seed; s < seed + logs; s++) {
            List<T> ops = log.of(s);
            if (failure(property, s, ops) != null) {
                List<T> small = shrink(property, s, ops);
                fail("seed " + s + ", shrunk to " + small.size() + " steps: " + small, failure(property, s, small));
            }
        }
    }

    /** Makes logs. */
    public interface Maker<T> {
        List<T> of(long seed);
    }

    private static <T> Throwable failure(BiConsumer<Long, List<T>> property, long seed, List<T> ops) {
        try {
            property.accept(seed, ops);
            return null;
        } catch (RuntimeException | AssertionError e) {
            return e;
        }
    }

    /** Leaves out ever smaller pieces as long as the log still fails. */
    private static <T> List<T> shrink(BiConsumer<Long, List<T>> property, long seed, List<T> failing) {
        List<T> ops = new ArrayList<>(failing);
        for (int size = ops.size() / 2; size > 0; size /= 2) {
            for (int at = 0; at + size <= ops.size(); ) {
                List<T> less = new ArrayList<>(ops.subList(0, at));
                less.addAll(ops.subList(at + size, ops.size()));
                if (failure(property, seed, less) != null) {
                    ops = less;
                } else {
                    at += size;
                }
            }
        }
        return ops;
    }

    /** Two runs of one log said, told and showed the same; else fails with the first thing that differs. */
    public static void assertSame(List<?> one, List<?> other) {
        for (int i = 0; i < Math.min(one.size(), other.size()); i++) {
            Object a = one.get(i);
            Object b = other.get(i);
            if (!a.equals(b)) {
                String where = "behind "
                        + one.subList(Math.max(0, i - 4), i).stream()
                                .filter(String.class::isInstance)
                                .toList();
                if (a instanceof Map<?, ?> m && b instanceof Map<?, ?> n) {
                    m.forEach((what, seen) -> Ledger.check(
                            seen.equals(n.get(what)), where + ": " + what + " is " + seen + ", and " + n.get(what)));
                }
                throw new AssertionError(where + ": " + a + ", and " + b);
            }
        }
        Ledger.check(one.size() == other.size(), one.size() + " and " + other.size() + " lines");
    }
}
