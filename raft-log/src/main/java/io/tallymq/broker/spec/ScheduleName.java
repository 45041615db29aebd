package io.tallymq.broker.spec;

/** The name to which publishes go that call a scheduled message off, and, with a key behind it, from which basic.get takes what is known of one; no exchange's and no queue's. */
public final class ScheduleName {
    public static final String EXCHANGE = "amq.schedule";

    private static final String PREFIX = EXCHANGE + ".";

    private ScheduleName() {}

    /** Whether it names a scheduled message, {@code amq.schedule.KEY}: its id, or its time and number with a dot between them. */
    public static boolean isKey(String queue) {
        return queue.startsWith(PREFIX);
    }

    public static String key(String queue) {
        return queue.substring(PREFIX.length());
    }

    /** Why a message that is to come later is not taken there: at its time it would go nowhere. */
    public static String noTime() {
        return "'" + EXCHANGE
                + "' only calls off, by x-schedule-id alone: publish what is to come later to the exchange"
                + " where it is to go then, and it takes the place of the one that waits";
    }
}
