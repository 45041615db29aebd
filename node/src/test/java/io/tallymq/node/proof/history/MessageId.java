package io.tallymq.node.proof.history;

/**
 * Names one published message.
 *
 * @param publisher one publishing channel; a publisher that connects again is another one
 * @param sequence counted by it from 0 on, so the delivery tag of its confirm less one
 */
public record MessageId(String publisher, long sequence) {
    private static final int INCARNATION_SHIFT = 32;

    /** Its place among all messages of a publisher that numbers its channels: {@code name.1}, {@code name.2} and so on. */
    public long place() {
        return Long.parseLong(publisher.substring(publisher.lastIndexOf('.') + 1)) << INCARNATION_SHIFT | sequence;
    }

    @Override
    public String toString() {
        return publisher + "/" + sequence;
    }
}
