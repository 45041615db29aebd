package io.tallymq.broker.receipts;

/**
 * Where a message stands, or stood last.
 *
 * @param queue its number
 * @param name of the queue, as it was then
 * @param seq the message's number in it
 * @param from the queue that it came from, if it was not published there; else empty
 * @param why it left that queue; if {@code from} is empty, why it left this one and went nowhere. Empty: neither
 */
public record Placed(long queue, String name, long seq, String from, String why) {
    public Placed(long queue, String name, long seq) {
        this(queue, name, seq, "", "");
    }

    Placed next(long distance) {
        return distance == 0 ? this : new Placed(queue, name, seq + distance, from, why);
    }
}
