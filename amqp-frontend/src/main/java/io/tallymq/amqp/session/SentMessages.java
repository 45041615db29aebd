package io.tallymq.amqp.session;

import io.tallymq.broker.Command;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a client was sent and has not settled, for the broker to know when a channel or connection ends: only that was tried,
 * the rest of what it was assigned was never on its way. Event loop only.
 */
final class SentMessages implements SettleBatch.Sink {
    private final Map<Long, SettleBatch.Entry> byHolder = new LinkedHashMap<>();

    @Override
    public void settled(Holder holder, long firstSeq, long lastSeq) {
        byHolder.computeIfAbsent(holder.number(), n -> new SettleBatch.Entry(holder, Command.Outcome.REJECT_REQUEUE))
                .add(firstSeq, lastSeq);
    }

    List<Command.Sent> toList() {
        List<Command.Sent> sent = new ArrayList<>(byHolder.size());
        byHolder.forEach((holder, ranges) -> sent.add(new Command.Sent(holder, ranges.merged())));
        return sent;
    }
}
