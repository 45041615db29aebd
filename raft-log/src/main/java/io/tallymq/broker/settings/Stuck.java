package io.tallymq.broker.settings;

/** Why dead letters can't go where they are to go. New reasons come last: the store has their places. */
public enum Stuck {
    /** They go, or it is not known. */
    NOT,
    /** Their exchange is not there, or nothing is bound to it for them. */
    NOWHERE,
    /** One of their queues refuses what is too much. */
    NO_ROOM;

    private static final Stuck[] ALL = values();

    public static Stuck of(int number) {
        return number < ALL.length ? ALL[number] : NOT;
    }

    /** For people; empty if there is nothing to say. */
    public String text(QueueSettings.DeadLetter to) {
        if (this == NOT || to == null) {
            return "";
        }
        if (this == NO_ROOM) {
            return "a queue that they go to has no room: consume it, or raise its limit";
        }
        String key = to.routingKey() == null ? "their routing keys" : "routing key '" + to.routingKey() + "'";
        return to.exchange().isEmpty()
                ? "there is no queue with the name of " + key
                : "exchange '" + to.exchange() + "' is not there, or no queue is bound to it for " + key;
    }
}
