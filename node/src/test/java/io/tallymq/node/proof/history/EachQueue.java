package io.tallymq.node.proof.history;

import io.tallymq.node.proof.history.HistoryEvent.Answered;
import io.tallymq.node.proof.history.HistoryEvent.Answering;
import io.tallymq.node.proof.history.HistoryEvent.Channel;
import io.tallymq.node.proof.history.HistoryEvent.DeadLettered;
import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import io.tallymq.node.proof.history.HistoryEvent.Drained;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Judges each queue by itself: what is for several of them has to come out of each. Consumers have one queue each. */
final class EachQueue implements Judge {
    private final Findings findings;
    private final Map<String, QueueJudge> queues = new LinkedHashMap<>();
    private final Map<MessageId, List<QueueJudge>> messages = new HashMap<>();
    private final Map<String, QueueJudge> consumers = new HashMap<>();

    EachQueue(Findings findings) {
        this.findings = findings;
    }

    /** Where a message should arrive. */
    static String[] of(Published p) {
        return p.queue().split("\\+", -1);
    }

    private QueueJudge of(String queue) {
        return queues.computeIfAbsent(queue, q -> new QueueJudge(findings, Order.NONE));
    }

    @Override
    public void accept(HistoryEvent event) {
        switch (event.kind()) {
            case PUBLISHED -> published((Published) event);
            case CONFIRMED, NACKED, RETURNED -> {
                Answered a = (Answered) event;
                messages.computeIfAbsent(a.id(), i -> List.of(of("?")))
                        .forEach(q -> q.accept(a)); // "?": nobody published it
            }
            case DELIVERED -> {
                Delivered d = (Delivered) event;
                QueueJudge q = of(d.queue());
                consumers.put(d.consumer(), q);
                q.accept(d);
            }
            case ACKED, REQUEUED, FAILED, REJECTED -> byConsumer(((Answering) event).consumer(), event);
            case GONE, CLOSED, CANCELLED, ASKED, SETTLED -> byConsumer(((Channel) event).consumer(), event);
            case DEAD_LETTERED -> of(((DeadLettered) event).queue()).accept(event);
            case DRAINED -> of(((Drained) event).queue()).accept(event);
            default -> {}
        }
    }

    private void published(Published p) {
        List<QueueJudge> its = new ArrayList<>();
        for (String queue : of(p)) {
            its.add(of(queue));
            of(queue).accept(new Published(p.time(), p.id(), queue, p.crc(), p.notes()));
        }
        messages.put(p.id(), its);
    }

    /** One that never got anything has nothing to be judged. */
    private void byConsumer(String consumer, HistoryEvent event) {
        QueueJudge q = consumers.get(consumer);
        if (q != null) {
            q.accept(event);
        }
    }

    @Override
    public void end() {
        queues.values().forEach(Judge::end);
    }
}
