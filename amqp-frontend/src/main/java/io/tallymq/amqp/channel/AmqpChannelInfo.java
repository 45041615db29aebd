package io.tallymq.amqp.channel;

/**
 * What this node can tell about an open channel of one of its clients. The figures are of about one moment.
 *
 * @param prefetch unacked messages that a consumer may have who comes now; 0 for no limit
 * @param globalPrefetch the same of all its consumers together
 * @param confirms whether publishes are confirmed
 * @param transactional whether what is published and acked waits for tx.commit
 * @param unacked messages that the client was sent and has not settled
 * @param unconfirmed publishes that it has no confirm of
 * @param uncommitted publishes since tx.select or the last commit
 * @param uncommittedAcks acks and the like since then, each counted once, also one of several messages
 * @param messages that it had to do with since it was opened
 */
public record AmqpChannelInfo(
        int prefetch,
        int globalPrefetch,
        boolean confirms,
        boolean transactional,
        int unacked,
        long unconfirmed,
        int uncommitted,
        int uncommittedAcks,
        Messages messages) {
    /**
     * Messages by what became of them.
     *
     * @param published whatever became of them
     * @param delivered to consumers who ack, streams' included; deliveredNoAck: to those who do not, direct replies included
     * @param got by basic.get, to be acked; gotNoAck: without acks
     * @param gotNothing how often there was nothing to get
     * @param redelivered of all that were delivered or got, those that are flagged so
     * @param acked by the client
     */
    public record Messages(
            long published,
            long confirmed,
            long returned,
            long delivered,
            long deliveredNoAck,
            long got,
            long gotNoAck,
            long gotNothing,
            long redelivered,
            long acked) {
        public static final Messages NONE = new Messages(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }
}
