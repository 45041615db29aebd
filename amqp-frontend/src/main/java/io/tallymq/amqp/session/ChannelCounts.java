package io.tallymq.amqp.session;

/** What a channel did with messages since it was opened. Written on its event loop; who looks from elsewhere may see what was a moment ago. */
final class ChannelCounts {
    private long published;
    private long confirmed;
    private long returned;
    private long delivered;
    private long deliveredNoAck;
    private long got;
    private long gotNoAck;
    private long gotNothing;
    private long redelivered;
    private long acked;

    void published() {
        published++;
    }

    void confirmed(long messages) {
        confirmed += messages;
    }

    void returned() {
        returned++;
    }

    /** So many messages were written to the client for a consumer. */
    void delivered(int messages, boolean noAck, boolean again) {
        if (noAck) {
            deliveredNoAck += messages;
        } else {
            delivered += messages;
        }
        redelivered += again ? messages : 0;
    }

    /** So many were written as answers to basic.get. */
    void got(int messages, boolean noAck, boolean again) {
        if (noAck) {
            gotNoAck += messages;
        } else {
            got += messages;
        }
        redelivered += again ? messages : 0;
    }

    /** A direct reply was written. */
    void replied() {
        deliveredNoAck++;
    }

    void gotNothing() {
        gotNothing++;
    }

    void acked(long messages) {
        acked += messages;
    }

    AmqpChannelInfo.Messages look() {
        return new AmqpChannelInfo.Messages(
                published,
                confirmed,
                returned,
                delivered,
                deliveredNoAck,
                got,
                gotNoAck,
                gotNothing,
                redelivered,
                acked);
    }
}
