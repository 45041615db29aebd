package io.tallymq.node.proof.lanes;

import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import io.tallymq.node.proof.history.MessageId;
import io.tallymq.node.proof.load.Letters;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Messages with deduplication keys, or with names. What had no answer when the connection was lost, or was nacked, is published again with the same key;
 * so is, now and then, something that was confirmed.
 */
final class KeyedLetters implements Letters {
    private static final int REMEMBERED = 100;
    private static final int ONE_AGAIN_OF = 8;

    /** How a message says its key. */
    interface Headers {
        Map<String, Object> of(String prefix, long number);
    }

    private record Keyed(long number, boolean byExchange) {}

    private final String prefix;
    private final String exchange;
    private final String behindExchange;
    private final String queue;
    private final Headers headers;
    private final Map<MessageId, Keyed> unanswered = new LinkedHashMap<>();
    private final Deque<Keyed> again = new ArrayDeque<>();
    private final List<Keyed> confirmed = new ArrayList<>();
    private String publisher = "";
    private long keys;

    /**
     * For one publisher.
     *
     * @param prefix of its keys
     * @param exchange that drops duplicates, before {@code behindExchange}
     * @param queue that drops duplicates itself
     */
    KeyedLetters(String prefix, String exchange, String behindExchange, String queue) {
        this(prefix, exchange, behindExchange, queue, (p, n) -> Map.of("x-deduplication-header", p + "-" + n));
    }

    KeyedLetters(String prefix, String exchange, String behindExchange, String queue, Headers headers) {
        this.headers = headers;
        this.prefix = prefix;
        this.exchange = exchange;
        this.behindExchange = behindExchange;
        this.queue = queue;
    }

    @Override
    public synchronized Letter next(MessageId id, Random random) {
        if (!id.publisher().equals(publisher)) {
            publisher = id.publisher();
            again.addAll(unanswered.values());
            unanswered.clear();
        }
        Keyed keyed = again.poll();
        if (keyed == null && !confirmed.isEmpty() && random.nextInt(ONE_AGAIN_OF) == 0) {
            keyed = confirmed.get(random.nextInt(confirmed.size()));
        }
        if (keyed == null) {
            keyed = new Keyed(keys++, random.nextBoolean());
        }
        unanswered.put(id, keyed);
        var properties = Letter.with(headers.of(prefix, keyed.number));
        Map<String, String> notes = Map.of(Published.KEY, prefix + "-" + keyed.number);
        return keyed.byExchange
                ? new Letter(exchange, behindExchange, behindExchange, false, properties, notes)
                : new Letter("", queue, queue, false, properties, notes);
    }

    @Override
    public synchronized void answered(Kind kind, MessageId id) {
        Keyed keyed = unanswered.remove(id);
        if (keyed == null) {
            return; // Published again meanwhile.
        }
        if (kind == Kind.NACKED) {
            again.add(keyed);
            return;
        }
        confirmed.add(keyed);
        if (confirmed.size() > REMEMBERED) {
            confirmed.remove(0);
        }
    }
}
