package io.tallymq.broker.logs;

import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.spec.QueueSpec;
import java.util.Map;
import java.util.TreeMap;

/** Queues as somebody may declare them: each argument that there is, with values that a short log reaches. */
final class QueueShapes {
    static final int QUEUES = 7;

    private QueueShapes() {}

    static String name(Dice dice) {
        return "q" + dice.below(QUEUES);
    }

    static QueueSpec any(Dice dice) {
        int type = dice.below(20);
        Map<String, Object> a = new TreeMap<>();
        boolean exclusive = false;
        boolean autoDelete = false;
        if (type < 3) {
            stream(a, dice);
        } else if (type < 11) {
            a.put("x-queue-type", "quorum");
            taken(a, dice);
            quorum(a, dice);
        } else {
            taken(a, dice);
            classic(a, dice);
            exclusive = dice.oneIn(10);
            autoDelete = dice.oneIn(10);
        }
        return new QueueSpec(!exclusive, exclusive, autoDelete, new Arguments(a));
    }

    private static void stream(Map<String, Object> a, Dice dice) {
        a.put("x-queue-type", "stream");
        if (dice.oneIn(2)) {
            a.put("x-max-age", dice.any("1s", "5s", "1m"));
        }
        if (dice.oneIn(2)) {
            a.put("x-max-length", 3L + dice.below(9));
        }
        if (dice.oneIn(4)) {
            a.put("x-max-length-bytes", 100L + dice.below(300));
        }
    }

    private static void taken(Map<String, Object> a, Dice dice) {
        if (dice.oneIn(4)) {
            a.put("x-message-ttl", (long) dice.below(300));
        }
        if (dice.oneIn(14)) {
            a.put("x-expires", 1L + dice.below(4_000));
        }
        if (dice.oneIn(3)) {
            a.put("x-max-length", (long) dice.below(7));
        }
        if (dice.oneIn(6)) {
            a.put("x-max-length-bytes", 40L + dice.below(300));
        }
        if (dice.oneIn(3)) {
            deadLetter(a, dice);
        }
        if (dice.oneIn(9)) {
            a.put("x-single-active-consumer", true);
        }
        if (dice.oneIn(5)) {
            a.put("x-consumer-timeout", 20L + dice.below(400));
        }
        if (dice.oneIn(4)) {
            a.put("x-message-deduplication", true);
            cache(a, dice);
        }
        sorted(a, dice);
    }

    private static void deadLetter(Map<String, Object> a, Dice dice) {
        a.put("x-dead-letter-exchange", dice.any("", "", "", "fan", "top", "hash", "late", "late", "nowhere"));
        if (dice.oneIn(2)) {
            a.put("x-dead-letter-routing-key", name(dice));
        }
    }

    static void cache(Map<String, Object> a, Dice dice) {
        if (dice.oneIn(2)) {
            a.put("x-cache-size", 1L + dice.below(4));
        }
        if (dice.oneIn(2)) {
            a.put("x-cache-ttl", 10L + dice.below(500));
        }
    }

    /** What does not go together is refused, mostly it is one of these. */
    private static void sorted(Map<String, Object> a, Dice dice) {
        switch (dice.below(12)) {
            case 0 -> a.put("x-message-groups", true);
            case 1 -> a.put("x-group-by", "header:tenant");
            case 2, 3 -> a.put("x-fair-by", "header:tenant");
            case 4, 5 -> {
                a.put("x-last-value", "device");
                a.remove("x-max-length");
                a.remove("x-max-length-bytes");
            }
            default -> {}
        }
    }

    private static void quorum(Map<String, Object> a, Dice dice) {
        overflow(a, dice.any("drop-head", "reject-publish"), dice);
        if (a.containsKey("x-dead-letter-exchange") && dice.oneIn(2)) {
            a.put("x-dead-letter-strategy", "at-least-once");
        }
        if (dice.oneIn(3)) {
            a.put("x-delivery-limit", (long) dice.below(4));
        }
        if (dice.oneIn(3)) {
            a.put("x-delayed-retry-type", dice.any("all", "failed", "returned"));
            a.put("x-delayed-retry-min", (long) dice.below(200));
            a.put("x-delayed-retry-max", (long) dice.below(400));
        }
    }

    private static void classic(Map<String, Object> a, Dice dice) {
        overflow(a, dice.any("drop-head", "reject-publish", "reject-publish-dlx"), dice);
        if (!a.containsKey("x-last-value") && dice.oneIn(4)) {
            a.put("x-max-priority", (long) (dice.oneIn(5) ? 100 + dice.below(156) : dice.below(6)));
        }
    }

    private static void overflow(Map<String, Object> a, String how, Dice dice) {
        if (a.containsKey("x-max-length") || a.containsKey("x-max-length-bytes") || dice.oneIn(6)) {
            a.put("x-overflow", how);
        }
    }
}
