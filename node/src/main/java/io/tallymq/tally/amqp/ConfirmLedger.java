package io.tallymq.tally.amqp;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.tally.output.Output;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What was said of each message when it was published, and how often it came. A message is a number; all methods may be called from several
 * threads.
 */
final class ConfirmLedger {
    /** Said of a message that was sent. */
    enum Fate {
        /** Nobody said anything: its connection was lost first. */
        UNKNOWN,
        ACKED,
        NACKED,
        RETURNED
    }

    private static final int FIRST_SIZE = 1 << 16;
    private static final int MOST_NAMED = 10;

    private byte[] fates = new byte[FIRST_SIZE];
    private byte[] deliveries = new byte[FIRST_SIZE];
    private int sent;
    private long doubled;
    private long redelivered;
    private long foreign;
    private final List<String> doubles = new ArrayList<>();

    /** The number of a new message, of which nothing is known. */
    synchronized int send() {
        if (sent == fates.length) {
            fates = Arrays.copyOf(fates, sent * 2);
            deliveries = Arrays.copyOf(deliveries, sent * 2);
        }
        return sent++;
    }

    /** What came back is acked as well: that it came back stays. */
    synchronized void say(int message, Fate fate) {
        if (fates[message] != Fate.RETURNED.ordinal()) {
            fates[message] = (byte) fate.ordinal();
        }
    }

    /** It came. A second time has to be flagged. */
    synchronized void deliver(int message, boolean flagged) {
        if (message < 0 || message >= sent) {
            foreign++;
            return;
        }
        if (flagged) {
            redelivered++;
        }
        if (deliveries[message] > 0 && !flagged) {
            doubled++;
            name(doubles, "message " + message + " came twice, and was not flagged redelivered");
        }
        deliveries[message] = (byte) Math.min(Byte.MAX_VALUE, deliveries[message] + 1);
    }

    /** Whether it came so far. */
    synchronized boolean came(int message) {
        return deliveries[message] > 0;
    }

    synchronized Fate fate(int message) {
        return Fate.values()[fates[message]];
    }

    synchronized void deliverForeign() {
        foreign++;
    }

    private static void name(List<String> examples, String what) {
        if (examples.size() < MOST_NAMED) {
            examples.add(what);
        }
    }

    synchronized int sent() {
        return sent;
    }

    synchronized long count(Fate fate) {
        long count = 0;
        for (int i = 0; i < sent; i++) {
            count += fates[i] == fate.ordinal() ? 1 : 0;
        }
        return count;
    }

    private long count(Fate fate, boolean came) {
        long count = 0;
        for (int i = 0; i < sent; i++) {
            count += fates[i] == fate.ordinal() && deliveries[i] > 0 == came ? 1 : 0;
        }
        return count;
    }

    /** Those that were promised and did not come so far. */
    synchronized long missing() {
        return count(Fate.ACKED, false);
    }

    /**
     * What it comes to.
     *
     * @param kept whether every promise was kept; also if there was none
     * @param proved whether there was one, and all were kept
     * @param examples of broken ones, a few
     */
    record Verdict(boolean kept, boolean proved, ObjectNode numbers, List<String> examples) {}

    synchronized Verdict verdict() {
        long acked = count(Fate.ACKED);
        long lost = count(Fate.ACKED, false);
        long returned = count(Fate.RETURNED);
        long nackedCame = count(Fate.NACKED, true);
        List<String> examples = new ArrayList<>(doubles);
        for (int i = 0; i < sent; i++) {
            if (fates[i] == Fate.ACKED.ordinal() && deliveries[i] == 0) {
                name(examples, "message " + i + " was acked, and never came");
            } else if (fates[i] == Fate.NACKED.ordinal() && deliveries[i] > 0) {
                name(examples, "message " + i + " was nacked, and came");
            } else if (fates[i] == Fate.RETURNED.ordinal()) {
                name(examples, "message " + i + " came back: the queue was not there");
            }
        }
        ObjectNode numbers = Output.object()
                .put("sent", sent)
                .put("acked", acked)
                .put("acked_and_delivered", count(Fate.ACKED, true))
                .put("acked_and_lost", lost)
                .put("nacked", count(Fate.NACKED))
                .put("nacked_and_delivered", nackedCame)
                .put("returned", returned)
                .put("returned_and_delivered", count(Fate.RETURNED, true))
                .put("unknown", count(Fate.UNKNOWN))
                .put("unknown_and_delivered", count(Fate.UNKNOWN, true))
                .put("redelivered", redelivered)
                .put("doubled_without_flag", doubled)
                .put("foreign", foreign);
        boolean kept = lost == 0 && nackedCame == 0 && returned == 0 && doubled == 0;
        return new Verdict(kept, kept && acked > 0, numbers, List.copyOf(examples));
    }
}
