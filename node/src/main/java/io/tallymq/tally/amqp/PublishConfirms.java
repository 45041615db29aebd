package io.tallymq.tally.amqp;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.util.TreeSet;

/** A channel's publishes, so many without an answer at a time, and what became of them. */
final class PublishConfirms {
    private static final int MOST_OPEN = 1_000;

    private final Channel channel;
    private final boolean wanted;
    private final TreeSet<Long> open = new TreeSet<>();
    private long published;
    private long acked;
    private long nacked;
    private long returned;
    private String reason;
    private ShutdownSignalException closed;
    /** Since when something is waited for; 0 if nothing is. */
    private long since;

    /** @param wanted whether to ask for confirms at all */
    PublishConfirms(Channel channel, boolean wanted) throws IOException {
        this.channel = channel;
        this.wanted = wanted;
        channel.addReturnListener(back -> returned(back.getReplyCode() + " " + back.getReplyText()));
        channel.addShutdownListener(this::closed);
        channel.addConfirmListener((n, all) -> answered(n, all, true), (n, all) -> answered(n, all, false));
        if (wanted) {
            channel.confirmSelect();
        }
    }

    private synchronized void returned(String why) {
        returned++;
        reason = why;
    }

    private synchronized void closed(ShutdownSignalException why) {
        closed = why;
        notifyAll();
    }

    private synchronized void answered(long number, boolean all, boolean good) {
        int before = open.size();
        if (all) {
            open.headSet(number, true).clear();
        } else {
            open.remove(number);
        }
        int count = before - open.size();
        since = open.isEmpty() ? 0 : System.nanoTime();
        acked += good ? count : 0;
        nacked += good ? 0 : count;
        notifyAll();
    }

    /** Waits while too many are open. */
    void publish(String exchange, String key, boolean mandatory, BasicProperties properties, byte[] body)
            throws IOException, InterruptedException {
        synchronized (this) {
            while (closed == null && open.size() >= MOST_OPEN) {
                wait();
            }
            if (closed != null) {
                throw closed;
            }
            published++;
            since = since == 0 ? System.nanoTime() : since;
            if (wanted) {
                open.add(channel.getNextPublishSeqNo());
            }
        }
        channel.basicPublish(exchange, key, mandatory, properties, body);
        if (!wanted) {
            setSince(0);
        }
    }

    private synchronized void setSince(long nanos) {
        since = nanos;
    }

    /** How long nothing was answered of what is waited for. */
    synchronized long waited() {
        return since == 0 ? 0 : System.nanoTime() - since;
    }

    /** Until all are answered; without confirms, until the server has heard of all. */
    void await() throws IOException, InterruptedException {
        if (!wanted) {
            setSince(System.nanoTime());
            channel.basicQos(0); // answered after what came before
            return;
        }
        synchronized (this) {
            while (closed == null && !open.isEmpty()) {
                wait();
            }
            if (closed != null && !open.isEmpty()) {
                throw closed;
            }
        }
    }

    /** What has no answer. */
    synchronized int unanswered() {
        return open.size();
    }

    /** Nothing was refused or came back so far. */
    synchronized boolean mayGoOn() {
        return nacked == 0 && returned == 0;
    }

    synchronized long published() {
        return published;
    }

    synchronized long acked() {
        return acked;
    }

    synchronized long nacked() {
        return nacked;
    }

    synchronized long returned() {
        return returned;
    }

    /** Why the last one came back; null if none did. */
    synchronized String reason() {
        return reason;
    }
}
