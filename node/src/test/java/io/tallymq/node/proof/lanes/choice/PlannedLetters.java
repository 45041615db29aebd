package io.tallymq.node.proof.lanes.choice;

import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import io.tallymq.node.proof.history.MessageId;
import io.tallymq.node.proof.load.Letters;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Messages for later with ids. Of those that were confirmed some are replaced, by one for later or by one at once, or called off: perhaps in time, perhaps
 * too late. One whose answer was lost stays as it is: it is not known whether it is there.
 */
final class PlannedLetters implements Letters {
    static final int LONGEST_MILLIS = 20_000;
    private static final int SHORTEST_MILLIS = 500;
    private static final int REMEMBERED = 60;
    /** The queue of what comes to nobody. */
    private static final String NOWHERE = "-";

    private final String prefix;
    private final String queue;
    /** What is on its way and may be replaced later. */
    private final Map<MessageId, String> unanswered = new HashMap<>();

    private final List<String> confirmed = new ArrayList<>();
    private long ids;

    /** @param prefix of ids that nobody else has */
    PlannedLetters(String prefix, String queue) {
        this.prefix = prefix;
        this.queue = queue;
    }

    @Override
    public synchronized Letter next(MessageId id, Random random) {
        int what = confirmed.isEmpty() ? 0 : random.nextInt(10);
        return switch (what) {
            case 6, 7 -> later(id, takeOne(random), random);
            case 8 -> {
                String plan = takeOne(random);
                Map<String, String> notes = Map.of(Published.PLAN, plan, Published.AFTER, "0");
                yield Letter.to(queue, Map.of("x-schedule-id", plan), notes);
            }
            case 9 -> {
                String plan = takeOne(random);
                var properties = Letter.with(Map.of("x-schedule-id", plan));
                yield new Letter("amq.schedule", "", NOWHERE, false, properties, Map.of(Published.PLAN, plan));
            }
            default -> later(id, prefix + "-" + ids++, random);
        };
    }

    private String takeOne(Random random) {
        return confirmed.remove(random.nextInt(confirmed.size()));
    }

    private Letter later(MessageId id, String plan, Random random) {
        int delay = SHORTEST_MILLIS + random.nextInt(LONGEST_MILLIS - SHORTEST_MILLIS);
        unanswered.put(id, plan);
        Map<String, Object> headers = Map.of("x-schedule-id", plan, "x-delay", delay);
        return Letter.to(queue, headers, Map.of(Published.PLAN, plan, Published.AFTER, "" + delay));
    }

    @Override
    public synchronized void answered(Kind kind, MessageId id) {
        String plan = unanswered.remove(id);
        if (plan != null && kind == Kind.CONFIRMED) {
            confirmed.add(plan);
            if (confirmed.size() > REMEMBERED) {
                confirmed.remove(0);
            }
        }
    }
}
