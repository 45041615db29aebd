package io.tallymq.node.proof;

/** What must hold in a history. */
enum Rule {
    /** Every confirmed message came out, unless it was returned: delivered at least once, or seen as a dead letter. */
    LOST,
    /** Only what was published comes out, and where it was published to. */
    PHANTOM,
    /** The body delivered is the body published. */
    CORRUPT,
    /** What was returned as unroutable is in no queue. */
    NEVERROUTED,
    /** What one consumer gets of one publisher for the first time comes in the order of publishing (AMQP 0-9-1, 4.7). */
    REORDER,
    /** With a single consumer: what was confirmed before another message was published comes out before it. */
    RTORDER,
    /** Every delivery but the first is flagged as redelivered. */
    SILENTDUP,
    /** A message whose ack is known to be applied does not come again. */
    ACKEDAGAIN,
    /** x-delivery-count of a message never decreases. */
    COUNT,
    /** Nobody gets a message that a living channel still holds. */
    TWOHOLDERS,
    /** Every confirm answers a message published before, once; a return comes before the confirm. */
    CONFIRM,
    /** The queue is empty after the drain. */
    LEFTOVER
}
