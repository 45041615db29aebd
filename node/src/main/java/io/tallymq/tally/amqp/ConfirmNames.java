package io.tallymq.tally.amqp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.MessageProperties;
import com.rabbitmq.client.ShutdownSignalException;
import io.tallymq.tally.context.Failure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeoutException;

/**
 * The names of a run's messages, by which what had no answer is published again, and what their receipts said. Numbers of a producer begin at 1. Any
 * thread.
 */
final class ConfirmNames {
    /** So many numbers of a producer are known to the broker. */
    static final int KNOWN = 4_096;

    private static final String PRODUCER = "x-producer-id";
    private static final String SEQ = "x-publish-seq";
    private static final String RECEIPT = "amq.receipt.";
    private static final String STORED = "stored";
    private static final String FORGOTTEN = "forgotten";
    private static final long ANSWER_MILLIS = 30_000;
    private static final int MOST_NAMED = 10;
    private static final int MOST_GAPS = 100;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String prefix;
    /** By message: what its receipt said. */
    private final Map<Integer, String> told = new TreeMap<>();

    private final List<String> examples = new ArrayList<>();
    /** By publisher: the highest number that it published, perhaps. */
    private final Map<Integer, Long> last = new TreeMap<>();
    /** The cluster's time when the run began, milliseconds since the epoch. */
    private long began = Long.MAX_VALUE;

    private boolean known;
    private long again;
    private long before;
    private long wrong;

    ConfirmNames(String run) {
        prefix = "tally-verify-" + run + "/";
    }

    /** Whether messages have names at all: where nobody knows them they are not published again. */
    synchronized boolean areKnown() {
        return known;
    }

    /** Tries it: publishes to nobody, and asks for the receipt. The channel is the caller's, and may be closed by it. */
    void probe(Channel channel) throws IOException, InterruptedException {
        try {
            channel.confirmSelect();
            channel.basicPublish("", prefix + "nobody", properties("probe", 1), new byte[0]);
            boolean acked = channel.waitForConfirms(ANSWER_MILLIS);
            Map<String, Object> told = acked ? receipt(channel, "probe", 1) : Map.of();
            synchronized (this) {
                known = outcome(told).equals("unroutable");
                began = number(told, "x-time", Long.MAX_VALUE);
            }
        } catch (TimeoutException e) {
            throw new IOException("no confirm within " + ANSWER_MILLIS / 1_000 + " s", e);
        } catch (IOException | ShutdownSignalException e) {
            ShutdownSignalException closed = e instanceof ShutdownSignalException s ? s : cause((IOException) e);
            if (closed == null || Reasons.failure(closed).exitCode() == Failure.UNREACHABLE) {
                throw e;
            }
        }
    }

    private static ShutdownSignalException cause(IOException e) {
        return e.getCause() instanceof ShutdownSignalException closed ? closed : null;
    }

    private BasicProperties properties(String producer, long number) {
        Map<String, Object> name = Map.of(PRODUCER, prefix + producer, SEQ, number);
        return MessageProperties.PERSISTENT_BASIC.builder().headers(name).build();
    }

    /** Of a message that a publisher is about to publish. */
    synchronized BasicProperties properties(int publisher, long number) {
        last.merge(publisher, number, Math::max);
        return known ? properties(Integer.toString(publisher), number) : MessageProperties.PERSISTENT_BASIC;
    }

    private Map<String, Object> receipt(Channel channel, String producer, long number) throws IOException {
        GetResponse receipt = channel.basicGet(RECEIPT + prefix + producer + "." + number, true);
        return receipt.getProps().getHeaders();
    }

    private static String outcome(Map<String, Object> receipt) {
        return String.valueOf(receipt.get("x-outcome"));
    }

    private static long number(Map<String, Object> receipt, String header, long otherwise) {
        return receipt.get(header) instanceof Long n ? n : otherwise;
    }

    /** These numbers had no answer, and are about to be published again: asks what is known of the publisher, and so which of them were stored. */
    void again(Channel channel, int publisher, Collection<Long> numbers) throws IOException {
        if (numbers.isEmpty()) {
            return;
        }
        GetResponse told = channel.basicGet(RECEIPT + prefix + publisher, true); // null: nothing of it is known
        JsonNode producer = told == null ? JSON.createObjectNode() : JSON.readTree(told.getBody());
        synchronized (this) {
            again += numbers.size();
            before += numbers.stream().filter(n -> isDecided(producer, n)).count();
        }
    }

    /** Gaps are told in order, and not all of them if they are many: what is behind the last one is not counted then. */
    private static boolean isDecided(JsonNode producer, long number) {
        JsonNode gaps = producer.path("gaps");
        for (JsonNode gap : gaps) {
            if (number <= gap.path(1).asLong()) {
                return number < gap.path(0).asLong();
            }
        }
        return gaps.size() < MOST_GAPS && number <= producer.path("last").asLong();
    }

    /** Asks for the receipt of a message, and compares. */
    void ask(Channel channel, int publisher, long number, int message, ConfirmLedger.Fate fate) throws IOException {
        Map<String, Object> receipt = receipt(channel, Integer.toString(publisher), number);
        String outcome = outcome(receipt);
        synchronized (this) {
            told.put(message, outcome);
            boolean isWrong =
                    switch (fate) {
                        case ACKED -> !outcome.equals(STORED) && !outcome.equals(FORGOTTEN);
                        case NACKED -> outcome.equals(STORED);
                        default -> false;
                    };
            if (isWrong) {
                wrong("message " + message + " was " + fate.name().toLowerCase(Locale.ROOT) + ", and its receipt says: "
                        + outcome);
            } else if (outcome.equals(FORGOTTEN) && !mayBeForgotten(receipt, publisher, number)) {
                wrong("message " + message + ", number " + number
                        + " of its producer, is forgotten as its receipt says,"
                        + " too soon: the last one published is " + last.getOrDefault(publisher, 0L));
            }
        }
    }

    /**
     * Only what is so far below the producer's last number; or if the producer is not known any more, because others took its place or it was not used
     * for long. Then it is told until when those were used that went, and this one was used since the run began.
     */
    private boolean mayBeForgotten(Map<String, Object> receipt, int publisher, long number) {
        long itsLast = number(receipt, "x-last", -1);
        return itsLast < 0
                ? number(receipt, "x-producers-forgotten-until", -1) >= began
                : Math.min(itsLast, last.getOrDefault(publisher, 0L)) >= number + KNOWN;
    }

    private void wrong(String what) {
        wrong++;
        if (examples.size() < MOST_NAMED) {
            examples.add(what);
        }
    }

    /** All came that will: what is stored as its receipt said has to be there. Whether all receipts were right. */
    synchronized boolean compare(ConfirmLedger ledger, ObjectNode numbers) {
        if (!known) {
            return true;
        }
        told.forEach((message, outcome) -> {
            if (outcome.equals(STORED) && !ledger.came(message)) {
                wrong("message " + message + " is stored as its receipt says, and never came");
            }
        });
        numbers.put("published_again", again)
                .put("stored_before", before)
                .put("receipts_asked", told.size())
                .put("receipts_stored", Collections.frequency(told.values(), STORED))
                .put("receipts_forgotten", Collections.frequency(told.values(), FORGOTTEN))
                .put("receipts_wrong", wrong);
        return wrong == 0;
    }

    /** Some that were wrong. */
    synchronized List<String> examples() {
        return List.copyOf(examples);
    }
}
