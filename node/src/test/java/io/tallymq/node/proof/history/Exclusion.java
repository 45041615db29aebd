package io.tallymq.node.proof.history;

import io.tallymq.node.proof.history.HistoryEvent.Answering;
import io.tallymq.node.proof.history.HistoryEvent.Channel;
import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** Judges that of all messages with one key only one living channel has some at a time. */
final class Exclusion implements Judge {
    private final Rule rule;
    private final Function<Published, String> key;
    private final Suspicions suspicions;
    /** Keys of messages that have one. */
    private final Map<MessageId, String> keys = new HashMap<>();
    /** For each key and channel what that one holds of it: never empty. */
    private final Map<String, Map<String, Set<MessageId>>> held = new HashMap<>();

    /** @param key of a message, null if anybody may have it */
    Exclusion(Findings findings, Rule rule, Function<Published, String> key) {
        this.rule = rule;
        this.key = key;
        this.suspicions = new Suspicions(findings);
    }

    @Override
    public void accept(HistoryEvent event) {
        switch (event.kind()) {
            case PUBLISHED -> {
                Published p = (Published) event;
                String of = key.apply(p);
                if (of != null) {
                    keys.put(p.id(), of);
                }
            }
            case DELIVERED -> delivered((Delivered) event);
            case ACKED, REQUEUED, FAILED, REJECTED -> {
                Answering a = (Answering) event;
                release(keys.get(a.id()), a.consumer(), a.id());
            }
            case GONE -> {
                suspicions.gone(((Channel) event).consumer());
                releaseAll(((Channel) event).consumer());
            }
            case CLOSED -> releaseAll(((Channel) event).consumer());
            case ASKED -> suspicions.asked(((Channel) event).consumer());
            case SETTLED -> suspicions.settled(((Channel) event).consumer());
            default -> {}
        }
    }

    private void delivered(Delivered d) {
        String of = keys.get(d.id());
        if (of == null) {
            return;
        }
        Map<String, Set<MessageId>> holders = held.computeIfAbsent(of, k -> new HashMap<>());
        holders.forEach((holder, messages) -> {
            if (!holder.equals(d.consumer())) {
                MessageId one = messages.iterator().next();
                String what = d.id() + " of " + of + " came to " + d.consumer() + " while " + holder + " held " + one;
                suspicions.add(rule, d.consumer(), holder, what);
            }
        });
        holders.computeIfAbsent(d.consumer(), c -> new HashSet<>()).add(d.id());
    }

    private void release(String of, String channel, MessageId id) {
        Map<String, Set<MessageId>> holders = of == null ? null : held.get(of);
        Set<MessageId> messages = holders == null ? null : holders.get(channel);
        if (messages != null && messages.remove(id) && messages.isEmpty()) {
            holders.remove(channel);
        }
    }

    private void releaseAll(String channel) {
        held.values().forEach(holders -> holders.remove(channel));
    }

    @Override
    public void end() {
        suspicions.end();
    }
}
