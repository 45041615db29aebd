package io.tallymq.broker.logs;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * One step of a log of {@link FeatureRun}: what is done, and a number from which all its choices follow. Who and what is found by position
 * among what is there when it is done, so that any part of a log still makes sense: that lets a failing log shrink.
 */
public record FeatureOp(Kind kind, long seed) {
    /** What is done, and how often among the others. */
    public enum Kind {
        NODE_UP(1),
        NODE_LOST(1),
        OPEN(5),
        CLOSE(1),
        CLOSE_CHANNEL(4),
        RAISE(2),
        /** Nothing but an entry: what is due goes on. */
        PROBE(12),
        COMMIT(8),
        /** Some of the steps that follow are one entry. */
        TOGETHER(3),
        DECLARE_QUEUE(10),
        ALTER(4),
        DELETE_QUEUE(1),
        PURGE(1),
        DECLARE_EXCHANGE(4),
        DELETE_EXCHANGE(1),
        BIND(9),
        UNBIND(1),
        BIND_EXCHANGE(1),
        PUBLISH(40),
        UPLOAD(4),
        TRANSACTION(10),
        CALL_OFF(2),
        /** An operator's message for later. */
        SCHEDULE(3),
        REPLIES(3),
        SUBSCRIBE(10),
        CANCEL(2),
        CREDIT(4),
        LIMIT(2),
        GET(8),
        SETTLE(36),
        SETTLE_WITH(14),
        TAKE_DEFERRED(5),
        RECOVER(1),
        TAKE_BACK(4),
        STORE_OFFSET(2),
        POLICY(6),
        PAUSE(3);

        private final int weight;

        Kind(int weight) {
            this.weight = weight;
        }
    }

    private static final List<Kind> WEIGHTED = weighted();

    private static List<Kind> weighted() {
        List<Kind> all = new ArrayList<>();
        for (Kind k : Kind.values()) {
            for (int i = 0; i < k.weight; i++) {
                all.add(k);
            }
        }
        return all;
    }

    /** Some logs are of an older cluster for long, most are raised soon. */
    public static List<FeatureOp> random(long seed, int length) {
        Random r = new Random(seed);
        r.nextInt();
        List<FeatureOp> ops = new ArrayList<>();
        ops.add(new FeatureOp(Kind.NODE_UP, 0));
        ops.add(new FeatureOp(Kind.NODE_UP, 1));
        ops.add(new FeatureOp(Kind.OPEN, 0));
        ops.add(new FeatureOp(Kind.OPEN, 1));
        for (int i = 0; i < 16; i++) {
            Kind k = i < 6 ? Kind.DECLARE_EXCHANGE : i < 10 ? Kind.DECLARE_QUEUE : Kind.BIND;
            ops.add(new FeatureOp(k, r.nextInt(1_000_000)));
        }
        int raised = r.nextInt(4) == 0 ? r.nextInt(length) : ops.size() + r.nextInt(1 + length / 20);
        while (ops.size() < length) {
            Kind k = ops.size() == raised ? Kind.RAISE : WEIGHTED.get(r.nextInt(WEIGHTED.size()));
            ops.add(new FeatureOp(k, r.nextInt(1_000_000)));
        }
        return ops;
    }

    Dice dice() {
        return new Dice(seed);
    }

    @Override
    public String toString() {
        return kind + ":" + seed;
    }
}
