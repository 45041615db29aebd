package io.tallymq.broker.logs;

import io.tallymq.broker.command.ClearPolicy;
import io.tallymq.broker.command.SetPolicy;
import io.tallymq.broker.logs.FeatureOp.Kind;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.PolicySpec;
import java.util.Map;
import java.util.TreeMap;

/** Policies and operator policies come and go. */
final class PolicySteps implements Steps {
    static final int POLICIES = 3;

    private final Log log;

    PolicySteps(Log log) {
        this.log = log;
    }

    @Override
    public Map<Kind, Step> kinds() {
        return Map.of(Kind.POLICY, this::step);
    }

    static String name(int i) {
        return "p" + i;
    }

    private void step(ConnectionId c, Dice dice) {
        boolean operator = dice.oneIn(4);
        String name = name(dice.below(POLICIES));
        if (dice.oneIn(3)) {
            log.entry(c, new ClearPolicy("/", name, operator));
            return;
        }
        Map<String, Object> a = new TreeMap<>();
        for (int n = dice.below(3); n >= 0; n--) {
            if (operator) {
                limit(a, dice);
            } else {
                any(a, dice);
            }
        }
        String pattern = dice.any("", "^q[01]", "[24]$", "q", "^[a-l]");
        String of = operator
                ? dice.any("queues", "classic_queues", "quorum_queues", "streams")
                : dice.any("all", "queues", "classic_queues", "quorum_queues", "streams", "exchanges");
        PolicySpec spec = new PolicySpec(pattern, of, dice.below(3), new Arguments(a));
        log.entry(c, new SetPolicy("/", name, operator, spec));
    }

    private static void limit(Map<String, Object> a, Dice dice) {
        switch (dice.below(6)) {
            case 0 -> a.put("message-ttl", (long) dice.below(300));
            case 1 -> a.put("max-length-bytes", 40L + dice.below(300));
            case 2 -> a.put("expires", 200L + dice.below(4_000));
            case 3 -> a.put("overflow", dice.any("drop-head", "reject-publish"));
            default -> a.put("max-length", (long) dice.below(7));
        }
    }

    private static void any(Map<String, Object> a, Dice dice) {
        switch (dice.below(13)) {
            case 0, 1, 2 -> limit(a, dice);
            case 3, 4 -> {
                a.put("dead-letter-exchange", dice.any("", "fan", "nowhere"));
                a.put("dead-letter-routing-key", QueueShapes.name(dice));
            }
            case 5 -> a.put("delivery-limit", (long) dice.below(3));
            case 6 -> {
                a.put("delayed-retry-type", dice.any("all", "failed", "disabled"));
                a.put("delayed-retry-min", (long) dice.below(200));
            }
            case 7 -> a.put("consumer-timeout", 20L + dice.below(400));
            case 8 -> a.put("group-by", "header:tenant");
            case 9 -> a.put("fair-by", "header:tenant");
            case 10 -> a.put("min-queues", 1L + dice.below(3));
            case 11 -> a.put("max-age", dice.any("1s", "1m"));
            default -> a.put("alternate-exchange", ExchangeSteps.name(dice));
        }
    }
}
