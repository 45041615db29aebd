package io.tallymq.node.proof;

/**
 * Names one published message.
 *
 * @param publisher one publishing channel; a publisher that connects again is another one
 * @param sequence counted by it from 0 on, so the delivery tag of its confirm less one
 */
record MessageId(String publisher, long sequence) {
    @Override
    public String toString() {
        return publisher + "/" + sequence;
    }
}
