package io.tallymq.broker.spec;

import io.tallymq.broker.message.Terms;

/**
 * The name from which basic.get takes the receipt of a publish, {@code amq.receipt.PRODUCER.SEQ}, or what is known of a producer, {@code
 * amq.receipt.PRODUCER}; no queue's.
 *
 * @param seq -1: the producer is asked for
 */
public record ReceiptName(String producer, long seq) {
    /** To which publishes are made void. */
    public static final String EXCHANGE = "amq.receipt";

    /** The client property by which a connection takes a producer's place. */
    public static final String CLAIM = "producer_id";

    /** The client property by which a connection says of which epoch of that producer it is, and takes no place. */
    public static final String EPOCH = "producer_epoch";

    private static final String PREFIX = EXCHANGE + ".";
    private static final String ID_PREFIX = PREFIX + "id.";
    /** Digits of {@link Terms#MOST_SEQ}. */
    private static final int MOST_DIGITS = 19;

    public static boolean isName(String queue) {
        return queue.startsWith(PREFIX);
    }

    /** Whether it names a publish by its id, {@code amq.receipt.id.EXCHANGE.ID}. */
    public static boolean isOfId(String queue) {
        return queue.startsWith(ID_PREFIX);
    }

    /** {@code EXCHANGE.ID}. Where one ends and the other begins only the exchanges tell that there are. */
    public static String exchangeAndId(String queue) {
        return queue.substring(ID_PREFIX.length());
    }

    /** The name of a publish by its id. */
    public static String ofId(String exchange, String id) {
        return ID_PREFIX + exchange + '.' + id;
    }

    /** The name of a producer, for which rights are asked. */
    public static String of(String producer) {
        return PREFIX + producer;
    }

    /** The name of a publish. */
    public static String of(String producer, long seq) {
        return PREFIX + producer + '.' + seq;
    }

    /** As if it named a producer, whatever its last part is. */
    public static ReceiptName ofProducer(String queue) {
        return new ReceiptName(queue.substring(PREFIX.length()), -1);
    }

    /** Takes such a name apart: a last part that is a number is a publish's. */
    public static ReceiptName read(String queue) {
        String rest = queue.substring(PREFIX.length());
        int dot = rest.lastIndexOf('.');
        String last = rest.substring(dot + 1);
        boolean number = dot > 0
                && !last.isEmpty()
                && last.length() <= MOST_DIGITS
                && last.chars().allMatch(c -> c >= '0' && c <= '9');
        long seq = number ? Long.parseUnsignedLong(last) : -1;
        return seq >= 0 && seq <= Terms.MOST_SEQ
                ? new ReceiptName(rest.substring(0, dot), seq)
                : new ReceiptName(rest, -1);
    }

    /** Why nothing else can be done with such a name. */
    public static String reserved(String name) {
        return "queue name '" + name + "' contains reserved prefix 'amq.*': basic.get takes a receipt from it";
    }
}
