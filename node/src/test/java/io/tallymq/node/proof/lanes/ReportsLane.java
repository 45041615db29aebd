package io.tallymq.node.proof.lanes;

import com.rabbitmq.client.AMQP.BasicProperties;
import io.tallymq.node.proof.history.Feature;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import io.tallymq.node.proof.load.Letters;
import io.tallymq.node.proof.load.Letters.Letter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Publishers who want to be told what becomes of their messages: one third is acked, one third expires where nobody consumes, and one third dies of
 * that and is acked where it goes then.
 */
final class ReportsLane extends Lane {
    private static final int PREFETCH = 20;
    private static final int HOLD_MILLIS = 50;
    private static final int ONE_REQUEUED_OF = 50;
    private static final int TIME_TO_LIVE = 700;
    private static final String WORDS = "acked,expired,dead-lettered,dropped,refused";

    private final String told;
    private final List<ReportReader> readers = new ArrayList<>();

    ReportsLane(Setup setup) {
        super(Feature.REPORTS, setup);
        String acked = queue("", Map.of("x-queue-type", "quorum"));
        String brief = queue(".brief", Map.of("x-message-ttl", TIME_TO_LIVE));
        String after = queue(".after", Map.of("x-queue-type", "quorum"));
        String dying = queue(
                ".dying",
                Map.of(
                        "x-queue-type",
                        "quorum",
                        "x-message-ttl",
                        TIME_TO_LIVE,
                        "x-dead-letter-exchange",
                        "",
                        "x-dead-letter-routing-key",
                        after,
                        "x-dead-letter-strategy",
                        "at-least-once"));
        told = queue(".told", Map.of());
        Manners manners = Manners.requeueing(HOLD_MILLIS, ONE_REQUEUED_OF);
        for (int node = 1; node <= nodes(); node++) {
            publish(node, letters(acked, brief, dying, after));
            consume(node, LaneConsumer.Plan.of(acked, PREFETCH, manners));
            consume(node, LaneConsumer.Plan.of(after, PREFETCH, manners));
            ReportReader reader = new ReportReader("reports-r" + node, node, told, clients(), history());
            readers.add(reader);
            takes(reader);
        }
    }

    private Letters letters(String acked, String brief, String dying, String after) {
        return (id, random) -> {
            BasicProperties properties = Letter.with(Map.of("x-report", WORDS))
                    .builder()
                    .messageId(id.publisher() + " " + id.sequence())
                    .replyTo(told)
                    .build();
            return switch (random.nextInt(3)) {
                case 0 -> letter(acked, acked, properties, "acked@" + acked);
                case 1 -> letter(brief, "", properties, "expired@" + brief);
                default -> letter(dying, after, properties, "dead-lettered@" + dying + "+acked@" + after);
            };
        };
    }

    /** @param arrives out of which queue somebody gets it; empty: nobody does */
    private static Letter letter(String to, String arrives, BasicProperties properties, String ends) {
        return new Letter("", to, arrives.isEmpty() ? "-" : arrives, false, properties, Map.of(Published.ENDS, ends));
    }

    @Override
    protected Duration linger() {
        return Duration.ofMillis(3L * TIME_TO_LIVE);
    }

    @Override
    protected boolean quiet(Duration time) {
        return readers.stream().allMatch(r -> r.quiet(time.toNanos()));
    }
}
