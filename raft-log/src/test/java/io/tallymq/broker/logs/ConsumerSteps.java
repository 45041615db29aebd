package io.tallymq.broker.logs;

import io.tallymq.broker.command.Cancel;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.Credit;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.Qos;
import io.tallymq.broker.command.Recover;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.StoreOffset;
import io.tallymq.broker.command.Subscribe;
import io.tallymq.broker.command.TakeBack;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.logs.Clients.Taker;
import io.tallymq.broker.logs.FeatureOp.Kind;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConsumerSpec;
import io.tallymq.broker.view.BrokerView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Clients consume, fetch, settle and go back on it. */
final class ConsumerSteps implements Steps {
    private static final int WINDOW = 5;

    private final Log log;

    ConsumerSteps(Log log) {
        this.log = log;
    }

    @Override
    public Map<Kind, Step> kinds() {
        return Map.of(
                Kind.SUBSCRIBE, this::subscribe,
                Kind.CANCEL, this::cancel,
                Kind.CREDIT, this::credit,
                Kind.LIMIT, this::limit,
                Kind.GET, this::get,
                Kind.SETTLE, this::settle,
                Kind.RECOVER, this::recover,
                Kind.TAKE_BACK, this::takeBack,
                Kind.STORE_OFFSET, this::storeOffset);
    }

    static Clients.Channel channel(ConnectionId c, Dice dice) {
        return new Clients.Channel(c, dice.below(Clients.CHANNELS));
    }

    private Reply make(Clients.Channel c, Command command, Dice dice) {
        return dice.oneIn(4) ? log.onChannel(c, command) : log.entry(c.connection(), command);
    }

    private void subscribe(ConnectionId c, Dice dice) {
        Map<String, Object> a = new TreeMap<>();
        if (dice.oneIn(3)) {
            a.put("x-priority", dice.below(5) - 2L);
        }
        if (dice.oneIn(6)) {
            a.put("x-consumer-timeout", dice.below(300) < 30 ? 0L : 20L + dice.below(300));
        }
        String queue = log.queue(dice);
        boolean stream = log.machine()
                .queue("/", queue)
                .map(q -> "stream".equals(q.spec().arguments().get("x-queue-type")))
                .orElse(false);
        if (stream && dice.oneIn(2)) {
            a.put("x-stream-offset", dice.any("first", "last", "next", 3L, -2L, new Arguments.Timestamp(1_000)));
        }
        if (stream && dice.oneIn(2)) {
            a.put("x-stream-automatic-offset-tracking", true);
        }
        int prefetch = stream ? 1 + dice.below(5) : dice.below(5) * dice.any(1, 1, 3);
        boolean noAck = !stream && dice.oneIn(6);
        String tag = "tag" + dice.below(4);
        ConsumerSpec spec = new ConsumerSpec(tag, noAck, dice.oneIn(14), prefetch, WINDOW, new Arguments(a));
        Clients.Channel channel = channel(c, dice);
        Reply r = make(channel, new Subscribe(c, channel.number(), "/", queue, spec), dice);
        if (r instanceof Reply.Subscribed s) {
            log.clients().taker(s.consumer(), channel, spec, false);
        }
    }

    private Taker any(Dice dice) {
        List<Taker> all = new ArrayList<>(log.clients().takers.values());
        return all.isEmpty() ? null : dice.of(all);
    }

    private Taker anyHaving(Dice dice) {
        List<Taker> some = log.clients().having();
        return some.isEmpty() ? null : dice.of(some);
    }

    private void cancel(ConnectionId c, Dice dice) {
        Taker t = any(dice);
        if (t != null) {
            log.entry(t.channel.connection(), new Cancel(t.number));
        }
    }

    private void credit(ConnectionId c, Dice dice) {
        Taker t = any(dice);
        if (t != null) {
            log.entry(t.channel.connection(), new Credit(t.number, 1 + dice.below(5)));
        }
    }

    private void limit(ConnectionId c, Dice dice) {
        log.entry(c, new Qos(c, dice.below(Clients.CHANNELS), dice.below(6)));
    }

    private void get(ConnectionId c, Dice dice) {
        Clients.Channel channel = channel(c, dice);
        boolean noAck = dice.oneIn(4);
        log.got(channel, noAck, make(channel, new Get(c, channel.number(), "/", log.queue(dice), noAck), dice));
    }

    /** A settle of some that a taker has, the oldest mostly. */
    static Settle some(Taker t, Dice dice) {
        Settle.Outcome how = outcome(dice);
        TreeSet<Long> some = new TreeSet<>();
        boolean first = !dice.oneIn(3);
        int most = 1 + dice.below(6);
        for (long seq : t.has) {
            if (some.size() < most && (first || dice.oneIn(2))) {
                some.add(seq);
            }
        }
        return new Settle(t.number, how, Clients.pairs(some.stream().mapToLong(s -> s)));
    }

    private static Settle.Outcome outcome(Dice dice) {
        return dice.oneIn(2) ? Settle.Outcome.ACK : dice.any(Settle.Outcome.values());
    }

    private void settle(ConnectionId c, Dice dice) {
        Taker t = anyHaving(dice);
        if (t == null) {
            return;
        }
        Settle s = some(t, dice);
        for (int i = 0; i < s.ranges().length; i += 2) {
            t.has.subSet(s.ranges()[i], true, s.ranges()[i + 1], true).clear();
        }
        log.entry(t.channel.connection(), s);
        if (dice.oneIn(12)) {
            log.entry(t.channel.connection(), new Settle(s.holder(), outcome(dice), s.ranges())); // it has none of them
        }
    }

    private void recover(ConnectionId c, Dice dice) {
        int channel = dice.below(Clients.CHANNELS);
        log.clients().of(c, channel).forEach(t -> t.has.clear());
        log.entry(c, new Recover(c, channel));
    }

    /** A channel gives back what its client was not sent. */
    private void takeBack(ConnectionId c, Dice dice) {
        List<Taker> some = log.clients().having().stream()
                .filter(t -> !t.getter && !t.spec.noAck())
                .toList();
        if (some.isEmpty()) {
            return;
        }
        Taker t = dice.of(some);
        int part = dice.below(4);
        t.has.removeIf(seq -> (seq + part) % 3 == 0);
        log.entry(
                t.channel.connection(),
                new TakeBack(t.number, Clients.pairs(t.has.stream().mapToLong(s -> s))));
    }

    private void storeOffset(ConnectionId c, Dice dice) {
        List<BrokerView.ConsumerView> readers = log.machine().consumers();
        List<Taker> some = log.clients().takers.values().stream()
                .filter(t -> readers.stream()
                        .anyMatch(r -> r.connection().equals(t.channel.connection())
                                && r.channel() == t.channel.number()
                                && r.spec().equals(t.spec)))
                .toList();
        if (!some.isEmpty()) {
            Taker t = dice.of(some);
            log.entry(t.channel.connection(), new StoreOffset(t.number, dice.below(30)));
        }
    }
}
