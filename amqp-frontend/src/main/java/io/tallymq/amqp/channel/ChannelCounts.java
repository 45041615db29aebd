package io.tallymq.amqp.channel;

/** What a channel did with messages since it was opened. Written on its event loop; who looks from elsewhere may see what was a moment ago. */
public final class ChannelCounts {
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

    /** A message was published. */
    public void published() {
        published++;
    }

    void confirmed(long messages) {
        confirmed += messages;
    }

    /** A message came back to the client. */
    public void returned() {
        returned++;
    }

    /** So many messages were written to the client for a consumer. */
    public void delivered(int messages, boolean noAck, boolean again) {
        if (noAck) {
            deliveredNoAck += messages;
        } else {
            delivered += messages;
        }
        redelivered += again ? messages : 0;
    }

    /** So many were written as answers to basic.get. */
    public void got(int messages, boolean noAck, boolean again) {
        if (noAck) {
            gotNoAck += messages;
        } else {
            got += messages;
        }
        redelivered += again ? messages : 0;
    }

    /** A direct reply was written. */
    public void replied() {
        deliveredNoAck++;
    }

    /** basic.get found nothing. */
    public void gotNothing() {
        gotNothing++;
    }

    /** The client acked so many messages. */
    public void acked(long messages) {
        acked += messages;
    }

    /** A copy. Any thread. */
    public AmqpChannelInfo.Messages look() {
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
