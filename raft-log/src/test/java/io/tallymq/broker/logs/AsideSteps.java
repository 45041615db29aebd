package io.tallymq.broker.logs;

import io.tallymq.broker.SomeHeaders;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.Settle.Outcome;
import io.tallymq.broker.command.SettleWith;
import io.tallymq.broker.logs.Clients.Taker;
import io.tallymq.broker.logs.FeatureOp.Kind;
import io.tallymq.broker.message.HeaderOverlay;
import io.tallymq.broker.spec.ConnectionId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Settles that are answered: they may add headers, or put a message aside, and somebody takes it by its token. */
final class AsideSteps implements Steps {
    private static final int TOKENS = 7;

    private final Log log;

    AsideSteps(Log log) {
        this.log = log;
    }

    @Override
    public Map<Kind, Step> kinds() {
        return Map.of(
                Kind.SETTLE_WITH, this::settleWith,
                Kind.TAKE_DEFERRED, this::take);
    }

    /** As long as a message's number: where it is told it is a body, see {@link Bodies}. */
    private static String token(Dice dice) {
        return "token-" + (10 + dice.below(TOKENS));
    }

    private void settleWith(ConnectionId c, Dice dice) {
        List<Taker> some = log.clients().having();
        if (some.isEmpty() || log.machine().level() < SettleWith.LEVEL) {
            return;
        }
        Taker t = dice.of(some);
        long seq = dice.of(new ArrayList<>(t.has));
        t.has.remove(seq);
        log.entry(t.channel.connection(), settle(t.number, seq, dice));
    }

    private SettleWith settle(long holder, long seq, Dice dice) {
        Outcome how = dice.oneIn(3) ? Outcome.ACK : dice.any(Outcome.values());
        long delay = dice.oneIn(2) ? 0 : 1 + dice.below(300);
        HeaderOverlay headers = how != Outcome.ACK && dice.oneIn(2) ? headers(dice) : null;
        if (dice.oneIn(3)) {
            String to = dice.oneIn(3) ? log.queue(dice) : "";
            SettleWith.Defer defer = new SettleWith.Defer(token(dice), to, dice.oneIn(3) ? "c" : null);
            return new SettleWith(holder, Outcome.NACK_REQUEUE, seq, delay, headers, defer);
        }
        return new SettleWith(holder, how, seq, delay, headers, null);
    }

    private static HeaderOverlay headers(Dice dice) {
        String value = "v" + dice.below(100);
        return dice.oneIn(3)
                ? SomeHeaders.of(HeaderOverlay.REASON, value, "step", value)
                : SomeHeaders.of(dice.any("step", "note", "tenant"), value);
    }

    private void take(ConnectionId c, Dice dice) {
        Clients.Channel channel = ConsumerSteps.channel(c, dice);
        boolean noAck = dice.oneIn(4);
        String name = "amq.deferred." + token(dice);
        log.got(channel, noAck, log.entry(c, new Get(c, channel.number(), "/", name, noAck)));
    }
}
