package io.tallymq.node.proof.history;

import io.tallymq.node.proof.history.HistoryEvent.Answering;
import io.tallymq.node.proof.history.HistoryEvent.Channel;
import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import io.tallymq.node.proof.history.HistoryEvent.Fault;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Judges a timeout of acks. A message's time begins when it is assigned, so a client that gets it late has less of it:
 * {@link #TOLERANCE}, or none at all if its node stood still. The broker notices up to a quarter of the timeout late, and later when nodes fail.
 */
final class TimeoutJudge implements Judge {
    static final long TIMEOUT = TimeUnit.MILLISECONDS.toNanos(Feature.CONSUMER_TIMEOUT_MILLIS);
    static final long TOLERANCE = TimeUnit.SECONDS.toNanos(4);
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);

    private final Findings findings;
    private final Troubles troubles = new Troubles();
    /** What channels hold, and since when. */
    private final Map<String, Map<MessageId, Long>> held = new HashMap<>();
    /** What a channel still had when it was closed after its consumer was cancelled, and has not come again. */
    private final Map<MessageId, String> awaited = new HashMap<>();

    /** The channel that each message came to last. */
    private final Map<MessageId, String> last = new HashMap<>();

    private final Set<MessageId> reported = new HashSet<>();
    private long now;
    private long cancelled;

    TimeoutJudge(Findings findings) {
        this.findings = findings;
    }

    @Override
    public void accept(HistoryEvent event) {
        now = event.time();
        switch (event.kind()) {
            case DELIVERED -> delivered((Delivered) event);
            case ACKED, REQUEUED, FAILED, REJECTED -> {
                Answering a = (Answering) event;
                Long since = of(a.consumer()).remove(a.id());
                if (since != null) {
                    notTooLong(a.consumer(), a.id(), since);
                }
            }
            case CANCELLED -> cancelled(((Channel) event).consumer());
            case CLOSED -> closed(((Channel) event).consumer());
            case GONE -> held.remove(((Channel) event).consumer());
            case FAULT -> troubles.fault((Fault) event);
            default -> {}
        }
    }

    private Map<MessageId, Long> of(String channel) {
        return held.computeIfAbsent(channel, c -> new HashMap<>());
    }

    private void delivered(Delivered d) {
        of(d.consumer()).put(d.id(), d.time());
        last.put(d.id(), d.consumer());
        String from = awaited.get(d.id());
        if (from != null && !from.equals(d.consumer())) {
            awaited.remove(d.id());
        }
    }

    private void notTooLong(String channel, MessageId id, long since) {
        if (troubles.calm(since, now) > TIMEOUT + TIMEOUT / 4 + PATIENCE && reported.add(id)) {
            findings.broken(
                    Rule.TIMEOUT,
                    channel + " has had " + id + " for " + seconds(now - since) + " s and is not cancelled");
        }
    }

    private void cancelled(String channel) {
        cancelled++;
        Map<MessageId, Long> its = of(channel);
        boolean cause = false;
        for (Map.Entry<MessageId, Long> entry : its.entrySet()) {
            if (now - entry.getValue() >= TIMEOUT - TOLERANCE) {
                cause = true;
                notTooLong(channel, entry.getKey(), entry.getValue());
            }
        }
        if (!cause && troubles.calm(now - TIMEOUT, now) >= TIMEOUT) {
            findings.broken(Rule.TIMEOUT, channel + " is cancelled and has had nothing for long: " + its.keySet());
        }
    }

    /** After a cancel: what it did not answer was taken from it. */
    private void closed(String channel) {
        for (MessageId id : of(channel).keySet()) {
            if (channel.equals(last.get(id))) {
                awaited.put(id, channel);
            }
        }
        held.remove(channel);
    }

    private static String seconds(long nanos) {
        return Long.toString(TimeUnit.NANOSECONDS.toSeconds(nanos));
    }

    @Override
    public void end() {
        held.forEach((channel, its) -> its.forEach((id, since) -> notTooLong(channel, id, since)));
        awaited.forEach((id, from) ->
                findings.broken(Rule.TIMEOUT, id + " was taken from " + from + " and did not come to anybody else"));
        if (cancelled == 0) {
            findings.provesNothing();
        }
        findings.count("cancelled", cancelled);
    }
}
