package io.tallymq.amqp.settle;

import io.tallymq.broker.command.Sent;
import io.tallymq.broker.command.Settle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a client was sent and has not settled, for the broker to know when a channel or connection ends: only that was tried,
 * the rest of what it was assigned was never on its way. Event loop only.
 */
public final class SentMessages implements SettleBatch.Sink {
    private final Map<Long, SettleBatch.Entry> byHolder = new LinkedHashMap<>();

    @Override
    public void settled(Holding holder, long firstSeq, long lastSeq) {
        byHolder.computeIfAbsent(holder.number(), n -> new SettleBatch.Entry(holder, Settle.Outcome.REJECT_REQUEUE))
                .add(firstSeq, lastSeq);
    }

    /** By holder, with ranges that fit one command together: at most {@link SettleBatch#MOST_RANGES}. */
    public List<Sent> toList() {
        List<Sent> sent = new ArrayList<>(byHolder.size());
        int most = Math.max(1, SettleBatch.MOST_RANGES / Math.max(1, byHolder.size()));
        byHolder.forEach((holder, ranges) -> sent.add(new Sent(holder, joined(ranges.merged(), most))));
        return sent;
    }

    /**
     * At most so many ranges: the last ones become one. It covers what the client has settled, which the broker passes over, and at
     * worst something that it was not sent.
     */
    private static long[] joined(long[] ranges, int most) {
        if (ranges.length <= 2 * most) {
            return ranges;
        }
        long[] fewer = Arrays.copyOf(ranges, 2 * most);
        fewer[2 * most - 1] = ranges[ranges.length - 1];
        return fewer;
    }
}
