package io.tallymq.broker.logs;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * One step of a random log, in numbers only: who and what is found by position among what exists when it runs, so that any
 * part of a log still makes sense. That is what lets a failing log shrink.
 */
public record Op(Kind kind, int a, int b, int c, int d) {
    public enum Kind {
        NODE_UP,
        NODE_LOST,
        OPEN,
        CLOSE,
        CLOSE_CHANNEL,
        DECLARE_QUEUE,
        DELETE_QUEUE,
        PURGE,
        DECLARE_EXCHANGE,
        DELETE_EXCHANGE,
        BIND,
        UNBIND,
        PUBLISH,
        UPLOAD,
        TRANSACTION,
        SUBSCRIBE,
        CANCEL,
        CREDIT,
        GET,
        SETTLE,
        RECOVER,
        TAKE_BACK,
        TAKE_MATCHING,
        POLICY,
        REPLIES,
        COMMIT,
        RAISE
    }

    private static final Kind[] WEIGHTED = weighted();

    private static Kind[] weighted() {
        List<Kind> all = new ArrayList<>();
        add(all, Kind.PUBLISH, 26);
        add(all, Kind.SETTLE, 30);
        add(all, Kind.COMMIT, 12);
        add(all, Kind.SUBSCRIBE, 6);
        add(all, Kind.OPEN, 4);
        add(all, Kind.TAKE_BACK, 4);
        add(all, Kind.TAKE_MATCHING, 10);
        add(all, Kind.DECLARE_QUEUE, 5);
        add(all, Kind.BIND, 6);
        add(all, Kind.DECLARE_EXCHANGE, 2);
        add(all, Kind.GET, 5);
        add(all, Kind.CREDIT, 4);
        add(all, Kind.UPLOAD, 2);
        add(all, Kind.TRANSACTION, 8);
        add(all, Kind.CANCEL, 2);
        add(all, Kind.POLICY, 3);
        add(all, Kind.REPLIES, 5);
        add(all, Kind.RAISE, 3);
        for (Kind k : Kind.values()) {
            add(all, k, 1);
        }
        return all.toArray(new Kind[0]);
    }

    private static void add(List<Kind> all, Kind k, int times) {
        for (int i = 0; i < times; i++) {
            all.add(k);
        }
    }

    public static List<Op> random(long seed, int length) {
        Random r = new Random(seed);
        List<Op> ops = new ArrayList<>();
        ops.add(new Op(Kind.NODE_UP, 0, 0, 0, 0));
        ops.add(new Op(Kind.NODE_UP, 1, 0, 0, 0));
        ops.add(new Op(Kind.OPEN, 0, 0, 0, 0));
        ops.add(new Op(Kind.OPEN, 1, 0, 0, 0));
        ops.add(new Op(Kind.DECLARE_QUEUE, 0, 0, 0, 0));
        while (ops.size() < length) {
            Kind k = WEIGHTED[r.nextInt(WEIGHTED.length)];
            ops.add(new Op(k, r.nextInt(1000), r.nextInt(1000), r.nextInt(1000), r.nextInt(1000)));
        }
        return ops;
    }
}
