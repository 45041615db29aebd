package io.tallymq.broker.logs;

import io.tallymq.broker.command.BindExchange;
import io.tallymq.broker.command.BindQueue;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.DeleteExchange;
import io.tallymq.broker.logs.FeatureOp.Kind;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.spec.BindingKey;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ExchangeSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Exchanges of every type, and bindings. */
final class ExchangeSteps implements Steps {
    /** Types by the names of what is declared. */
    private static final Map<String, String> TYPES = new TreeMap<>(Map.of(
            "fan", "fanout",
            "dir", "direct",
            "top", "topic",
            "head", "headers",
            "hash", "x-consistent-hash",
            "mod", "x-modulus-hash",
            "any", "x-random",
            "late", "x-delayed-message",
            "once", "x-message-deduplication",
            "last", "x-recent-history"));

    /** All that messages are published to, and more often what does more. */
    private static final List<String> NAMES = names();

    private final Log log;

    ExchangeSteps(Log log) {
        this.log = log;
    }

    private static List<String> names() {
        List<String> all = new ArrayList<>(TYPES.keySet());
        all.addAll(List.of("amq.fanout", "amq.direct", "amq.topic", "amq.match"));
        all.addAll(List.of("once", "last", "late", "fan", "hash"));
        return all;
    }

    static String name(Dice dice) {
        return dice.of(NAMES);
    }

    static String routingKey(Dice dice) {
        return dice.oneIn(3) ? QueueShapes.name(dice) : dice.any("a", "a.b", "a.c", "b.b");
    }

    @Override
    public Map<Kind, Step> kinds() {
        return Map.of(
                Kind.DECLARE_EXCHANGE, this::declare,
                Kind.DELETE_EXCHANGE, this::delete,
                Kind.BIND, (c, dice) -> bind(c, dice, true),
                Kind.UNBIND, (c, dice) -> bind(c, dice, false),
                Kind.BIND_EXCHANGE, this::bindExchange);
    }

    private void declare(ConnectionId c, Dice dice) {
        List<String> names = new ArrayList<>(TYPES.keySet());
        if (!dice.oneIn(6)) {
            log.machine().exchanges().forEach(x -> names.remove(x.name()));
        }
        if (names.isEmpty()) {
            return;
        }
        String name = dice.of(names);
        String type = TYPES.get(name);
        Map<String, Object> a = new TreeMap<>();
        if (dice.oneIn(3)) {
            a.put("alternate-exchange", name(dice));
        }
        if (type.equals("x-delayed-message")) {
            a.put("x-delayed-type", dice.any("topic", "fanout"));
        }
        if (type.equals("x-recent-history") && !dice.oneIn(3)) {
            a.put("x-recent-history-length", 1L + dice.below(6));
        }
        if (dice.oneIn(5)) {
            a.put("x-message-deduplication", true);
        }
        if (type.equals("x-message-deduplication") || a.containsKey("x-message-deduplication")) {
            QueueShapes.cache(a, dice);
        }
        if (dice.oneIn(8)) {
            a.put("x-min-queues", 1L + dice.below(3));
        }
        if (dice.oneIn(3)) {
            a.put("x-dead-letter-exchange", dice.any("", "", "", "fan", "late", "nowhere"));
            if (dice.oneIn(2)) {
                a.put("x-dead-letter-routing-key", QueueShapes.name(dice));
            }
        }
        boolean internal = type.equals("fanout") && dice.oneIn(8);
        ExchangeSpec spec = new ExchangeSpec(type, true, dice.oneIn(8), internal, new Arguments(a));
        log.entry(c, new DeclareExchange("/", name, spec, dice.oneIn(15)));
    }

    private void delete(ConnectionId c, Dice dice) {
        log.entry(c, new DeleteExchange("/", log.exchange(dice), dice.oneIn(3)));
    }

    private void bind(ConnectionId c, Dice dice, boolean add) {
        String source = log.exchange(dice);
        String queue = log.queue(dice);
        Arguments a = Arguments.NONE;
        String key = dice.oneIn(4) ? queue : dice.any("a", "a.b", "a.c");
        switch (TYPES.getOrDefault(source, source)) {
            case "x-consistent-hash" -> key = dice.any("1", "2", "3");
            case "topic", "amq.topic", "x-delayed-message" -> key = dice.any("#", "a.*", "*.b", "a");
            case "headers", "amq.match" -> {
                String tenant = "t" + dice.below(3);
                a = new Arguments(new TreeMap<>(Map.of("x-match", dice.any("any", "all"), "tenant", tenant)));
            }
            default -> {}
        }
        log.entry(c, new BindQueue(c, "/", new BindingKey(source, queue, key, a), add));
    }

    private void bindExchange(ConnectionId c, Dice dice) {
        BindingKey b = new BindingKey(log.exchange(dice), log.exchange(dice), dice.any("a", "1", "#"), Arguments.NONE);
        log.entry(c, new BindExchange("/", b, !dice.oneIn(4)));
    }
}
