package io.tallymq.broker.logs;

import java.util.List;
import java.util.Random;

/** The choices within one step of a random log: the same again for the same number. */
final class Dice {
    private final Random random;

    Dice(long seed) {
        random = new Random(seed);
        random.nextInt(); // the first of neighbouring seeds are alike
    }

    /** From 0 to n - 1. */
    int below(int n) {
        return random.nextInt(n);
    }

    /** With a probability of 1 to n. */
    boolean oneIn(int n) {
        return random.nextInt(n) == 0;
    }

    long seed() {
        return random.nextLong();
    }

    <T> T of(List<T> some) {
        return some.get(random.nextInt(some.size()));
    }

    @SafeVarargs
    @SuppressWarnings("varargs")
    final <T> T any(T... some) {
        return some[random.nextInt(some.length)];
    }
}
