package io.tallymq.node.proof.history;

/** What must hold in a history. */
public enum Rule {
    /** Every confirmed message came out, unless it was returned, and comes again until it is acked; or it was seen as a dead letter. */
    LOST,
    /** Only what was published comes out, and where it was published to. */
    PHANTOM,
    /** The body delivered is the body published. */
    CORRUPT,
    /** What was returned as unroutable is in no queue. */
    NEVERROUTED,
    /** What was nacked, or rolled back, is in no queue. */
    REFUSED,
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
    LEFTOVER,
    /** Nobody gets a message of a group of which a living channel still holds one. */
    GROUPHOLDERS,
    /** Messages of a group come in the order of publishing; what was not acked comes before what follows it. */
    GROUPORDER,
    /** Of a queue with a single active consumer nobody gets a message while another living channel holds one. */
    SINGLEACTIVE,
    /** Who holds a message for longer than x-consumer-timeout, and nobody else, is cancelled, and the message comes to others. */
    TIMEOUT,
    /** Of the messages with one deduplication key one comes out. */
    DUPLICATE,
    /** An offset of a stream has one content, and a message has one offset; offsets follow the order of publishing. */
    OFFSET,
    /** A reader of a stream gets all messages in the order of their offsets, and goes on where it was. */
    SKIPPED,
    /** Nothing comes before its time. */
    EARLY,
    /** What has to come at a time comes then, or when the nodes serve again. */
    OVERDUE,
    /** All messages of a transaction come out, or none; and a message comes out of all queues that it is for, or of none. */
    TORN,
    /** What a receipt says is what happened: what is stored comes out, what was confirmed before it was asked for is stored. */
    RECEIPT,
    /** What is void never comes. */
    VOIDCAME,
    /** A receipt that is final never changes, and no two contradict each other. */
    FICKLE,
    /** Only what is too old is forgotten. */
    FORGOTTEN,
    /** Who came before somebody took a producer's place does not publish as him any more. */
    FENCED,
    /** What a report says has happened. */
    MISREPORTED,
    /** Each end of a message of which its publisher wants to be told is told. */
    UNREPORTED,
    /** And told once. */
    REPORTEDTWICE,
    /** Nothing that every node has to have is confirmed while one is away. */
    NOTALL,
    /** x-delivery-count is the number of attempts that failed, and a message dies when there were too many. */
    MISCOUNT,
    /** Of what waits, higher levels come first, and what was published first of those of one level. */
    PRIORITY,
    /** Of one value nobody gets an older message once a newer one was confirmed, and the newest comes. */
    STALE,
    /** What was replaced or called off before its time never comes. */
    REPLACED,
    /** Who has a filter gets what it lets through and nothing else. */
    FILTER,
    /** What was put aside comes to who names its token, and to nobody else before its time. */
    DEFERRED,
    /** What was settled with a confirm ends as it was said, once, and comes with the headers that were said. */
    OUTCOME
}
