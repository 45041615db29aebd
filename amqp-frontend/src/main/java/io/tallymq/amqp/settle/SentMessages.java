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
    /** Most holders in one command, with their ranges: one has 12 bytes, about. */
    private static final int MOST_HOLDERS = SettleBatch.MOST_RANGES;

    private final Map<Long, SettleBatch.Entry> byHolder = new LinkedHashMap<>();

    @Override
    public void settled(Holding holder, long firstSeq, long lastSeq) {
        byHolder.computeIfAbsent(holder.number(), n -> new SettleBatch.Entry(holder, Settle.Outcome.REJECT_REQUEUE))
                .add(firstSeq, lastSeq);
    }

    /**
     * By holder, with ranges that fit one command together: at most {@link SettleBatch#MOST_RANGES}. Of very many holders, most of which went with their
     * queues, the first ones are told ahead.
     *
     * @param ahead is to be flushed before the command
     */
    public List<Sent> toList(SettleBatch ahead) {
        int early = Math.max(0, byHolder.size() - MOST_HOLDERS);
        List<Sent> sent = new ArrayList<>(byHolder.size() - early);
        int most = SettleBatch.MOST_RANGES / Math.max(1, byHolder.size() - early);
        for (SettleBatch.Entry e : byHolder.values()) {
            if (early-- > 0) {
                ahead.add(e);
            } else {
                sent.add(new Sent(e.holder().number(), joined(e.merged(), most)));
            }
        }
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
