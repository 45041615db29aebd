package io.tallymq.broker.spec;

/** The name to which publishes go that call a scheduled message off; no exchange's. */
public final class ScheduleName {
    public static final String EXCHANGE = "amq.schedule";

    private ScheduleName() {}

    /** Why a message that is to come later is not taken there: at its time it would go nowhere. */
    public static String noTime() {
        return "'" + EXCHANGE
                + "' only calls off, by x-schedule-id alone: publish what is to come later to the exchange"
                + " where it is to go then, and it takes the place of the one that waits";
    }
}
